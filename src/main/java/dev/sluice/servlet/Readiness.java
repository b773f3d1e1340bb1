package dev.sluice.servlet;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether this node accepts streams.
 *
 * @param downReason why it does not, in a word or two; null if it does
 * @param upstreams the state of its upstreams
 */
public record Readiness(@Nullable String downReason, List<Upstream> upstreams) {
    public Readiness {
        upstreams = List.copyOf(upstreams);
    }

    /**
     * The state of an upstream by its last call.
     *
     * @param name its name in the settings
     * @param reachable whether the call reached it; null if there was no call yet
     * @param fault why the call did not reach it; null if it did
     * @param missedFor for how long no call has reached it; null if the last one did
     */
    public record Upstream(
            String name,
            @Nullable Boolean reachable,
            @Nullable String fault,
            @Nullable Duration missedFor) {}
}
