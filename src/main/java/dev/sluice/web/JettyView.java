package dev.sluice.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads facts of a request from Jetty 12's own objects by reflection, because an application cannot name their types. For
 * other containers and other versions each method returns its value for "unknown". It caches reflected members only. Any
 * thread may call it.
 */
public final class JettyView {
    private static final String JETTY = "org.eclipse.jetty.";

    private final ContainerPath socket = new ContainerPath(
            JETTY, "getRequest", "getConnectionMetaData", "getConnection", "getEndPoint", "getTransport");
    private final ContainerPath aggregationSize = new ContainerPath(
            JETTY, "getRequest", "getConnectionMetaData", "getHttpConfiguration", "getOutputAggregationSize");
    private final ContainerPath bufferSize = new ContainerPath(
            JETTY, "getRequest", "getConnectionMetaData", "getHttpConfiguration", "getOutputBufferSize");
    private final ContainerPath reportedPeer =
            new ContainerPath(JETTY, "getRequest", "getConnectionMetaData", "getRemoteSocketAddress");
    private final ContainerPath core = new ContainerPath(JETTY, "getRequest");
    private final ContainerPath.Step listening = new ContainerPath.Step("addFailureListener", Consumer.class);
    private final ContainerPath.Step transport = new ContainerPath.Step("getTransport");

    /** Whether the response is Jetty's own, without a wrapper. */
    static boolean isJettys(HttpServletResponse response) {
        return response.getClass().getName().startsWith(JETTY);
    }

    /** The socket of the request's connection; null if it is unknown, encrypted, or shared by several requests (HTTP/2). */
    @Nullable
    public SocketChannel socketOf(HttpServletRequest request) {
        if (request.isSecure() || !request.getProtocol().startsWith("HTTP/1.")) {
            return null;
        }
        return socket.from(request) instanceof SocketChannel channel ? channel : null;
    }

    /**
     * Whether Jetty has taken the peer's address from a forwarding header instead of the connection; null if that is
     * unknown.
     */
    @Nullable
    public Boolean isPeerReplaced(HttpServletRequest request) {
        try {
            Object at = socket.from(request);
            while (at != null && !(at instanceof SocketChannel)) {
                at = transport.from(at); // the end point of TLS wraps that of the connection
            }
            // An address from a header has another class, so it is never equal, not even with the same text.
            return at instanceof SocketChannel channel
                    ? !channel.getRemoteAddress().equals(reportedPeer.from(request))
                    : null;
        } catch (IOException | ReflectiveOperationException | RuntimeException anotherKind) {
            return null;
        }
    }

    /**
     * Whether Jetty writes each piece of output at once: the output is Jetty's own, nothing has been written, and there is
     * no aggregation buffer, neither by the configuration nor because a filter has called {@code setBufferSize}.
     */
    public boolean isUnbuffered(HttpServletRequest request, HttpServletResponse response) throws IOException {
        return !response.isCommitted()
                && response.getOutputStream().getClass().getName().startsWith(JETTY)
                && Integer.valueOf(0).equals(aggregationSize.from(request))
                && Integer.valueOf(response.getBufferSize()).equals(bufferSize.from(request));
    }

    /**
     * Registers a listener for a client's reset (HTTP/2) before the request's dispatch has returned. Until then Jetty does
     * not report a reset to an {@link jakarta.servlet.AsyncListener} ({@code ServletChannelState.asyncError}).
     *
     * @param left called by a thread of the container, at any time; not called if a read or write is pending, which then
     *     fails instead
     */
    public void onReset(HttpServletRequest request, Runnable left) {
        Object inner = core.from(request);
        if (inner != null) {
            Consumer<Throwable> listener = reset -> left.run();
            try {
                listening.from(inner, listener);
            } catch (ReflectiveOperationException | RuntimeException anotherVersion) {
                // The reset is noticed when a write fails.
            }
        }
    }
}
