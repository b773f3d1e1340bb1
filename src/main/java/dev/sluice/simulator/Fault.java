package dev.sluice.simulator;

import org.jspecify.annotations.Nullable;

/**
 * An error that the simulator answers. Each dialect has its own shape for it.
 *
 * @param status the HTTP status; 200 too, for some providers report errors so
 * @param type the class of error, in OpenAI's words
 * @param code a finer class of error
 * @param param the field of the request that is at fault; null if there is none
 * @param retryAfter the value of {@code Retry-After}; null for no such header
 */
record Fault(
        int status,
        String type,
        String code,
        @Nullable String param,
        String message,
        @Nullable String retryAfter) {
    /** The request is at fault. */
    static Fault invalid(int status, String code, @Nullable String param, String message) {
        return new Fault(status, "invalid_request_error", code, param, message, null);
    }
}
