package dev.sluice.relay;

import dev.sluice.relay.StreamMetrics.WaitsFor;
import org.jspecify.annotations.Nullable;

/**
 * What a stream waits for while no thread runs it, as the metrics count it, and the alarm that ends the wait. Guarded by
 * the stream's baton.
 */
final class Waiting {
    private final StreamMetrics metrics;
    private final Clock clock;
    private final Runnable wake;
    private @Nullable WaitsFor whom; // null while it does not wait
    private long since;
    private long heldBytes;
    private Clock.@Nullable Alarm alarm;
    private long alarmAt;

    Waiting(StreamMetrics metrics, Clock clock, Runnable wake) {
        this.metrics = metrics;
        this.clock = clock;
        this.wake = wake;
    }

    boolean isFor(WaitsFor somebody) {
        return whom == somebody;
    }

    /** The stream waits, or still does, and holds so many bytes meanwhile. */
    void begin(WaitsFor somebody, long held, long now) {
        if (whom != somebody) {
            over(now);
            whom = somebody;
            since = now;
            heldBytes = held;
            metrics.waitBegun(somebody, held);
        }
    }

    /** What the stream waited for has come, if it waited. */
    void over(long now) {
        if (whom != null) {
            metrics.waitOver(whom, heldBytes, now - since);
            whom = null;
        }
    }

    /**
     * Wakes the stream at the deadline, if there is one. An alarm that is set already and goes off earlier is left: it
     * costs one look at the facts, which is less than a new alarm for each token.
     */
    void wakeAt(long deadline, long now) {
        if (deadline == StreamClocks.NEVER) {
            return;
        }
        if (alarm != null) {
            if (alarmAt - now > 0 && alarmAt - deadline <= 0) {
                return;
            }
            alarm.cancel();
        }
        alarmAt = deadline;
        alarm = clock.schedule(wake, deadline - now);
    }

    /** The stream has ended. */
    void end(long now) {
        over(now);
        if (alarm != null) {
            alarm.cancel();
        }
    }
}
