package dev.sluice.admission;

import dev.sluice.admission.Ledger.Reached;
import dev.sluice.admission.Limit.Unit;
import dev.sluice.chat.Failure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a caller is told that is not let in. */
final class LimitWords {
    private static final long SECONDS_PER_MINUTE = 60;
    private static final int LONGEST_NAME = 200;

    private LimitWords() {}

    /** Of a request that does not fit into a limit of its plan. */
    static Failure reached(String plan, Reached reached) {
        Level level = reached.level();
        Limit limit = level.limit();
        StringBuilder message = new StringBuilder("Limit ")
                .append(name(limit))
                .append(" of plan \"")
                .append(plan)
                .append("\" reached: ")
                .append(limit.amount())
                .append(", of which ")
                .append(used(level))
                .append("; this request needs ")
                .append(reached.need())
                .append(". ");
        if (limit.unit() == Unit.STREAMS) {
            message.append("It fits when one of them has ended. ");
        }
        message.append("Try again in ").append(time(reached.again())).append('.');
        return new Failure(429, "rate_limit_error", "rate_limit_exceeded", message.toString(), null, reached.again());
    }

    /** Of a request for a model that its plan does not have. */
    static Failure notAllowed(String plan, @Nullable String model) {
        String asked = model == null ? "a request without a model" : "the model \"" + bounded(model) + "\"";
        return Failure.invalid(
                403,
                "model_not_allowed",
                "Plan \"" + plan + "\" does not allow " + asked + ". GET /v1/models lists what it allows.",
                "model");
    }

    /** Of a request that cannot be counted, because the store that nodes share does not answer. */
    static Failure unknown() {
        return Failure.unavailable(
                "overloaded",
                "limits_unknown",
                "The store in which this server and others count together does not answer, so it is not known what this"
                        + " caller has used. Try again in 1 s.",
                Duration.ofSeconds(1));
    }

    private static String bounded(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "…";
    }

    private static String name(Limit limit) {
        return limit.period() == null
                ? limit.unit().label() + " at once"
                : limit.unit().label() + " per " + limit.period().label();
    }

    private static String used(Level level) {
        if (level.held() == 0) {
            return level.spent() + " are spent";
        }
        String held = level.held() + (level.spent() == 0 ? " are held" : " held") + " by running answers";
        return level.spent() == 0 ? held : level.spent() + " are spent and " + held;
    }

    /** Rounded up. */
    private static String time(Duration time) {
        long seconds = time.plusNanos(999_999_999).toSeconds();
        if (seconds < 2 * SECONDS_PER_MINUTE) {
            return seconds + " s";
        }
        long minutes = (seconds + SECONDS_PER_MINUTE - 1) / SECONDS_PER_MINUTE;
        return minutes < 2 * 60 ? minutes + " min" : (minutes + 59) / 60 + " h";
    }
}
