package dev.sluice.app;

import dev.sluice.admission.Ledger;
import dev.sluice.config.Settings;
import dev.sluice.observe.CallerTotals;
import dev.sluice.observe.LogWriter;
import dev.sluice.observe.Metrics;
import dev.sluice.observe.StreamTotals;
import dev.sluice.observe.UsageLog;
import dev.sluice.relay.Alarms;
import dev.sluice.relay.StreamListener;
import dev.sluice.relay.StreamMetrics;
import dev.sluice.relay.Streams;
import dev.sluice.servlet.BodyBudget;
import dev.sluice.servlet.ClientWatch;
import dev.sluice.servlet.DoctorEndpoint;
import dev.sluice.servlet.Readiness;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates, connects, starts and stops the objects that exist as long as the application. The objects that depend on the
 * settings are in a {@link Generation}. Any thread may call all methods.
 */
final class Engine {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private final Dialects dialects;
    private final Duration patience;
    private final ScheduledThreadPoolExecutor scheduler;
    private final Alarms alarms;
    private final RunThreads threads = new RunThreads();
    private final StreamMetrics figures = new StreamMetrics();
    private final StreamTotals totals = new StreamTotals();
    private final Streams streams;
    private final ClientWatch clients;
    private final BodyBudget bodies;
    private final LogWriter log = new LogWriter();
    private final UsageLog usage = new UsageLog(log);
    private final Counting counting;
    private final Generations generations;
    private final CallerTotals callers;

    /** Created at the first request, so that the start does not wait for it; guarded by this. */
    private @Nullable Metrics metrics;

    /** The scheduler's one thread; null before its first task. */
    private volatile @Nullable Thread clockThread;

    /** Begins to drain at SIGTERM, because containers may close connections before they stop the application. */
    private final Thread onShutdown = new Thread(this::drain, "sluice-drain");

    private Engine(Settings settings) {
        this.dialects = Dialects.in(Engine.class.getClassLoader());
        this.patience = settings.stream().drain();
        this.scheduler = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "sluice-clock");
            thread.setDaemon(true);
            clockThread = thread;
            return thread;
        });
        scheduler.setRemoveOnCancelPolicy(true);
        this.alarms = new Alarms(scheduler);
        this.bodies = new BodyBudget(settings.body().maxTotalBytes());
        this.streams = new Streams(alarms, threads, figures);
        this.counting = Counting.of(settings, alarms, log);
        this.generations = new Generations(
                settings,
                new Common(
                        dialects, scheduler, alarms, threads, log, bodies, counting.ledger(), DoctorEndpoint.room()));
        this.callers = new CallerTotals(() -> generations.current().countsCallers());
        this.clients =
                new ClientWatch(); // created last, so that its selector is not left open when the settings have faults
    }

    static Engine start(Settings settings) {
        Engine engine = new Engine(settings);
        try {
            engine.generations.start();
            engine.log.start();
            engine.counting.start();
            engine.clients.start();
        } catch (Exception | Error e) { // for example if no thread can be created
            engine.stop();
            throw new IllegalStateException("Sluice could not start", e);
        }
        Runtime.getRuntime().addShutdownHook(engine.onShutdown);
        return engine;
    }

    /** Lets running streams finish within sluice.drain, ends the others, and stops everything. Blocks until then. */
    void stop() {
        try {
            Runtime.getRuntime().removeShutdownHook(onShutdown);
        } catch (IllegalStateException shuttingDown) {
            LOG.debug("The shutdown hook drains too");
        }
        drain();
        close("generations", generations::stop);
        close("streams' threads", threads::stop);
        close("count of what callers use", counting::stop);
        close("metrics", this::closeMetrics);
        close("log", log::stop);
        close("clients' watch", clients::stop);
        scheduler.shutdownNow();
        close("clock", () -> {
            Thread thread = clockThread;
            if (thread != null) {
                thread.join(TimeUnit.SECONDS.toMillis(5)); // containers report threads that still run
            }
        });
        close("records", RecordMethods::release);
    }

    /** Counts what callers use. */
    Ledger ledger() {
        return counting.ledger();
    }

    Dialects dialects() {
        return dialects;
    }

    Generations generations() {
        return generations;
    }

    Streams streams() {
        return streams;
    }

    ClientWatch clients() {
        return clients;
    }

    /** The listeners of streams that call a provider. */
    List<StreamListener.Factory> listeners() {
        return List.of(totals, callers, usage);
    }

    /** The listeners of streams that call no provider. */
    List<StreamListener.Factory> listenersOfExaminations() {
        return List.of(totals);
    }

    String metrics() {
        return shownMetrics().scrape();
    }

    /** Whether this node accepts streams, and the state of its upstreams. */
    Readiness readiness() {
        return generations.current().readiness(streams.refusal() != null);
    }

    private synchronized Metrics shownMetrics() {
        Metrics shown = metrics;
        if (shown == null) {
            shown = new Metrics(
                    figures,
                    totals,
                    callers,
                    generations::numbers,
                    counting::plans,
                    counting.shared(),
                    bodies::heldBytes,
                    log,
                    alarms);
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
            streams.drain(patience);
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
}
