package dev.sluice.upstream;

import dev.sluice.relay.Upstream;
import org.jspecify.annotations.Nullable;

/** The answer of a provider within this process to one request. */
public sealed interface LocalAnswer {
    /** An answer that is not started. */
    record Begun(Upstream upstream) implements LocalAnswer {}

    /**
     * An error as a JSON answer.
     *
     * @param status the HTTP status
     * @param retryAfter the value of {@code Retry-After}; null for no such header
     * @param json the body
     */
    record Refused(int status, @Nullable String retryAfter, String json) implements LocalAnswer {}
}
