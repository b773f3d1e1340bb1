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

    /** Answers with the failure, by the thread of the request's dispatch; see {@link WholeAnswer#send}. */
    public static void write(HttpServletRequest request, HttpServletResponse response, Failure failure)
            throws IOException {
        WholeAnswer.send(request, response, begin(request, response, failure));
    }

    /**
     * Sets status and headers, and returns the body, whole, that is to follow: for those who write without blocking.
     * Headers that were set before stay, but for the ones that describe the body.
     */
    public static byte[] begin(HttpServletRequest request, HttpServletResponse response, Failure failure) {
        byte[] body = ErrorShape.of(request).json(failure).getBytes(StandardCharsets.UTF_8);
        if (request.getDispatcherType()
                != DispatcherType.INCLUDE) { // what is there is that of the host, who includes us
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

    /** The rest of the body would be taken for the next request. HTTP/2 forbids the header, and needs it not. */
    public static void closeAfter(HttpServletRequest request, HttpServletResponse response) {
        if (request.getProtocol().startsWith("HTTP/1.")) {
            response.setHeader("Connection", "close");
        }
    }

    private static boolean leavesBodyUnread(int status) {
        return status == HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE
                || status == HttpServletResponse.SC_REQUEST_TIMEOUT;
    }

    /** Rounded up: a client that comes back too early is turned away again. */
    private static long wholeSeconds(Duration duration) {
        return duration.isNegative() ? 0 : duration.plusNanos(999_999_999).toSeconds();
    }
}
