package dev.sluice.upstream.jetty;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpProxy;
import org.eclipse.jetty.client.Socks5Proxy;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;

/** The one {@link HttpClient} of a provider, set up for token streams. */
public final class ProviderClient {
    /**
     * A token stream is a trickle: more than this lets a provider run ahead, paid for, of a reader who has stopped. With
     * less, a provider on the same machine falls into steps of 200 ms once it has run ahead: Linux sends a segment when
     * the window holds all of it, else by a timer, and the loopback's segments are of 64 KiB. The window is about this
     * size, more or less by how full the segments are.
     */
    private static final int RECEIVE_BUFFER = 96 * 1024;

    /**
     * What one read takes at most: a stream that waits for its client holds the buffer that its last read filled, and over
     * TLS what is left of the record, too.
     */
    private static final int READ_BUFFER = 8 * 1024;

    /**
     * Buffers that nobody uses are kept up to so many bytes. Jetty's client would keep a few for each core: as soon as
     * more streams than that wait for their clients, each read would make a buffer for itself, outside the heap, where it
     * stays until the next collection.
     */
    private static final int POOLED = 16 << 20;

    /** An answer's head, its trailers, and the interim heads (1xx) before it, all together. Real ones have 1 to 4 KiB. */
    public static final int MOST_HEAD_BYTES = 64 * 1024;

    /** How long a connection is kept for the next call. */
    private static final Duration KEPT = Duration.ofMinutes(1);

    /**
     * Threads that wait for what the connections bring, and do the streams' work when it comes. One for each core: with
     * fewer, tokens wait for a thread while a core has nothing to do.
     */
    public static final int SELECTORS = Runtime.getRuntime().availableProcessors();

    private ProviderClient() {}

    /**
     * A client that is not yet started.
     *
     * @param secure whether any connection speaks TLS
     */
    public static HttpClient create(
            boolean secure,
            int maxStreams,
            Duration connectTimeout,
            Executor threads,
            ScheduledExecutorService scheduler) {
        var connector = new TokenConnector();
        connector.setExecutor(threads);
        connector.setScheduler(new ScheduledExecutorScheduler(scheduler));
        connector.setByteBufferPool(new ArrayByteBufferPool(0, 2048, 65_536, Integer.MAX_VALUE, POOLED, POOLED));
        connector.setSelectors(SELECTORS);
        connector.setConnectTimeout(connectTimeout);
        connector.setIdleTimeout(KEPT); // of connections that wait for their next call: each call lifts it
        connector.setReceiveBufferSize(RECEIVE_BUFFER);
        // Without stores of its own it trusts what the JVM trusts: javax.net.ssl.trustStore is honoured.
        var tls = new SslContextFactory.Client();
        connector.setSslContextFactory(tls);
        if (!secure) {
            connector.unmanage(tls); // not started, for that reads the JVM's whole trust store
        }

        var transport = new TokenTransport(connector);
        transport.setInvocationType(Invocable.InvocationType.NON_BLOCKING); // the loop never blocks

        var client = new HttpClient(transport);
        client.setExecutor(threads);
        client.setScheduler(connector.getScheduler());
        client.setMaxConnectionsPerDestination(maxStreams);
        client.setMaxRequestsQueuedPerDestination(maxStreams);
        client.setResponseBufferSize(READ_BUFFER);
        client.setMaxResponseHeadersSize(MOST_HEAD_BYTES); // of one head; TokenReceiver counts them together
        client.setFollowRedirects(false);
        client.setHttpCookieStore(new HttpCookieStore.Empty());
        client.setUserAgentField(null);
        return client;
    }

    private static final class TokenConnector extends ClientConnector {
        @Override
        protected EndPoint newEndPoint(SelectableChannel socket, ManagedSelector selector, SelectionKey key) {
            return new TokenEndPoint((SocketChannel) socket, selector, key, getScheduler());
        }

        @Override
        protected SelectorManager newSelectorManager() {
            return new ClientSelectorManager(getExecutor(), getScheduler(), getSelectors()) {
                @Override
                protected Selector newSelector() throws IOException {
                    return TokenSelector.openNew();
                }
            };
        }
    }

    /** Goes through the proxy that the JVM's {@code https.proxyHost} and its kin name for {@code target}, if any. */
    public static void useProxy(HttpClient client, URI target) {
        ProxySelector selector = ProxySelector.getDefault();
        List<Proxy> proxies = selector == null ? List.of() : selector.select(target);
        for (Proxy proxy : proxies) {
            if (proxy.address() instanceof InetSocketAddress address) {
                String host = address.getHostString();
                client.getProxyConfiguration()
                        .addProxy(
                                proxy.type() == Proxy.Type.SOCKS
                                        ? new Socks5Proxy(host, address.getPort())
                                        : new HttpProxy(host, address.getPort()));
                return;
            }
        }
    }
}
