package dev.sluice.upstream;

import dev.sluice.openai.ChunkReader;
import dev.sluice.relay.Clock;
import dev.sluice.relay.Upstream;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Transport;
import org.jspecify.annotations.Nullable;

/**
 * One provider of completions: where it is, how to reach it, how many calls at once. All methods may be called by any
 * thread.
 */
public final class Provider {
    private static final long DOUBT_NANOS = Duration.ofSeconds(30).toNanos();

    private final URI completions;
    private final URI baseUrl;
    private final @Nullable String key;
    private final @Nullable Transport transport;
    private final int maxStreams;
    private final Semaphore permits;
    private final HttpClient client;
    private final Clock clock;

    /** When a call last found nobody there, 0 if one has got through since. Set by any thread. */
    private volatile long unreachableSince;

    /** Connections that have carried a call; guarded by its own lock, held for a look-up only. */
    private final Set<Connection> used = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /**
     * @param baseUrl what the API's paths are relative to, without a slash at its end
     * @param key sent as the bearer, to this provider only; none, no {@code Authorization}
     * @param transport how to get there, if not over the network
     * @param maxStreams how many calls may be open at once
     * @param scheduler for the HTTP client's own timers
     */
    public Provider(
            URI baseUrl,
            @Nullable String key,
            @Nullable Transport transport,
            int maxStreams,
            Duration connectTimeout,
            ScheduledExecutorService scheduler,
            Clock clock) {
        this.baseUrl = baseUrl;
        this.completions = URI.create(baseUrl + "/chat/completions");
        this.key = key;
        this.transport = transport;
        this.maxStreams = maxStreams;
        this.permits = new Semaphore(maxStreams);
        this.clock = clock;
        // One connection more than streams: the list of models must neither wait for one of them nor hold one up.
        this.client = ProviderClient.create(maxStreams + 1, connectTimeout, scheduler);
        if (transport == null) {
            ProviderClient.useProxy(client, baseUrl);
        }
    }

    /** Call once, before anything else. */
    public void start() throws Exception {
        client.start();
        client.getContentDecoderFactories().clear(); // asked for as it is, read as it is
    }

    /** Ends every call and leaves no thread behind. */
    public void stop() throws Exception {
        client.stop();
    }

    /** A call that asks for a streamed completion; nothing is sent before it is started. */
    public Upstream call(byte[] body) {
        return new UpstreamCall(this, body);
    }

    /** Reads the chunks of one of this provider's answers. */
    public ChunkReader newChunkReader() {
        return new ChunkReader(key);
    }

    /** Where work goes on that should not hold up the thread it began on. */
    public Executor executor() {
        return client.getExecutor();
    }

    /** Whether there is reason to hope: false for a while after a call that found nobody there. */
    public boolean isReachable() {
        long since = unreachableSince;
        return since == 0 || clock.nanoTime() - since > DOUBT_NANOS;
    }

    /** Calls whose connections are in use now. */
    public int openCalls() {
        return maxStreams - permits.availablePermits();
    }

    void reached(boolean reached) {
        unreachableSince = reached ? 0 : clock.nanoTime() | 1;
    }

    Clock clock() {
        return clock;
    }

    @Nullable
    String key() {
        return key;
    }

    int maxStreams() {
        return maxStreams;
    }

    boolean tryAcquire() {
        return permits.tryAcquire();
    }

    void release() {
        permits.release();
    }

    HttpClient client() {
        return client;
    }

    /** Whether this is the first call on {@code connection}. */
    boolean isFirstUse(Connection connection) {
        return used.add(connection);
    }

    Request request(byte[] body) {
        Request request = client.POST(completions)
                .idleTimeout(0, TimeUnit.SECONDS) // our clocks rule: a thinking model is silent for long
                .headers(headers -> {
                    headers.put(HttpHeader.ACCEPT, "text/event-stream");
                    headers.put(HttpHeader.ACCEPT_ENCODING, "identity");
                    headers.put(HttpHeader.USER_AGENT, "Sluice");
                    if (key != null) {
                        headers.put(HttpHeader.AUTHORIZATION, "Bearer " + key);
                    }
                })
                .body(new BytesRequestContent("application/json", body));
        return transport == null ? request : request.transport(transport);
    }

    /** Asks for what is at {@code path} below the base URL, as JSON. */
    Request get(String path) {
        Request request = client.newRequest(URI.create(baseUrl + path)).headers(headers -> {
            headers.put(HttpHeader.ACCEPT, "application/json");
            headers.put(HttpHeader.ACCEPT_ENCODING, "identity");
            headers.put(HttpHeader.USER_AGENT, "Sluice");
            if (key != null) {
                headers.put(HttpHeader.AUTHORIZATION, "Bearer " + key);
            }
        });
        return transport == null ? request : request.transport(transport);
    }

    @Override
    public String toString() {
        return "Provider[" + completions + "]";
    }
}
