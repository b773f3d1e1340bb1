package dev.sluice.upstream;

import dev.sluice.openai.Defaults;
import dev.sluice.openai.ProviderWords;
import dev.sluice.relay.Clock;
import dev.sluice.relay.Head;
import dev.sluice.relay.Patience;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Transport;
import org.jspecify.annotations.Nullable;

/**
 * One provider of completions: where it is, how to reach it, how many calls at once. All methods may be called by any
 * thread.
 */
public final class Provider {
    /**
     * Threads of the pool that each provider keeps: they wait for what its connections bring, and do the streams' work
     * when it comes. One for each core: with fewer, tokens wait for a thread while a core has nothing to do.
     */
    public static final int THREADS = Runtime.getRuntime().availableProcessors();

    private static final long DOUBT_NANOS = Duration.ofSeconds(30).toNanos();

    private final Profile profile;
    private final URI completions;
    private final Head head;
    private final Semaphore permits;
    private final RetryAllowance allowance = new RetryAllowance();
    private final ProviderWords words;
    private final HttpClient client;
    private final Clock clock;

    /** When a call last found nobody there, 0 if one has got through since. Set by any thread. */
    private volatile long unreachableSince;

    /** Connections that have carried a call; guarded by its own lock, held for a look-up only. */
    private final Set<Connection> used = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /**
     * What an operator says of a provider.
     *
     * @param name what the configuration calls it
     * @param baseUrl what the API's paths are relative to, without a slash at its end
     * @param key sent as the bearer, to this provider only; none, no {@code Authorization}
     * @param transport how to get there, if not over the network
     * @param maxStreams how many calls may be open at once
     * @param patience how long it is waited for
     * @param asksForUsage whether streams are asked for what they cost
     * @param defaults what requests may leave out
     */
    public record Profile(
            String name,
            URI baseUrl,
            @Nullable String key,
            @Nullable Transport transport,
            int maxStreams,
            Patience patience,
            boolean asksForUsage,
            Defaults defaults) {
        /** Never the key. */
        @Override
        public String toString() {
            return "Profile[" + name + ", " + baseUrl + "]";
        }
    }

    /**
     * A provider that is not started yet.
     *
     * @param words keeps every provider's key out of what clients read
     * @param threads run what may block; running, and stopped by their owner after this
     * @param scheduler for the HTTP client's own timers
     */
    public Provider(
            Profile profile, ProviderWords words, Executor threads, ScheduledExecutorService scheduler, Clock clock) {
        this.profile = profile;
        this.completions = URI.create(profile.baseUrl + "/chat/completions");
        this.head = profile.transport == null
                ? Head.NONE
                : new Head(-1, List.of(new Head.Field("X-Sluice-Upstream", "simulator")));
        this.permits = new Semaphore(profile.maxStreams);
        this.words = words;
        this.clock = clock;
        // One connection more than streams: the list of models must neither wait for one of them nor hold one up.
        boolean secure = "https".equalsIgnoreCase(profile.baseUrl.getScheme());
        this.client =
                ProviderClient.create(secure, profile.maxStreams + 1, profile.patience.connect(), threads, scheduler);
        if (profile.transport == null) {
            ProviderClient.useProxy(client, profile.baseUrl);
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

    /** What the configuration calls it. */
    public String name() {
        return profile.name;
    }

    /** Whether there is reason to hope: false for a while after a call that found nobody there. */
    public boolean isReachable() {
        long since = unreachableSince;
        return since == 0 || clock.nanoTime() - since > DOUBT_NANOS;
    }

    /** The full name of one of its settings. */
    String setting(String key) {
        return (profile.name.equals("default") ? "sluice.upstream." : "sluice.upstreams." + profile.name + ".") + key;
    }

    /** Where work goes on that should not hold up the thread it began on. */
    Executor executor() {
        return client.getExecutor();
    }

    /** Calls whose connections are in use now. */
    public int openCalls() {
        return profile.maxStreams - permits.availablePermits();
    }

    /** Calls made once more because there was no answer. */
    public long retries() {
        return allowance.spent();
    }

    void reached(boolean reached) {
        unreachableSince = reached ? 0 : clock.nanoTime() | 1;
    }

    Clock clock() {
        return clock;
    }

    Patience patience() {
        return profile.patience;
    }

    boolean asksForUsage() {
        return profile.asksForUsage;
    }

    Defaults defaults() {
        return profile.defaults;
    }

    RetryAllowance allowance() {
        return allowance;
    }

    ProviderWords words() {
        return words;
    }

    /** What answers of this provider say of themselves before they begin. */
    Head head() {
        return head;
    }

    int maxStreams() {
        return profile.maxStreams;
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

    Request request(Target target, Sending sending) {
        Request request = client.POST(completions)
                .idleTimeout(0, TimeUnit.SECONDS) // our clocks rule: a thinking model is silent for long
                .headers(headers -> {
                    headers.put(HttpHeader.ACCEPT, sending.streams() ? "text/event-stream" : "application/json");
                    sending.fields().forEach(field -> headers.add(field.name(), field.value()));
                    identify(headers);
                })
                .body(sending.body().sentTo(target));
        return profile.transport == null ? request : request.transport(profile.transport);
    }

    /** Asks for what is at {@code path} below the base URL, as JSON. */
    Request get(String path) {
        Request request = client.newRequest(URI.create(profile.baseUrl + path)).headers(headers -> {
            headers.put(HttpHeader.ACCEPT, "application/json");
            identify(headers);
        });
        return profile.transport == null ? request : request.transport(profile.transport);
    }

    private void identify(HttpFields.Mutable headers) {
        headers.put(HttpHeader.ACCEPT_ENCODING, "identity");
        headers.put(HttpHeader.USER_AGENT, "Sluice");
        if (profile.key != null) {
            headers.put(HttpHeader.AUTHORIZATION, "Bearer " + profile.key);
        }
    }

    @Override
    public String toString() {
        return "Provider[" + profile + "]";
    }
}
