package dev.sluice.admission;

import dev.sluice.config.Rate.Period;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One limit of a plan. Immutable.
 *
 * @param amount from 1 to {@link #MOST}
 * @param period the time in which an account that is spent is whole again, at a constant rate; null for {@link Unit#STREAMS} only
 */
public record Limit(Unit unit, long amount, @Nullable Period period) {
    /** The largest amount: the arithmetic is exact up to it. */
    public static final long MOST = 1L << 50;

    /** What is counted. */
    public enum Unit {
        /** Streams that are open: held from the admission to the end, and never spent. */
        STREAMS,
        /** Requests: spent by the admission. */
        REQUESTS,
        /** Tokens of prompts and answers: held from the admission to the end, and then spent as many as were used. */
        TOKENS;

        /** The word for it in messages. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Limit {
        if (amount < 1 || amount > MOST || (period == null) != (unit == Unit.STREAMS)) {
            throw new IllegalArgumentException("No limit: " + amount + " " + unit + " per " + period);
        }
    }

    /**
     * How much of it a request needs. A request that needs more tokens than the limit has at all needs all of them: it is let in
     * if nothing is spent or held.
     *
     * @param tokens the estimate for the prompt and the answer
     */
    public long need(long tokens) {
        return unit == Unit.TOKENS ? Math.min(tokens, amount) : 1;
    }

    /** Whether a request with this estimate fits, if so much is spent and held. */
    boolean fits(long spent, long held, long tokens) {
        return spent + held + need(tokens) <= amount;
    }

    /**
     * The time in which so much is regained, rounded up to nanoseconds; negative for a negative number. Not for
     * {@link Unit#STREAMS}.
     */
    Duration regain(long much) {
        if (period == null) {
            throw new IllegalStateException("Streams are not regained in time");
        }
        long nanos = period.length().toNanos();
        return Duration.ofNanos(much < 0 ? -Ratio.floor(-much, nanos, amount) : Ratio.ceiling(much, nanos, amount));
    }
}
