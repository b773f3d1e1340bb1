package dev.sluice.admission;

import dev.sluice.admission.Limit.Unit;
import java.time.Duration;

/**
 * How much of a limit is used at one moment.
 *
 * @param spent what was used and is not yet regained, rounded up; more than the limit if there is a debt
 * @param held what running answers hold
 * @param whole the time after which nothing of it counts as spent any more, if nothing else is spent
 */
public record Level(Limit limit, long spent, long held, Duration whole) {
    /** When to ask again if too many streams are open. Nobody knows when one of them ends. */
    private static final Duration STREAMS_AGAIN = Duration.ofSeconds(2);

    /** What a request can still take; 0 or more. */
    public long remaining() {
        return Math.max(0, limit.amount() - spent - held);
    }

    /**
     * Whether a request fits.
     *
     * @param tokens the estimate for the prompt and the answer
     */
    public boolean fits(long tokens) {
        return limit.fits(spent, held, tokens);
    }

    /**
     * The time after which a request fits that does not fit now, if running answers use what they hold, and nobody else asks. For
     * streams it is a guess.
     *
     * @param tokens the estimate for the prompt and the answer
     */
    public Duration again(long tokens) {
        if (limit.unit() == Unit.STREAMS) {
            return STREAMS_AGAIN;
        }
        // All that is spent is regained after whole. If more than that is missing, it takes longer, otherwise less
        // time.
        Duration again = whole.plus(limit.regain(held + limit.need(tokens) - limit.amount()));
        return again.isNegative() ? Duration.ZERO : again;
    }

    /** The time after which the limit is whole, if running answers use what they hold; zero for streams. */
    public Duration reset() {
        return limit.unit() == Unit.STREAMS ? Duration.ZERO : whole.plus(limit.regain(held));
    }
}
