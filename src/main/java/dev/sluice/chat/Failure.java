package dev.sluice.chat;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An error that is reported to the client. Contains no key and no prompt. Immutable.
 *
 * @param status the HTTP status, used only if no byte of the response has been sent yet; 200 if the error can only be
 *     reported by an event in the answer
 * @param type the class of error, in OpenAI's terms: {@code invalid_request_error}, {@code timeout}, {@code draining} …
 * @param code a finer class of error; stable, for programs
 * @param message a sentence for people that names the fault and, where there is one, the fix
 * @param param the field of the request that is at fault; null if there is none
 * @param retryAfter the time after which the client may try again; null if it is not known
 * @param details further members of the upstream's error object: JSON on one line, without the braces; null if there are
 *     none
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

    /** The request is at fault. */
    public static Failure invalid(int status, String code, String message, @Nullable String param) {
        return new Failure(status, "invalid_request_error", code, message, param, null);
    }

    /** The upstream has failed, or has sent something that is no answer. */
    public static Failure upstream(String code, String message) {
        return new Failure(502, "upstream_error", code, message);
    }

    /** A timeout has expired. */
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

    /** A limit is reached, or the application is stopping. */
    public static Failure unavailable(String type, String code, String message, Duration retryAfter) {
        return new Failure(503, type, code, message, null, retryAfter);
    }
}
