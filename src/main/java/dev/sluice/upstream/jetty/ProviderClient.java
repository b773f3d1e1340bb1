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
import org.eclipse.jetty.client.ProxyConfiguration;
import org.eclipse.jetty.client.Socks5Proxy;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.Nullable;

/** Creates the one {@link HttpClient} of a provider, configured for token streams, or one for small documents. Stateless. */
public final class ProviderClient {
    /**
     * The socket's receive buffer in bytes, which is about the size of the TCP window. A larger one would let a provider
     * send, and bill, more tokens for a client that has stopped reading. A smaller one would slow down a provider on the
     * same machine to one segment every 200 ms while the window is full: Linux sends a segment when the whole of it fits the
     * window, else by a timer, and segments of the loopback interface have 64 KiB.
     */
    private static final int RECEIVE_BUFFER = 96 * 1024;

    /**
     * The most bytes of one read. A stream that waits for its client keeps the buffer of its last read, and with TLS the
     * rest of the record too.
     */
    private static final int READ_BUFFER = 8 * 1024;

    /**
     * The bytes of unused buffers that the pool keeps. By default Jetty's client keeps a few buffers for each core. If more
     * streams than that wait for their clients, each read would allocate a direct buffer, which is freed at the next garbage
     * collection only.
     */
    private static final int POOLED = 16 << 20;

    /** The most bytes of a response's headers, trailers and interim responses (1xx) together. Real ones have 1 to 4 KiB. */
    public static final int MOST_HEAD_BYTES = 64 * 1024;

    /** How long an idle connection is kept for the next call. */
    private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(1);

    /**
     * The number of threads that select the connections and run the streams. One for each core: with fewer, tokens would
     * wait for a thread while a core is idle.
     */
    public static final int SELECTORS = Runtime.getRuntime().availableProcessors();

    private ProviderClient() {}

    /**
     * A client that is not started.
     *
     * @param secure whether any connection uses TLS
     * @param maxStreams the most connections, 1 or more
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
        connector.setIdleTimeout(IDLE_TIMEOUT); // of idle connections; each call disables it
        connector.setReceiveBufferSize(RECEIVE_BUFFER);
        // Without a trust store of its own it uses the JVM's: javax.net.ssl.trustStore.
        var tls = new SslContextFactory.Client();
        connector.setSslContextFactory(tls);
        if (!secure) {
            connector.unmanage(tls); // so that it is not started, which would read the JVM's whole trust store
        }

        var transport = new TokenTransport(connector);
        transport.setInvocationType(Invocable.InvocationType.NON_BLOCKING); // the loop never blocks

        var client = new HttpClient(transport);
        client.setExecutor(threads);
        client.setScheduler(connector.getScheduler());
        client.setMaxConnectionsPerDestination(maxStreams);
        client.setMaxRequestsQueuedPerDestination(maxStreams);
        client.setResponseBufferSize(READ_BUFFER);
        client.setMaxResponseHeadersSize(MOST_HEAD_BYTES); // for each head; TokenReceiver limits their sum
        client.setFollowRedirects(false);
        client.setHttpCookieStore(new HttpCookieStore.Empty());
        client.setUserAgentField(null);
        return client;
    }

    /**
     * A client that is not started, for a few short answers now and then, which may come from several hosts. It has one
     * thread that selects.
     */
    public static HttpClient createForDocuments(
            int mostConnections, Duration connectTimeout, Executor threads, ScheduledExecutorService scheduler) {
        var connector = new ClientConnector();
        connector.setExecutor(threads);
        connector.setScheduler(new ScheduledExecutorScheduler(scheduler));
        connector.setSelectors(1);
        connector.setConnectTimeout(connectTimeout);
        connector.setIdleTimeout(IDLE_TIMEOUT);
        connector.setSslContextFactory(new SslContextFactory.Client());

        var client = new HttpClient(new HttpClientTransportOverHTTP(connector));
        client.setExecutor(threads);
        client.setScheduler(connector.getScheduler());
        client.setMaxConnectionsPerDestination(mostConnections);
        client.setMaxRequestsQueuedPerDestination(mostConnections);
        client.setMaxResponseHeadersSize(MOST_HEAD_BYTES);
        client.setDestinationIdleTimeout(IDLE_TIMEOUT.toMillis());
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

    /** Configures the proxy that the JVM's system properties, such as {@code https.proxyHost}, name for this URI, if any. */
    public static void useProxy(HttpClient client, URI target) {
        ProxyConfiguration.Proxy proxy = proxyFor(target);
        if (proxy != null) {
            client.getProxyConfiguration().addProxy(proxy);
        }
    }

    /** The same, but for requests to the host and port of this URI only. Called once for each. */
    public static void useProxyForHost(HttpClient client, URI target) {
        ProxyConfiguration.Proxy proxy = proxyFor(target);
        if (proxy != null) {
            int port =
                    target.getPort() > 0 ? target.getPort() : target.getScheme().equalsIgnoreCase("https") ? 443 : 80;
            proxy.getIncludedAddresses().add(target.getHost() + ":" + port);
            client.getProxyConfiguration().addProxy(proxy);
        }
    }

    private static ProxyConfiguration.@Nullable Proxy proxyFor(URI target) {
        ProxySelector selector = ProxySelector.getDefault();
        List<Proxy> proxies = selector == null ? List.of() : selector.select(target);
        for (Proxy proxy : proxies) {
            if (proxy.address() instanceof InetSocketAddress address) {
                String host = address.getHostString();
                return proxy.type() == Proxy.Type.SOCKS
                        ? new Socks5Proxy(host, address.getPort())
                        : new HttpProxy(host, address.getPort());
            }
        }
        return null;
    }
}
