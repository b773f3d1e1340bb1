package dev.sluice.standalone;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/**
 * Writes the errors that Jetty itself reports, such as a malformed request or too large headers, as JSON like all other
 * errors, whatever {@code Accept} says. Stateless; any thread may call it.
 */
public final class JsonErrors extends ErrorHandler {
    @Override
    protected void generateResponse(
            Request request, Response response, int code, String message, Throwable cause, Callback callback) {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json;charset=utf-8");
        response.write(true, ByteBuffer.wrap(body(code).getBytes(StandardCharsets.UTF_8)), callback);
    }

    /** The message is the reason phrase of the status: Jetty's own messages may contain names of its classes. */
    private static String body(int code) {
        String type = code < 500 ? "invalid_request_error" : "internal_error";
        String words = code == HttpStatus.NOT_FOUND_404
                ? "There is nothing at this path."
                : "The request cannot be answered: " + HttpStatus.getMessage(code) + ".";
        String name = code == HttpStatus.NOT_FOUND_404 ? "not_found" : code < 500 ? "bad_request" : "internal_error";
        return "{\"error\":{\"message\":\"" + words + "\",\"type\":\"" + type + "\",\"param\":null,\"code\":\"" + name
                + "\"}}";
    }
}
