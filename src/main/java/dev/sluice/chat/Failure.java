package dev.sluice.chat;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Why there is no answer, or no more of it, in words for the client. Holds no key and no prompt.
 *
 * @param status the HTTP status that says it best, sent only if nothing has been sent yet; 200 if none fits, and only an
 *     event in the answer can say it
 * @param type the class of error, in OpenAI's terms: {@code invalid_request_error}, {@code timeout}, {@code draining} …
 * @param code a finer, stable word for programs
 * @param message a sentence for people that names the fault and, where there is one, the fix
 * @param param the request field at fault
 * @param retryAfter when to try again
 * @param details what else the upstream says of its error: members of a JSON object, on one line
 */
public record Failure(
        int status,
        String type,
        String code,
        String message,
        @Nullable String param,
        @Nullable Duration retryAfter,
        @Nullable String details) {
    /** Made beforehand: when it is needed, there may be no memory for it. */
    private static final Failure NO_MEMORY = unavailable(
            "overloaded",
            "no_memory",
            "The server has not enough memory for this request. Lower sluice.request.max-total-bytes, or give the JVM more"
                    + " (-Xmx).",
            Duration.ofSeconds(1));

    private static final Failure INTERNAL = new Failure(
            500, "server_error", "internal_error", "A fault of the server ended this request. Its log tells more.");

    public Failure(int status, String type, String code, String message) {
        this(status, type, code, message, null, null);
    }

    public Failure(
            int status,
            String type,
            String code,
            String message,
            @Nullable String param,
            @Nullable Duration retryAfter) {
        this(status, type, code, message, param, retryAfter, null);
    }

    /** The client's own mistake. */
    public static Failure invalid(int status, String code, String message, @Nullable String param) {
        return new Failure(status, "invalid_request_error", code, message, param, null);
    }

    /** The upstream said or did something that is not an answer. */
    public static Failure upstream(String code, String message) {
        return new Failure(502, "upstream_error", code, message);
    }

    /** A clock ran out. */
    public static Failure timeout(int status, String code, String message) {
        return new Failure(status, "timeout", code, message);
    }

    /** An {@link OutOfMemoryError} was thrown. */
    public static Failure noMemory() {
        return NO_MEMORY;
    }

    /** An unexpected exception was thrown. */
    public static Failure internal() {
        return INTERNAL;
    }

    /** No room, or no longer serving. */
    public static Failure unavailable(String type, String code, String message, Duration retryAfter) {
        return new Failure(503, type, code, message, null, retryAfter);
    }
}
