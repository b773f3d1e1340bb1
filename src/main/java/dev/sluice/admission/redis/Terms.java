package dev.sluice.admission.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.admission.Level;
import dev.sluice.admission.Limit;
import dev.sluice.admission.Limit.Unit;
import dev.sluice.config.Rate.Period;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** The limits of an account, as scripts read them. Immutable. */
final class Terms {
    private final List<Limit> limits;
    private final byte[] text;

    Terms(List<Limit> limits) {
        this.limits = limits;
        StringBuilder all = new StringBuilder();
        for (Limit limit : limits) {
            all.append(id(limit))
                    .append(' ')
                    .append(limit.amount())
                    .append(' ')
                    .append(nanos(limit) / 1000)
                    .append(';');
        }
        this.text = all.toString().getBytes(UTF_8);
    }

    List<Limit> limits() {
        return limits;
    }

    /** {@code id amount microseconds;} for each limit. */
    byte[] text() {
        return text;
    }

    /** How much of a limit is regained in this time. */
    static double regained(Limit limit, long nanos) {
        return (double) limit.amount() * nanos / nanos(limit);
    }

    /**
     * The levels.
     *
     * @param spent of each limit, in their order
     */
    List<Level> levels(double[] spent, long tokens, long streams) {
        Level[] levels = new Level[limits.size()];
        for (int i = 0; i < levels.length; i++) {
            Limit limit = limits.get(i);
            levels[i] = switch (limit.unit()) {
                case STREAMS -> new Level(limit, 0, streams, Duration.ZERO);
                case REQUESTS -> level(limit, spent[i], 0);
                case TOKENS -> level(limit, spent[i], tokens);
            };
        }
        return List.of(levels);
    }

    private static Level level(Limit limit, double spent, long held) {
        // What a double cannot tell from a whole number is one.
        double rounded = Math.ceil(spent - 1e-6);
        Duration whole = Duration.ofNanos((long) Math.ceil(spent * nanos(limit) / limit.amount()));
        return new Level(limit, (long) rounded, held, whole);
    }

    private static String id(Limit limit) {
        Period period = limit.period();
        return limit.unit().label() + (period == null ? "" : "/" + period.name().toLowerCase(Locale.ROOT));
    }

    /** 0 for {@link Unit#STREAMS}. */
    private static long nanos(Limit limit) {
        Period period = limit.period();
        return period == null ? 0 : period.length().toNanos();
    }
}
