package dev.sluice.web;

import dev.sluice.chat.Failure;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A failure as an HTTP answer of its own, in the shape that its path has. Only for responses of which nothing has been sent. */
public final class Problem {
    private Problem() {}

    /** Answers with the failure. Called by the thread of the request's dispatch, as {@link AsyncResponse#send} is. */
    public static void write(HttpServletRequest request, HttpServletResponse response, Failure failure)
            throws IOException {
        AsyncResponse.send(request, response, begin(request, response, failure));
    }

    /**
     * Sets status and headers, and returns the body, which the caller has to write. Other headers that have been set stay.
     * Called by the thread that owns the response.
     */
    public static byte[] begin(HttpServletRequest request, HttpServletResponse response, Failure failure) {
        byte[] body = ErrorShape.of(request).json(failure).getBytes(StandardCharsets.UTF_8);
        if (request.getDispatcherType()
                != DispatcherType.INCLUDE) { // the buffer contains the output of the including servlet
            response.resetBuffer();
        }
        response.setStatus(failure.status());
        response.setContentType("application/json;charset=utf-8");
        response.setContentLength(body.length);
        response.setHeader("Cache-Control", "no-store");
        Duration retryAfter = failure.retryAfter();
        if (retryAfter != null) {
            response.setHeader("Retry-After", Long.toString(wholeSeconds(retryAfter)));
        }
        if (leavesBodyUnread(failure.status())) {
            closeAfter(request, response);
        }
        return body;
    }

    /**
     * Closes the connection behind the response, because the unread rest of the request's body would be parsed as the next
     * request. HTTP/2 has no such header (RFC 9113, section 8.2.2), and does not need it.
     */
    public static void closeAfter(HttpServletRequest request, HttpServletResponse response) {
        if (request.getProtocol().startsWith("HTTP/1.")) {
            response.setHeader("Connection", "close");
        }
    }

    private static boolean leavesBodyUnread(int status) {
        return status == HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE
                || status == HttpServletResponse.SC_REQUEST_TIMEOUT;
    }

    /** Rounded up, because a client that returns too early is refused again. */
    private static long wholeSeconds(Duration duration) {
        return duration.isNegative() ? 0 : duration.plusNanos(999_999_999).toSeconds();
    }
}
