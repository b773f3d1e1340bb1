package dev.sluice.bench;

import org.HdrHistogram.Histogram;

/**
 * Durations, for percentiles, each known to a thousandth. Neither adding one nor a percentile takes longer when there
 * are many: whoever measures must not hold up what is measured. Confined to one thread.
 */
final class Samples {
    private static final int SIGNIFICANT_DIGITS = 3;

    private final Histogram nanos;

    Samples() {
        this(new Histogram(SIGNIFICANT_DIGITS));
    }

    private Samples(Histogram nanos) {
        this.nanos = nanos;
    }

    void add(long value) {
        nanos.recordValue(value);
    }

    long count() {
        return nanos.getTotalCount();
    }

    /** As they are now. */
    Samples copy() {
        return new Samples(nanos.copy());
    }

    void clear() {
        nanos.reset();
    }

    /**
     * By the nearest rank.
     *
     * @param share from 0 to 1: 0.5 is the median, 1 the longest
     * @return nanoseconds; NaN if there is no sample
     */
    double percentile(double share) {
        return count() == 0 ? Double.NaN : nanos.getValueAtPercentile(100 * share);
    }
}
