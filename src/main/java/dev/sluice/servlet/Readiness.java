package dev.sluice.servlet;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether this node takes streams.
 *
 * @param downReason why it does not, in a word or two; null if it does
 * @param upstreams what is known of those whom it asks
 */
public record Readiness(@Nullable String downReason, List<Upstream> upstreams) {
    public Readiness {
        upstreams = List.copyOf(upstreams);
    }

    /**
     * An upstream, as the latest call found it.
     *
     * @param name what the configuration calls it
     * @param reachable whether the call reached it; null if there was none yet
     * @param fault what kept it from that; null if it was reached
     * @param missedFor for how long no call has reached it; null if the latest one did
     */
    public record Upstream(
            String name,
            @Nullable Boolean reachable,
            @Nullable String fault,
            @Nullable Duration missedFor) {}
}
