package dev.sluice.bench;

import org.HdrHistogram.Histogram;

/**
 * A histogram of durations with a relative error of a thousandth. Adding a duration and reading a percentile take constant
 * time, so that the bench does not disturb the measurement. Confined to one thread.
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

    /** A copy of the current state. */
    Samples copy() {
        return new Samples(nanos.copy());
    }

    void clear() {
        nanos.reset();
    }

    /**
     * A percentile by the nearest-rank method.
     *
     * @param share from 0 to 1: 0.5 is the median, 1 the longest
     * @return nanoseconds; NaN if there is no sample
     */
    double percentile(double share) {
        return count() == 0 ? Double.NaN : nanos.getValueAtPercentile(100 * share);
    }
}
