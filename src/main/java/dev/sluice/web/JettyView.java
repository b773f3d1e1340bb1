package dev.sluice.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What Jetty 12 shows of a request to whoever asks its objects, whose types an application cannot name. Of other
 * containers, and other versions, this sees nothing. Stateless but for what it remembers of those types. Any thread.
 */
public final class JettyView {
    private static final String JETTY = "org.eclipse.jetty.";

    private final Way socket =
            new Way(JETTY, "getRequest", "getConnectionMetaData", "getConnection", "getEndPoint", "getTransport");
    private final Way gathered =
            new Way(JETTY, "getRequest", "getConnectionMetaData", "getHttpConfiguration", "getOutputAggregationSize");
    private final Way bufferSize =
            new Way(JETTY, "getRequest", "getConnectionMetaData", "getHttpConfiguration", "getOutputBufferSize");
    private final Way told = new Way(JETTY, "getRequest", "getConnectionMetaData", "getRemoteSocketAddress");
    private final Way core = new Way(JETTY, "getRequest");
    private final Way.Step listening = new Way.Step("addFailureListener", Consumer.class);
    private final Way.Step transport = new Way.Step("getTransport");

    /** Whether the response is Jetty's own, in nobody's wrapping. */
    static boolean isJettys(HttpServletResponse response) {
        return response.getClass().getName().startsWith(JETTY);
    }

    /** What a request came by; null where there is none to be seen, or it is not this request's alone, or encrypted. */
    @Nullable
    public SocketChannel socketOf(HttpServletRequest request) {
        if (request.isSecure() || !request.getProtocol().startsWith("HTTP/1.")) {
            return null;
        }
        return socket.from(request) instanceof SocketChannel channel ? channel : null;
    }

    /**
     * Whether the request has another peer than its connection, as a header of a proxy's told Jetty; null where that is
     * not to be seen.
     */
    @Nullable
    public Boolean isPeerReplaced(HttpServletRequest request) {
        try {
            Object at = socket.from(request);
            while (at != null && !(at instanceof SocketChannel)) {
                at = transport.from(at); // TLS's is the connection that it encrypts
            }
            // What a header told is an address of another kind, even where it reads the same.
            return at instanceof SocketChannel channel
                    ? !channel.getRemoteAddress().equals(told.from(request))
                    : null;
        } catch (IOException | ReflectiveOperationException | RuntimeException anotherKind) {
            return null;
        }
    }

    /**
     * Whether the response's output is Jetty's own, untouched, and gathers nothing: neither by its configuration, nor
     * because somebody before us has asked for another buffer.
     */
    public boolean gathersNothing(HttpServletRequest request, HttpServletResponse response) throws IOException {
        return !response.isCommitted()
                && response.getOutputStream().getClass().getName().startsWith(JETTY)
                && Integer.valueOf(0).equals(gathered.from(request))
                && Integer.valueOf(response.getBufferSize()).equals(bufferSize.from(request));
    }

    /**
     * Hears of a client's reset (HTTP/2) also while the request's dispatch has not returned, which Jetty keeps from an
     * {@link jakarta.servlet.AsyncListener} (its {@code ServletChannelState.asyncError}).
     *
     * @param left called by a thread of the container's, at any time; not if somebody waits to read or write, who is
     *     told instead
     */
    public void onReset(HttpServletRequest request, Runnable left) {
        Object inner = core.from(request);
        if (inner != null) {
            Consumer<Throwable> listener = reset -> left.run();
            try {
                listening.from(inner, listener);
            } catch (ReflectiveOperationException | RuntimeException anotherVersion) {
                // It is noticed when a write fails.
            }
        }
    }
}
