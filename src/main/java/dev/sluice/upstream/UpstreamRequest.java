package dev.sluice.upstream;

import dev.sluice.dialect.Dialect;
import dev.sluice.dialect.Passed;

/**
 * One request, for any of the providers.
 *
 * @param body the request body, which differs by target
 * @param passed what else of the client's request is passed to the provider
 * @param streams whether the answer is an event stream instead of one JSON object
 */
record UpstreamRequest(Dialect dialect, HeldBody body, Passed passed, boolean streams) {
    /** Whether the provider can recognize a repeated request by its {@code Idempotency-Key}. */
    boolean isIdempotent() {
        return passed.headers().stream().anyMatch(field -> field.name().equalsIgnoreCase("Idempotency-Key"));
    }
}
