package dev.sluice.admission;

import dev.sluice.config.Rate.Period;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One limit of a plan. Immutable.
 *
 * @param amount 1 or more
 * @param period the time in which an account that is spent is whole again, at a constant rate; null for {@link Unit#STREAMS}
 */
public record Limit(Unit unit, long amount, @Nullable Period period) {
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
}
