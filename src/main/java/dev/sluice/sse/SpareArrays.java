package dev.sluice.sse;

/**
 * Byte arrays that a thread's streams use in turn, while each is run: an array that the processor has just had in hand is
 * quicker than a stream's own, and a stream that only waits holds none.
 *
 * <p>A thread keeps two small and two large ones, for a stream reads from one and writes into another; and a stream that
 * has to hold on to a few bytes should not hold an array that a flood has left. Any thread may take an array and another
 * give it back; the taker has it for itself until then.
 */
final class SpareArrays {
    private static final int SMALLEST = 4 * 1024;
    private static final int LARGEST_SMALL = 8 * 1024;

    /** In bytes: what a flood needs. Larger ones are for the garbage collector. */
    private static final int LARGEST_KEPT = 64 * 1024;

    private static final int OF_A_KIND = 2;

    // Arrays of the JDK's own: anything of ours would keep our class loader with a container's thread. First the small
    // ones, then the large ones.
    private static final ThreadLocal<byte[][]> SPARE = ThreadLocal.withInitial(() -> new byte[2 * OF_A_KIND][]);

    private SpareArrays() {}

    /** An array of {@code length} bytes or more, whatever they are. */
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

    /** {@code array} is not used any more, by nobody. */
    static void give(byte[] array) {
        if (array.length < SMALLEST || array.length > LARGEST_KEPT) {
            return;
        }
        byte[][] spare = SPARE.get();
        int first = slot(array.length);
        for (int i = first; i < first + OF_A_KIND; i++) {
            if (spare[i] == null) {
                spare[i] = array;
                return;
            }
        }
    }

    private static int slot(int length) {
        return length <= LARGEST_SMALL ? 0 : OF_A_KIND;
    }
}
