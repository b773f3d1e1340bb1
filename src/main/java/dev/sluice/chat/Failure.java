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

    /** No room, or no longer serving. */
    public static Failure unavailable(String type, String code, String message, Duration retryAfter) {
        return new Failure(503, type, code, message, null, retryAfter);
    }
}
