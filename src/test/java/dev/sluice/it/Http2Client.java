package dev.sluice.it;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.frames.SettingsFrame;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** One HTTP/2 connection with any number of {@linkplain Http2Stream streams}. Confined to one thread. */
final class Http2Client implements AutoCloseable {
    /** The flow-control window of a stream, the default of RFC 9113. */
    static final int WINDOW = 65_535;

    /** The flow-control window of the connection, enough for a hundred stalled streams. */
    private static final int WINDOW_OF_ALL = 100 * WINDOW;

    private final HTTP2Client client;
    private final URI base;
    private final Session session;

    private Http2Client(HTTP2Client client, URI base, Session session) {
        this.client = client;
        this.base = base;
        this.session = session;
    }

    /** Connects without TLS, with prior knowledge (RFC 9113, section 3.3). */
    static Http2Client connect(URI base) throws IOException {
        HTTP2Client client = client();
        start(client);
        return new Http2Client(client, base, await(client.connect(address(base), new Session.Listener() {})));
    }

    /** Connects with TLS. The server must choose HTTP/2 by ALPN, and have a certificate that is in this trust store. */
    static Http2Client connect(URI base, Path trustStore, String password) throws IOException {
        SslContextFactory.Client tls = new SslContextFactory.Client();
        tls.setTrustStorePath(trustStore.toString());
        tls.setTrustStorePassword(password);
        HTTP2Client client = client();
        client.getClientConnector().setSslContextFactory(tls);
        start(client);
        return new Http2Client(client, base, await(client.connect(tls, address(base), new Session.Listener() {})));
    }

    /** Sends a request to {@code /chat}, and reads the response as it arrives. */
    Http2Stream chat(String prompt) throws IOException {
        return post("/chat", "{\"prompt\":" + Json.quote(prompt) + "}");
    }

    Http2Stream post(String path, String json) throws IOException {
        return Http2Stream.post(session, base.resolve(path), json, true);
    }

    /** Sends a request to {@code /chat}. The response is read, and its window enlarged, only when the test asks for it. */
    Http2Stream reluctantChat(String prompt) throws IOException {
        return Http2Stream.post(session, base.resolve("/chat"), "{\"prompt\":" + Json.quote(prompt) + "}", false);
    }

    /** Sets the window of new streams to 0, so that the server can send only their headers. */
    void closeWindows() throws IOException {
        var sent = new Callback.Completable();
        session.settings(new SettingsFrame(Map.of(SettingsFrame.INITIAL_WINDOW_SIZE, 0), false), sent);
        await(sent);
    }

    /** Closes the connection without a frame of HTTP/2, as if the process were killed. */
    void disconnect() {
        ((HTTP2Session) session).getEndPoint().close();
    }

    @Override
    public void close() throws IOException {
        try {
            client.stop();
        } catch (Exception failure) {
            throw new IOException(failure);
        }
    }

    static <T> T await(Future<T> future) throws IOException {
        try {
            return future.get(RawClient.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException failure) {
            throw new IOException(failure);
        }
    }

    private static HTTP2Client client() {
        HTTP2Client client = new HTTP2Client();
        client.setInitialStreamRecvWindow(WINDOW);
        client.setInitialSessionRecvWindow(WINDOW_OF_ALL);
        client.setIdleTimeout(0);
        client.setStreamIdleTimeout(0);
        return client;
    }

    private static void start(HTTP2Client client) throws IOException {
        try {
            client.start();
        } catch (Exception failure) {
            throw new IOException(failure);
        }
    }

    private static InetSocketAddress address(URI base) {
        return new InetSocketAddress(base.getHost(), base.getPort());
    }
}
