package dev.sluice.simulator;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** One request and the response to it, which ends once, however many say so. Any thread may end it. */
final class Exchange {
    private final MemoryPipe.End connection;
    private final Response response;
    private final Callback callback;
    private final Traffic traffic;
    private final AtomicBoolean ended = new AtomicBoolean();

    Exchange(Request request, Response response, Callback callback, Traffic traffic) {
        this.connection =
                (MemoryPipe.End) request.getConnectionMetaData().getConnection().getEndPoint();
        this.response = response;
        this.callback = callback;
        this.traffic = traffic;
        traffic.open().incrementAndGet();
    }

    /** Has this run once if the connection closes before the exchange has ended. */
    void whenOver(Runnable reaction) {
        connection.whenOver(reaction);
    }

    /** Sets what goes out with the first bytes. */
    void head(int status, String type, Map<String, String> headers) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        headers.forEach(response.getHeaders()::put);
    }

    void write(boolean last, byte[] bytes, Callback written) {
        response.write(
                last,
                ByteBuffer.wrap(bytes),
                Callback.from(
                        written.getInvocationType(),
                        () -> {
                            traffic.sent().add(bytes.length);
                            written.succeeded();
                        },
                        written::failed));
    }

    /** Answers all at once, and ends. */
    void reply(Reply reply) {
        head(reply.status(), "application/json", reply.headers());
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        write(true, body, Callback.from(this::end, this::breakOff));
    }

    /** Ends properly: the last bytes are out. */
    void end() {
        if (close()) {
            callback.succeeded();
        }
    }

    /** Ends with a broken connection if anything is out. */
    void breakOff(Throwable cause) {
        if (close()) {
            callback.failed(cause);
        }
    }

    private boolean close() {
        if (!ended.compareAndSet(false, true)) {
            return false;
        }
        // The connection may serve other requests yet: it must not keep this one's text.
        connection.whenOver(null);
        traffic.open().decrementAndGet();
        return true;
    }
}
