package dev.sluice.admission;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingLong;

import dev.sluice.admission.Limit.Unit;
import dev.sluice.relay.Head.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The headers that tell a caller of its limits, by the names and in the format of OpenAI. There is one set for requests and one for
 * tokens: of several periods, that of which the least remains. Streams have none.
 */
final class LimitHeaders {
    /** The first is the limit that stops its caller first. */
    private static final Comparator<Level> NEAREST = comparingLong(Level::remaining)
            .thenComparing(comparing(Level::reset).reversed());

    private static final long NANOS_PER_MILLI = 1_000_000;

    private LimitHeaders() {}

    /** Those of an answer to a request that was let in. */
    static List<Field> of(List<Level> levels) {
        return fields(levels, null, 0);
    }

    /**
     * Those of a refusal, beside {@code Retry-After}.
     *
     * @param reached the limit that it names
     */
    static List<Field> ofRefusal(List<Level> levels, Level reached, Duration again) {
        List<Field> fields = fields(levels, reached, 1);
        fields.add(new Field("retry-after-ms", Long.toString(millis(again))));
        return fields;
    }

    private static List<Field> fields(List<Level> levels, @Nullable Level reached, int more) {
        List<Field> fields = new ArrayList<>(6 + more);
        add(fields, "requests", shown(Unit.REQUESTS, levels, reached));
        add(fields, "tokens", shown(Unit.TOKENS, levels, reached));
        return fields;
    }

    private static void add(List<Field> fields, String unit, @Nullable Level level) {
        if (level != null) {
            fields.add(new Field(
                    "x-ratelimit-limit-" + unit, Long.toString(level.limit().amount())));
            fields.add(new Field("x-ratelimit-remaining-" + unit, Long.toString(level.remaining())));
            fields.add(new Field("x-ratelimit-reset-" + unit, time(level.reset())));
        }
    }

    /** Null if there is no limit of this unit. */
    private static @Nullable Level shown(Unit unit, List<Level> levels, @Nullable Level reached) {
        if (reached != null && reached.limit().unit() == unit) {
            return reached;
        }
        Level nearest = null;
        for (Level level : levels) {
            if (level.limit().unit() == unit && (nearest == null || NEAREST.compare(level, nearest) < 0)) {
                nearest = level;
            }
        }
        return nearest;
    }

    /** As Go writes it: {@code 120ms}, {@code 7s}, {@code 6m0s}, {@code 1h0m0s}; rounded up. */
    static String time(Duration time) {
        long millis = millis(time);
        if (millis > 0 && millis < 1_000) {
            return millis + "ms";
        }
        long seconds = (millis + 999) / 1_000;
        if (seconds < 60) {
            return seconds + "s";
        }
        String minutes = seconds / 60 % 60 + "m" + seconds % 60 + "s";
        return seconds < 3_600 ? minutes : seconds / 3_600 + "h" + minutes;
    }

    /** Rounded up: who comes back earlier is refused again. */
    private static long millis(Duration time) {
        return time.plusNanos(NANOS_PER_MILLI - 1).toMillis();
    }
}
