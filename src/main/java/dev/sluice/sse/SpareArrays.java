package dev.sluice.sse;

/**
 * Byte arrays that a thread's streams use in turn, while each is run: an array that the processor has just had in hand is
 * quicker than a stream's own, and a stream that only waits holds none.
 *
 * <p>A thread keeps two, for a stream reads from one and writes into another. Any thread may take an array and another
 * give it back; the taker has it for itself until then.
 */
final class SpareArrays {
    private static final int SMALLEST = 4 * 1024;

    /** In bytes: what a flood needs. Larger ones are for the garbage collector. */
    private static final int LARGEST_KEPT = 64 * 1024;

    // Arrays of the JDK's own: anything of ours would keep our class loader with a container's thread.
    private static final ThreadLocal<byte[][]> SPARE = ThreadLocal.withInitial(() -> new byte[2][]);

    private SpareArrays() {}

    /** An array of {@code length} bytes or more, whatever they are. */
    static byte[] take(int length) {
        byte[][] spare = SPARE.get();
        for (int i = 0; i < spare.length; i++) {
            byte[] array = spare[i];
            if (array != null && array.length >= length) {
                spare[i] = null;
                return array;
            }
        }
        return new byte[Math.max(SMALLEST, length)];
    }

    /** {@code array} is not used any more, by nobody. The larger ones are kept, if there are too many. */
    static void give(byte[] array) {
        if (array.length < SMALLEST || array.length > LARGEST_KEPT) {
            return;
        }
        byte[][] spare = SPARE.get();
        byte[] given = array;
        for (int i = 0; i < spare.length; i++) {
            byte[] kept = spare[i];
            if (kept == null) {
                spare[i] = given;
                return;
            }
            if (kept.length < given.length) {
                spare[i] = given;
                given = kept;
            }
        }
    }
}
