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
 * Says what Jetty has to say before any application is asked (a malformed request, headers that are too large) as all
 * failures of ours are said, whatever the client accepts. Stateless, any thread.
 */
public final class JsonErrors extends ErrorHandler {
    @Override
    protected void generateResponse(
            Request request, Response response, int code, String message, Throwable cause, Callback callback) {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json;charset=utf-8");
        response.write(true, ByteBuffer.wrap(body(code).getBytes(StandardCharsets.UTF_8)), callback);
    }

    /** The status's own words: Jetty's tell of its classes now and then. */
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
