package dev.sluice.upstream;

import dev.sluice.relay.Upstream;
import org.jspecify.annotations.Nullable;

/** What a provider within this process answers to one request. */
public sealed interface LocalAnswer {
    /** An answer that is not started yet. */
    record Begun(Upstream upstream) implements LocalAnswer {}

    /**
     * A JSON answer that holds an error.
     *
     * @param status as HTTP would have it
     * @param retryAfter the value of {@code Retry-After}, if there is one
     * @param json the body
     */
    record Refused(int status, @Nullable String retryAfter, String json) implements LocalAnswer {}
}
