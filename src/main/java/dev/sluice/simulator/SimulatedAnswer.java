package dev.sluice.simulator;

import dev.sluice.relay.Upstream;
import org.jspecify.annotations.Nullable;

/** What the simulator answers to one request. */
public sealed interface SimulatedAnswer {
    /** An answer with status 200, whole or not; it is not started yet. */
    record Begun(Upstream upstream) implements SimulatedAnswer {}

    /**
     * A JSON answer that holds an error, as a provider would send it.
     *
     * @param status the HTTP status; 200 for a provider that reports its errors so
     * @param retryAfter the value of {@code Retry-After}, if there is one
     * @param json the body
     */
    record Refused(int status, @Nullable String retryAfter, String json) implements SimulatedAnswer {
        /** An error in OpenAI's shape. */
        static Refused error(int status, String type, String code, @Nullable String param, String message) {
            return new Refused(status, null, ChatCompletionWriter.error(type, code, param, message));
        }

        /** The same answer with this {@code Retry-After}. */
        Refused retryAfter(String seconds) {
            return new Refused(status, seconds, json);
        }
    }
}
