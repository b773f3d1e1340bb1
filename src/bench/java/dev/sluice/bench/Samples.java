package dev.sluice.bench;

import java.util.Arrays;

/** Durations, each kept, for percentiles. Confined to one thread. */
final class Samples {
    /** More than any run has; further ones are left out. */
    private static final int MAX = 4_000_000;

    private long[] nanos = new long[1024];
    private int count;

    void add(long value) {
        if (count == MAX) {
            return;
        }
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, Math.min(MAX, 2 * count));
        }
        nanos[count++] = value;
    }

    int count() {
        return count;
    }

    /** As they are now. */
    Samples copy() {
        Samples copy = new Samples();
        copy.nanos = Arrays.copyOf(nanos, nanos.length);
        copy.count = count;
        return copy;
    }

    void clear() {
        count = 0;
    }

    /**
     * By the nearest rank.
     *
     * @param share from 0 to 1: 0.5 is the median, 1 the longest
     * @return nanoseconds; NaN if there is no sample
     */
    double percentile(double share) {
        if (count == 0) {
            return Double.NaN;
        }
        Arrays.sort(nanos, 0, count);
        int rank = (int) Math.ceil(share * count);
        return nanos[Math.max(1, rank) - 1];
    }
}
