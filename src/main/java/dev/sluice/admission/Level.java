package dev.sluice.admission;

import java.time.Duration;

/**
 * How much of a limit is used at one moment.
 *
 * @param spent what was used and is not yet regained; more than the limit if there is a debt
 * @param held what running answers hold
 * @param whole the time after which nothing of it counts as spent any more, if nothing else is spent
 */
public record Level(Limit limit, long spent, long held, Duration whole) {
    /** What a request can still take; 0 or more. */
    public long remaining() {
        return Math.max(0, limit.amount() - spent - held);
    }
}
