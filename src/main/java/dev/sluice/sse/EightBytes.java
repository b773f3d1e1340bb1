package dev.sluice.sse;

import static java.lang.invoke.MethodHandles.byteArrayViewVarHandle;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.invoke.VarHandle;

/**
 * Searches eight bytes at once, as one number whose lowest byte is the first. Each byte that is found is marked by its
 * highest bit. Only the first of several marks is certain, because the subtraction may borrow from the bytes behind it.
 */
public final class EightBytes {
    private static final VarHandle VIEW = byteArrayViewVarHandle(long[].class, LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGHEST_BITS = 0x8080_8080_8080_8080L;

    private EightBytes() {}

    /** The eight bytes from {@code index} on, which must lie in the array. */
    public static long at(byte[] bytes, int index) {
        return (long) VIEW.get(bytes, index);
    }

    /** Marks the bytes that equal the given character, which must be ASCII. */
    public static long equalTo(char ascii, long eight) {
        return below(1, eight ^ (ascii * ONES));
    }

    /** Marks the ASCII bytes that are less than the given one. */
    public static long below(int ascii, long eight) {
        return (eight - ascii * ONES) & ~eight & HIGHEST_BITS;
    }

    /** Marks the bytes that are not ASCII. Every mark is certain. */
    public static long nonAscii(long eight) {
        return eight & HIGHEST_BITS;
    }

    /** The first {@code count} bytes, from 0 to 7, with zeros in place of the others. */
    static long firstOf(int count, long eight) {
        return eight & ((1L << (count << 3)) - 1);
    }

    /** The index of the first mark, from 0 to 7. */
    public static int first(long marks) {
        return Long.numberOfTrailingZeros(marks) >>> 3;
    }
}
