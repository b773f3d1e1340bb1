package dev.sluice.admission;

import dev.sluice.admission.Limit.Unit;
import dev.sluice.config.Rate.Period;

/**
 * What is spent of one limit, and regained at a constant rate. It counts exactly: what is regained is added up in fractions of a
 * unit, and nothing is rounded but what is read. Guarded by its account.
 */
final class Bucket {
    /** The largest debt: more than any upstream reports in earnest, and small enough for exact sums. */
    private static final long MOST_SPENT = 1L << 60;

    private final Unit unit;
    private final Period period;
    private final long nanos; // of the period

    /** What is regained in each period. */
    private long amount;

    /** What is spent is this many units and {@link #parts}. */
    private long units;

    /** Fractions of a unit; there are as many in a unit as there are nanoseconds in the period. */
    private long parts;

    Bucket(Unit unit, Period period, long amount) {
        this.unit = unit;
        this.period = period;
        this.nanos = period.length().toNanos();
        this.amount = amount;
    }

    boolean is(Unit unit, Period period) {
        return this.unit == unit && this.period == period;
    }

    Unit unit() {
        return unit;
    }

    /** From now on, so much is regained in each period. */
    void amount(long amount) {
        this.amount = amount;
    }

    /** Time has passed. */
    void pass(long time) {
        if (isWhole()) {
            return;
        }
        long part = time % nanos;
        long regained = Ratio.floor(amount, part, nanos);
        parts -= amount * part - regained * nanos; // the products may overflow, the difference is less than a unit
        if (parts < 0) {
            parts += nanos;
            units--;
        }
        units -= regained + Ratio.floor(amount, time / nanos, 1);
        if (units < 0) {
            units = 0;
            parts = 0;
        }
    }

    void spend(long more) {
        units = Math.min(MOST_SPENT, units + Math.min(MOST_SPENT, more));
    }

    /** What is spent, rounded up. */
    long spent() {
        return parts == 0 ? units : units + 1;
    }

    boolean isWhole() {
        return units == 0 && parts == 0;
    }

    /** The nanoseconds after which nothing counts as spent, rounded up. */
    long wholeAfter() {
        long forUnits = Ratio.floor(units, nanos, amount);
        if (forUnits == Ratio.MOST) {
            return forUnits;
        }
        long rest = units * nanos - forUnits * amount + parts; // of the units, less than amount
        return forUnits + (rest + amount - 1) / amount;
    }
}
