package dev.sluice.sse;

import static java.lang.invoke.MethodHandles.byteArrayViewVarHandle;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.invoke.VarHandle;

/**
 * Looks at eight bytes at once, as one number whose lowest byte comes first. What is found is marked by the highest bit
 * of its byte. Of several marks only the first can be trusted: a borrow may run from it into the bytes behind.
 */
public final class EightBytes {
    private static final VarHandle VIEW = byteArrayViewVarHandle(long[].class, LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGHEST_BITS = 0x8080_8080_8080_8080L;

    private EightBytes() {}

    /** Those from {@code index} on, which must all lie in the array. */
    public static long at(byte[] bytes, int index) {
        return (long) VIEW.get(bytes, index);
    }

    /** Marks the bytes that are the given one, which must be ASCII. */
    public static long equalTo(char ascii, long eight) {
        return below(1, eight ^ (ascii * ONES));
    }

    /** Marks the ASCII bytes that are below the given one. */
    public static long below(int ascii, long eight) {
        return (eight - ascii * ONES) & ~eight & HIGHEST_BITS;
    }

    /** Marks the bytes that are not ASCII: every mark can be trusted. */
    public static long nonAscii(long eight) {
        return eight & HIGHEST_BITS;
    }

    /** The first {@code count} of them, from 0 to 7, and zeros behind. */
    static long firstOf(int count, long eight) {
        return eight & ((1L << (count << 3)) - 1);
    }

    /** Where the first mark is, from 0 to 7. */
    public static int first(long marks) {
        return Long.numberOfTrailingZeros(marks) >>> 3;
    }
}
