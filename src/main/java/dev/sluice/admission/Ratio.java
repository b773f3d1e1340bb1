package dev.sluice.admission;

/** Exact division of products that do not fit into a {@code long}. */
final class Ratio {
    /** The result for everything that is at least so large. As nanoseconds, it is 146 years. */
    static final long MOST = 1L << 62;

    private Ratio() {}

    /**
     * a × b ÷ c, rounded down; at most {@link #MOST}. All three are 0 or more, c is 1 or more, a × b is less than 2<sup>110</sup>,
     * and c less than 2<sup>60</sup>.
     */
    static long floor(long a, long b, long c) {
        double near = (double) a * b / c;
        if (near >= MOST) {
            return MOST;
        }
        long quotient = (long) near;
        // The products overflow, but their difference does not, because near is right in its first 50 bits.
        long rest = a * b - quotient * c;
        return quotient + Math.floorDiv(rest, c);
    }

    /** The same, rounded up. */
    static long ceiling(long a, long b, long c) {
        long floor = floor(a, b, c);
        return floor == MOST || a * b == floor * c ? floor : floor + 1;
    }
}
