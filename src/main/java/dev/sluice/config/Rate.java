package dev.sluice.config;

import java.time.Duration;
import java.util.Locale;

/**
 * How much may be used within a period, such as {@code 20000/m}.
 *
 * @param amount 1 or more
 */
public record Rate(long amount, Period period) {
    /** The periods for which limits can be set. */
    public enum Period {
        SECOND(Duration.ofSeconds(1)),
        MINUTE(Duration.ofMinutes(1)),
        HOUR(Duration.ofHours(1)),
        DAY(Duration.ofDays(1));

        private final Duration length;

        Period(Duration length) {
            this.length = length;
        }

        public Duration length() {
            return length;
        }

        /** The word for it in messages. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Rate {
        if (amount < 1) {
            throw new IllegalArgumentException("A rate allows at least 1");
        }
    }
}
