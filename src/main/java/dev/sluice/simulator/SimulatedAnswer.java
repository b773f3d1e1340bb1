package dev.sluice.simulator;

import dev.sluice.relay.Upstream;
import org.jspecify.annotations.Nullable;

/** The simulator's answer to one request. */
public sealed interface SimulatedAnswer {
    /** An answer with status 200, which may break off. The upstream is not started yet. */
    record Begun(Upstream upstream) implements SimulatedAnswer {}

    /**
     * An error as a JSON answer.
     *
     * @param status the HTTP status; 200 too, for some providers report errors so
     * @param retryAfter the value of {@code Retry-After}; null for no such header
     * @param json the body
     */
    record Refused(int status, @Nullable String retryAfter, String json) implements SimulatedAnswer {}
}
