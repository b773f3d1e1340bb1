package dev.sluice.dialect;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The header {@code Retry-After}: RFC 9110, section 10.2.3. */
final class RetryAfter {
    /** A number. Some providers send fractions. */
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9})?");

    private static final DateTimeFormatter DATE = DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT);

    private RetryAfter() {}

    /**
     * The time after which an answer asks to retry.
     *
     * @param millis its {@code retry-after-ms}; OpenAI and Azure send it as well, and SDKs prefer it
     * @param value its {@code Retry-After}
     */
    static @Nullable Duration of(@Nullable String millis, @Nullable String value, Instant now) {
        return millis != null && NUMBER.matcher(millis.strip()).matches()
                ? Duration.ofMillis(new BigDecimal(millis.strip())
                        .setScale(0, RoundingMode.CEILING)
                        .longValueExact())
                : parse(value, now);
    }

    /**
     * The time after which the header asks to retry.
     *
     * @return whole seconds from {@code now}, rounded up and never negative; null if the value is missing or ill-formed
     */
    static @Nullable Duration parse(@Nullable String value, Instant now) {
        if (value == null) {
            return null;
        }
        String text = value.strip();
        if (NUMBER.matcher(text).matches()) {
            return Duration.ofSeconds(
                    new BigDecimal(text).setScale(0, RoundingMode.CEILING).longValueExact());
        }
        try {
            Duration wait = Duration.between(now, DATE.parse(text, Instant::from));
            return wait.isNegative()
                    ? Duration.ZERO
                    : Duration.ofSeconds(wait.plusNanos(999_999_999).toSeconds());
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
