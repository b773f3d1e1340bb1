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
 * A provider that is called over HTTP: where it is, and how to reach it. All methods may be called by any thread.
 */
public final class HttpProvider extends Provider implements HttpRequests {
    /** Threads beside those, for what the client does not want done there: handshakes of TLS, lists of models. */
    private static final int MORE_THREADS = 7;

    private final URI baseUrl;
    private final @Nullable String key;
    private final Standing standing;
    private final QueuedThreadPool threads;
    private final Lookups lookups;
    private final HttpClient client;

    /** Connections that have carried a call; guarded by its own lock, held for a look-up only. */
    private final Set<Connection> used = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /**
     * A provider that is not started yet.
     *
     * @param baseUrl what the API's paths are relative to, without a slash at its end
     * @param key sent as the bearer, to this provider only; none, no {@code Authorization}
     * @param words keeps every provider's key out of what clients read
     * @param scheduler for the HTTP client's own timers
     * @param log writes lines of the log, for those who must not wait
     */
    public HttpProvider(
            Profile profile,
            URI baseUrl,
            @Nullable String key,
            ProviderWords words,
            ScheduledExecutorService scheduler,
            Clock clock,
            Executor log) {
        super(profile, Head.NONE, words, clock);
        this.baseUrl = baseUrl;
        this.key = key;
        String where = profile.name() + " (" + baseUrl + ")";
        this.standing = new Standing(new FaultLog(where, setting(""), words, clock, log), clock);
        this.threads = threads(profile.name());
        this.lookups = new Lookups(profile.name(), clock, profile.timeouts().connect());
        // Two more than streams: the list of models and the probe must neither wait for them nor hold one up.
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
        client.getContentDecoderFactories().clear(); // asked for as it is, read as it is
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

    /** Where work goes on that should not hold up the thread it began on. */
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
        return client.POST(URI.create(baseUrl + sending.dialect().path()))
                .idleTimeout(0, TimeUnit.SECONDS) // our clocks rule: a thinking model is silent for long
                .headers(headers -> {
                    headers.put(HttpHeader.ACCEPT, sending.streams() ? "text/event-stream" : "application/json");
                    sending.fields().forEach(field -> headers.add(field.name(), field.value()));
                    identify(headers);
                })
                .body(sending.body().sentTo(target));
    }

    @Override
    public void connect(Request request, Promise<Connection> whenMade) {
        client.resolveDestination(request).newConnection(whenMade);
    }

    /** Asks for what is at {@code path} below the base URL, as JSON. */
    Request get(String path) {
        return client.newRequest(URI.create(baseUrl + path)).headers(headers -> {
            headers.put(HttpHeader.ACCEPT, "application/json");
            identify(headers);
        });
    }

    /** Of its own: what blocks in one provider's connections must not hold up another's streams. */
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
            headers.put(HttpHeader.AUTHORIZATION, "Bearer " + key);
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

    /** Never the key. */
    @Override
    public String toString() {
        return "HttpProvider[" + name() + ", " + baseUrl + "]";
    }
}
