package dev.sluice.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.sluice.config.Secret;
import dev.sluice.config.Settings;
import dev.sluice.config.SettingsException;
import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.dialect.openai.CompletionBody;
import dev.sluice.relay.Alarms;
import dev.sluice.relay.Clock;
import dev.sluice.relay.Limits;
import dev.sluice.relay.StreamMetrics;
import dev.sluice.relay.Streams;
import dev.sluice.relay.UpstreamTimeouts;
import dev.sluice.servlet.BodyBudget;
import dev.sluice.servlet.BodyLimit;
import dev.sluice.servlet.ChatEndpoint;
import dev.sluice.servlet.ClientWatch;
import dev.sluice.servlet.CompletionsEndpoint;
import dev.sluice.servlet.DoctorEndpoint;
import dev.sluice.servlet.Endpoint;
import dev.sluice.servlet.Ledger;
import dev.sluice.servlet.ModelDirectory;
import dev.sluice.servlet.Readiness;
import dev.sluice.simulator.SimulatedAnswer;
import dev.sluice.simulator.Simulator;
import dev.sluice.upstream.Fault;
import dev.sluice.upstream.HttpProvider;
import dev.sluice.upstream.LocalAnswer;
import dev.sluice.upstream.LocalProvider;
import dev.sluice.upstream.ModelCatalog;
import dev.sluice.upstream.Probe;
import dev.sluice.upstream.Provider;
import dev.sluice.upstream.RetryPolicy;
import dev.sluice.upstream.Routes;
import dev.sluice.upstream.Standing;
import dev.sluice.upstream.Target;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that runs, wired together; what it starts it stops. All methods may be called by any thread. */
final class Engine {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private final Settings settings;
    private final ScheduledThreadPoolExecutor scheduler;
    private final Alarms alarms;
    private final RunThreads threads = new RunThreads();
    private final ProviderWords words;
    private final Map<String, Provider> providers;
    private final List<Probe> probes; // of the providers that a ready node needs, if it does
    private final Routes routes;
    private final ModelDirectory offer;
    private final StreamMetrics figures = new StreamMetrics();
    private final Streams streams;
    private final ClientWatch clients;
    private final BodyBudget bodies;
    private final LogWriter log = new LogWriter();
    private final UsageLog usage = new UsageLog(log);

    /** Made for whoever asks first, or a start would wait for it; guarded by this. */
    private @Nullable Metrics metrics;

    /** The scheduler's one thread, once it has one; set by whoever schedules first. */
    private volatile @Nullable Thread clockThread;

    /** On SIGTERM containers may close connections before they tell us: this drains from the first moment. */
    private final Thread onShutdown = new Thread(this::drain, "sluice-drain");

    private Engine(Settings settings) {
        this.settings = settings;
        this.scheduler = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "sluice-clock");
            thread.setDaemon(true);
            clockThread = thread;
            return thread;
        });
        scheduler.setRemoveOnCancelPolicy(true);
        this.alarms = new Alarms(scheduler);
        List<Settings.Upstream> asked = settings.upstreams().stream()
                .filter(upstream -> settings.models().isAsked(upstream.name()))
                .toList();
        Map<String, RequestDefaults> defaults = defaults(asked);
        this.words = new ProviderWords(settings.upstreams().stream()
                .flatMap(upstream -> Stream.ofNullable(upstream.key()))
                .map(Secret::reveal)
                .toList());
        this.providers = new LinkedHashMap<>();
        for (Settings.Upstream upstream : asked) {
            Provider.Profile profile = profile(upstream, named(defaults, upstream.name()));
            providers.put(upstream.name(), upstream.simulator() ? simulator(profile) : http(upstream, profile));
        }
        this.probes = settings.ready().needsUpstream() ? probes(providers.values()) : List.of();
        this.routes = routes(settings, providers, alarms);
        this.offer = offer(settings.models(), providers);
        this.streams = new Streams(limits(settings), alarms, threads, figures);
        this.bodies = new BodyBudget(settings.body().maxTotalBytes());
        this.clients = new ClientWatch(); // the last: faulty settings must not leave its selector open
    }

    static Engine start(Settings settings) {
        Engine engine = new Engine(settings);
        try {
            for (Provider provider : engine.providers.values()) {
                provider.start();
            }
            engine.probes.forEach(Probe::start);
            engine.log.start();
            engine.clients.start();
        } catch (Exception | Error e) { // such as the one for want of threads
            engine.stop();
            throw new IllegalStateException("Sluice could not start", e);
        }
        Runtime.getRuntime().addShutdownHook(engine.onShutdown);
        return engine;
    }

    /** Lets running streams finish for a while, ends the rest, and leaves nothing behind. Blocks until then. */
    void stop() {
        try {
            Runtime.getRuntime().removeShutdownHook(onShutdown);
        } catch (IllegalStateException shuttingDown) {
            LOG.debug("The shutdown hook drains too");
        }
        drain();
        probes.forEach(Probe::stop);
        providers.forEach((name, provider) -> close("upstream " + name, provider::stop));
        close("streams' threads", threads::stop);
        close("metrics", this::closeMetrics);
        close("log", log::stop);
        close("clients' watch", clients::stop);
        scheduler.shutdownNow();
        close("clock", () -> {
            Thread thread = clockThread;
            if (thread != null) {
                thread.join(TimeUnit.SECONDS.toMillis(5)); // containers look for threads left behind
            }
        });
    }

    Streams streams() {
        return streams;
    }

    ClientWatch clients() {
        return clients;
    }

    BodyLimit bodies() {
        return new BodyLimit(bodies, settings.body().maxBytes(), "sluice.request.max-bytes");
    }

    BodyLimit chatBodies() {
        BodyLimit every = bodies();
        int most = settings.body().chatMaxBytes();
        return most < every.maxBytes() ? new BodyLimit(bodies, most, "sluice.chat.max-bytes") : every;
    }

    Ledger ledger() {
        return usage;
    }

    Endpoint chat() {
        return new ChatEndpoint(
                settings.chat(), routes::call, words, settings.stream().eventMaxBytes());
    }

    Endpoint completions() {
        return new CompletionsEndpoint(routes::call, words, settings.stream().eventMaxBytes());
    }

    Endpoint doctor() {
        return new DoctorEndpoint(alarms.on(threads), settings.stream().heartbeat());
    }

    ModelDirectory offer() {
        return offer;
    }

    String metrics() {
        return shownMetrics().scrape();
    }

    /** Whether this node takes streams, and what is known of its upstreams. */
    Readiness readiness() {
        boolean draining = streams.refusal() != null;
        boolean unmet = !probes.isEmpty() && probes.stream().noneMatch(Probe::isUp);
        return new Readiness(
                draining ? "draining" : unmet ? "no upstream" : null,
                providers.values().stream().map(Engine::shown).toList());
    }

    private synchronized Metrics shownMetrics() {
        Metrics shown = metrics;
        if (shown == null) {
            shown = new Metrics(figures, List.copyOf(providers.values()), bodies, log, alarms);
            metrics = shown;
        }
        return shown;
    }

    private synchronized void closeMetrics() {
        if (metrics != null) {
            metrics.close();
        }
    }

    private void drain() {
        try {
            streams.drain(settings.stream().drain());
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(String what, AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            LOG.warn("The {} did not stop cleanly", what, e);
        }
    }

    private static Provider.Profile profile(Settings.Upstream upstream, RequestDefaults defaults) {
        return new Provider.Profile(
                upstream.name(),
                upstream.maxStreams(),
                new UpstreamTimeouts(
                        upstream.connectTimeout(),
                        upstream.firstTokenTimeout(),
                        upstream.idleTimeout(),
                        upstream.tokenTimeout()),
                upstream.includeUsage(),
                upstream.finishReasonOptional(),
                defaults);
    }

    private Provider http(Settings.Upstream upstream, Provider.Profile profile) {
        Secret key = upstream.key();
        return new HttpProvider(
                profile, upstream.url(), key == null ? null : key.reveal(), words, scheduler, alarms, log);
    }

    /** Its pieces are due so often that others would have to wait for the scheduler, so the threads run its streams. */
    private Provider simulator(Provider.Profile profile) {
        Simulator simulator = new Simulator(alarms.on(threads));
        ModelList models = ModelList.read(Simulator.modelList().getBytes(UTF_8), profile.name())
                .orElseThrow();
        return new LocalProvider(profile, words, alarms, body -> local(simulator.answer(body)), models);
    }

    private static LocalAnswer local(SimulatedAnswer answer) {
        return answer instanceof SimulatedAnswer.Refused refused
                ? new LocalAnswer.Refused(refused.status(), refused.retryAfter(), refused.json())
                : new LocalAnswer.Begun(((SimulatedAnswer.Begun) answer).upstream());
    }

    /** By the upstream's name. The settings' reader knows no JSON, so here is where faults in it are found, all at once. */
    private static Map<String, RequestDefaults> defaults(List<Settings.Upstream> upstreams) {
        Map<String, RequestDefaults> defaults = new HashMap<>();
        List<String> faults = new ArrayList<>();
        for (Settings.Upstream upstream : upstreams) {
            String json = upstream.defaults();
            try {
                defaults.put(
                        upstream.name(),
                        json == null ? RequestDefaults.NONE : RequestDefaults.parse(json, CompletionBody.OURS));
            } catch (IllegalArgumentException illFormed) {
                faults.add("The defaults of the upstream " + upstream.name() + ": " + illFormed.getMessage());
            }
        }
        if (!faults.isEmpty()) {
            throw new SettingsException(faults);
        }
        return defaults;
    }

    private static Routes routes(Settings settings, Map<String, Provider> providers, Clock clock) {
        Settings.Models models = settings.models();
        SortedMap<String, List<Target>> aliases = new TreeMap<>();
        models.aliases()
                .forEach((alias, targets) -> aliases.put(
                        alias,
                        targets.stream()
                                .map(target -> new Target(named(providers, target.upstream()), target.model()))
                                .toList()));
        String others = models.others();
        Settings.Retry retry = settings.retry();
        return new Routes(
                aliases,
                others == null ? null : named(providers, others),
                new RetryPolicy(retry.attempts(), retry.budget(), retry.lost()),
                clock);
    }

    private static ModelDirectory offer(Settings.Models models, Map<String, Provider> providers) {
        Instant now = Instant.now();
        String others = models.others();
        return new Offer(
                models.aliases().keySet().stream()
                        .map(alias -> ModelList.Model.alias(alias, now))
                        .toList(),
                others == null ? null : new ModelCatalog(named(providers, others), others, models.maxAge()));
    }

    /** One for each; none if one of them is within this process, and so is always there. */
    private static List<Probe> probes(Collection<Provider> providers) {
        List<Probe> probes = new ArrayList<>();
        for (Provider provider : providers) {
            if (!(provider instanceof HttpProvider remote)) {
                return List.of();
            }
            probes.add(new Probe(remote));
        }
        return probes;
    }

    private static Readiness.Upstream shown(Provider provider) {
        Standing standing = provider.standing();
        Fault fault = standing.fault();
        return new Readiness.Upstream(
                provider.name(), standing.isReachable(), fault == null ? null : fault.label(), standing.missedFor());
    }

    private static <T> T named(Map<String, T> things, String name) {
        return requireNonNull(things.get(name), name);
    }

    private static Limits limits(Settings settings) {
        return new Limits(
                settings.body().timeout(),
                settings.stream().clientStallTimeout(),
                settings.stream().heartbeat(),
                settings.stream().bufferBytes());
    }
}
