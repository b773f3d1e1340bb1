package dev.sluice.dialect.anthropic;

import dev.sluice.relay.Head.Field;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The headers by which Anthropic tells its clients of their limits: {@code anthropic-ratelimit-requests-limit},
 * {@code -remaining} and {@code -reset}, and the same for tokens. OpenAI's have the words in another order, and the time until
 * the limit is there again in whole, where Anthropic has the time of day. Stateless.
 */
final class AnthropicLimits {
    private static final Pattern NAME = Pattern.compile("x-ratelimit-(limit|remaining|reset)-(requests|tokens)");

    /** As Go writes it: {@code 120ms}, {@code 7s}, {@code 6m0s}, {@code 1h0m0s}. */
    private static final Pattern TIME =
            Pattern.compile("(?:(\\d{1,9})h)?(?:(\\d{1,9})m(?!s))?(?:(\\d{1,9})s)?(?:(\\d{1,9})ms)?");

    private AnthropicLimits() {}

    /**
     * The headers in Anthropic's words; others stay as they are.
     *
     * @param fields as OpenAI has them
     */
    static List<Field> of(List<Field> fields, Instant now) {
        return fields.stream().map(field -> of(field, now)).toList();
    }

    private static Field of(Field field, Instant now) {
        Matcher name = NAME.matcher(field.name());
        if (!name.matches()) {
            return field;
        }
        String value = name.group(1).equals("reset") ? after(field.value(), now) : field.value();
        return new Field("anthropic-ratelimit-" + name.group(2) + "-" + name.group(1), value);
    }

    /** The time of day after this time from now, in the format of RFC 3339. It is rounded up to a whole second. */
    private static String after(String time, Instant now) {
        Matcher parts = TIME.matcher(time);
        Duration wait = Duration.ZERO;
        if (parts.matches()) {
            wait = Duration.ofHours(number(parts, 1))
                    .plusMinutes(number(parts, 2))
                    .plusSeconds(number(parts, 3))
                    .plusMillis(number(parts, 4));
        }
        return now.plus(wait)
                .plusNanos(999_999_999)
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();
    }

    private static long number(Matcher parts, int group) {
        String digits = parts.group(group);
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
