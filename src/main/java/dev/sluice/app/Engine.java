package dev.sluice.app;

import dev.sluice.config.Secret;
import dev.sluice.config.Settings;
import dev.sluice.relay.Alarms;
import dev.sluice.relay.Figures;
import dev.sluice.relay.Limits;
import dev.sluice.relay.Streams;
import dev.sluice.simulator.Simulator;
import dev.sluice.upstream.Provider;
import dev.sluice.web.BodyBudget;
import dev.sluice.web.ChatCalls;
import java.net.URI;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that runs, wired together; what it starts it stops. All methods may be called by any thread. */
final class Engine {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private final Settings settings;
    private final ScheduledThreadPoolExecutor scheduler;
    private final @Nullable Simulator simulator;
    private final Provider provider;
    private final Figures figures = new Figures();
    private final Streams streams;
    private final BodyBudget bodies;
    private final Metrics metrics;

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
        Alarms alarms = new Alarms(scheduler);
        Settings.Upstream upstream = settings.upstreams().get(0);
        Secret key = upstream.key();
        this.simulator = upstream.simulator() ? new Simulator(scheduler) : null;
        this.provider = new Provider(
                simulator == null ? upstream.url() : URI.create("http://simulator/v1"),
                key == null || simulator != null ? null : key.reveal(),
                simulator == null ? null : simulator.transport(),
                upstream.maxStreams(),
                upstream.connectTimeout(),
                scheduler,
                alarms);
        this.streams = new Streams(
                limits(settings), alarms, task -> provider.executor().execute(task), figures);
        this.bodies = new BodyBudget(settings.body().maxBytes(), settings.body().maxTotalBytes());
        this.metrics = new Metrics(figures, provider, bodies, alarms);
    }

    static Engine start(Settings settings) {
        Engine engine = new Engine(settings);
        try {
            if (engine.simulator != null) {
                engine.simulator.start();
            }
            engine.provider.start();
        } catch (Exception e) {
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
        close("upstream", provider::stop);
        if (simulator != null) {
            close("simulator", simulator);
        }
        close("metrics", metrics);
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

    BodyBudget bodies() {
        return bodies;
    }

    ChatCalls chatCalls() {
        return new ChatCalls(settings.chat(), simulator != null, provider::call, provider::newChunkReader);
    }

    String metrics() {
        return metrics.scrape();
    }

    /** Why a new stream would get no answer, in a word; null if it would. */
    @Nullable
    String downReason() {
        if (streams.refusal() != null) {
            return "draining";
        }
        return provider.isReachable() ? null : "no upstream";
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

    private static Limits limits(Settings settings) {
        return new Limits(
                settings.body().timeout(),
                // The client's own, which knows what failed, comes first; this one is for what it does not see.
                settings.upstreams().get(0).connectTimeout().plusSeconds(1),
                settings.upstreams().get(0).firstTokenTimeout(),
                settings.upstreams().get(0).idleTimeout(),
                settings.stream().clientStallTimeout(),
                settings.stream().heartbeat(),
                settings.stream().eventMaxBytes(),
                settings.stream().bufferBytes());
    }
}
