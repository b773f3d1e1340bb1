package dev.sluice.sse;

/**
 * Byte arrays that the streams of one thread use in turn while the thread runs them. An array that the processor has just
 * used is quicker than one of the stream's own, and a stream that only waits holds none.
 *
 * <p>A thread keeps two small and two large arrays: a stream reads from one and writes into another, and a stream that
 * keeps a few bytes while it waits should not keep the large array of a flood. Any thread may take an array, and any other
 * may give it back. Until then it is the taker's alone.
 */
final class SpareArrays {
    private static final int SMALLEST = 4 * 1024;
    private static final int LARGEST_SMALL = 8 * 1024;

    /** In bytes. A flood needs no larger arrays; those are left to the garbage collector. */
    private static final int LARGEST_KEPT = 64 * 1024;

    private static final int OF_A_KIND = 2;

    // First the small arrays, then the large ones. They are bare arrays because an object of a class of ours would tie
    // our class loader to a container's thread.
    private static final ThreadLocal<byte[][]> SPARE = ThreadLocal.withInitial(() -> new byte[2 * OF_A_KIND][]);

    private SpareArrays() {}

    /** An array of {@code length} bytes or more, with any content. */
    static byte[] take(int length) {
        byte[][] spare = SPARE.get();
        int first = slot(length);
        for (int i = first; i < first + OF_A_KIND; i++) {
            byte[] array = spare[i];
            if (array != null && array.length >= length) {
                spare[i] = null;
                return array;
            }
        }
        return new byte[Math.max(SMALLEST, length)];
    }

    /**
     * {@code array} is not used any more. Of too many, the largest are kept: otherwise an output that grows would find
     * only arrays that it has outgrown before.
     */
    static void give(byte[] array) {
        if (array.length < SMALLEST || array.length > LARGEST_KEPT) {
            return;
        }
        byte[][] spare = SPARE.get();
        int first = slot(array.length);
        byte[] given = array;
        for (int i = first; i < first + OF_A_KIND && given != null; i++) {
            byte[] other = spare[i];
            if (other == null || other.length < given.length) {
                spare[i] = given;
                given = other;
            }
        }
    }

    private static int slot(int length) {
        return length <= LARGEST_SMALL ? 0 : OF_A_KIND;
    }
}
