package dev.sluice.upstream;

import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.relay.Clock;
import dev.sluice.relay.Head;
import dev.sluice.upstream.jetty.InterimHeads;
import dev.sluice.upstream.jetty.Lookups;
import dev.sluice.upstream.jetty.ProviderClient;
import java.net.URI;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * A provider that is called over HTTP, with its client, threads and name lookups. Any thread may call all methods.
 */
public final class HttpProvider extends Provider implements HttpRequests {
    /** Threads beside the selectors', for work that may block or takes long: TLS handshakes, lists of models. */
    private static final int MORE_THREADS = 7;

    private final URI baseUrl;
    private final @Nullable ApiKey key;
    private final ListRequest listing;
    private final Standing standing;
    private final QueuedThreadPool threads;
    private final Lookups lookups;
    private final HttpClient client;

    /** The connections that have had a call. Guarded by its own lock. */
    private final Set<Connection> used = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /**
     * A provider that is not started.
     *
     * @param baseUrl the base URL of the API, without a slash at its end
     * @param key the API key, which is sent to this provider only; null if none is sent
     * @param listing how its models are requested
     * @param words removes the keys of all providers from messages
     * @param scheduler for the HTTP client's own timers
     * @param log writes lines of the log, because a log may block
     */
    public HttpProvider(
            Profile profile,
            URI baseUrl,
            @Nullable ApiKey key,
            ListRequest listing,
            ProviderWords words,
            ScheduledExecutorService scheduler,
            Clock clock,
            Executor log) {
        super(profile, Head.NONE, words, clock);
        this.baseUrl = baseUrl;
        this.key = key;
        this.listing = listing;
        String where = profile.name() + " (" + baseUrl + ")";
        this.standing = new Standing(new FaultLog(where, setting(""), words, clock, log), clock);
        this.threads = threads(profile.name());
        this.lookups = new Lookups(profile.name(), clock, profile.timeouts().connect());
        // Two more connections than streams: one for the list of models, one for the probe.
        boolean secure = "https".equalsIgnoreCase(baseUrl.getScheme());
        this.client = ProviderClient.create(
                secure, profile.maxStreams() + 2, profile.timeouts().connect(), threads, scheduler);
        client.setSocketAddressResolver(lookups);
        ProviderClient.useProxy(client, baseUrl);
    }

    @Override
    public void start() throws Exception {
        threads.start();
        client.start();
        client.getContentDecoderFactories().clear(); // ContentCoding decodes instead, where it has to
        client.getProtocolHandlers().put(new InterimHeads());
    }

    @Override
    public void stop() throws Exception {
        standing.stop();
        try {
            client.stop();
        } finally {
            lookups.stop();
            threads.stop();
        }
    }

    @Override
    public Standing standing() {
        return standing;
    }

    /** For work that must not delay the streams of a selector's thread. */
    Executor executor() {
        return threads;
    }

    HttpClient client() {
        return client;
    }

    @Override
    public boolean isFirstUse(Connection connection) {
        return used.add(connection);
    }

    @Override
    public Request completion(Target target, UpstreamRequest sending) {
        return client.POST(URI.create(
                        baseUrl + sending.dialect().path() + sending.passed().query()))
                .idleTimeout(0, TimeUnit.SECONDS) // StreamClocks has the timeouts: a reasoning model is silent for long
                .headers(headers -> {
                    headers.put(HttpHeader.ACCEPT, sending.streams() ? "text/event-stream" : "application/json");
                    sending.passed().headers().forEach(field -> headers.add(field.name(), field.value()));
                    identify(headers);
                })
                .body(sending.body().sentTo(target));
    }

    @Override
    public void connect(Request request, Promise<Connection> whenMade) {
        client.resolveDestination(request).newConnection(whenMade);
    }

    /** A request for the list of its models. */
    Request modelList() {
        return client.newRequest(URI.create(baseUrl + "/models" + listing.query()))
                .headers(headers -> {
                    headers.put(HttpHeader.ACCEPT, "application/json");
                    listing.fields().forEach(field -> headers.put(field.name(), field.value()));
                    identify(headers);
                });
    }

    /** Threads for this provider alone, so that a blocked connection does not delay the streams of others. */
    private static QueuedThreadPool threads(String name) {
        QueuedThreadPool threads =
                new QueuedThreadPool(ProviderClient.SELECTORS + MORE_THREADS, ProviderClient.SELECTORS + 1);
        threads.setName("sluice-client-" + name);
        threads.setDaemon(true);
        return threads;
    }

    private void identify(HttpFields.Mutable headers) {
        headers.put(HttpHeader.ACCEPT_ENCODING, "identity");
        headers.put(HttpHeader.USER_AGENT, "Sluice");
        if (key != null) {
            headers.put(key.header(), key.value());
        }
    }

    @Override
    ProviderCall call(Target target, UpstreamRequest sending) {
        return new UpstreamCall(this, this, target, sending);
    }

    @Override
    void listModels(String owner, Consumer<ModelList.Answer> reader) {
        new ModelListCall(this, owner, reader).start();
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "HttpProvider[" + name() + ", " + baseUrl + "]";
    }
}
