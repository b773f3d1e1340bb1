package dev.sluice.observe;

import dev.sluice.relay.Alarms;
import dev.sluice.relay.Outcome;
import dev.sluice.relay.Pause;
import dev.sluice.relay.StreamMetrics;
import dev.sluice.relay.StreamMetrics.WaitsFor;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Shows the numbers of other classes as Prometheus text. A meter refers to its source weakly and to its function strongly. An
 * object to which nothing else may refer is therefore captured by the function, and the registry is the source.
 */
public final class Metrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Supplier<List<UpstreamNumbers>> upstreams;
    private final PlanMeters plans;
    private final CallerMeters callers;

    /** The upstreams at the last scrape, with their meters. Guarded by this. */
    private final Map<UpstreamNumbers, List<Meter>> shown = new HashMap<>();

    /**
     * @param shared those of the store in which nodes count together; null if this node counts alone
     * @param bodyBytes the bytes of the request bodies that are held
     */
    public Metrics(
            StreamMetrics figures,
            StreamTotals totals,
            CallerTotals callers,
            Supplier<List<UpstreamNumbers>> upstreams,
            Supplier<List<PlanNumbers>> plans,
            @Nullable SharedNumbers shared,
            LongSupplier bodyBytes,
            LogWriter log,
            Alarms alarms) {
        this.upstreams = upstreams;
        this.plans = new PlanMeters(registry, plans);
        this.callers = new CallerMeters(registry, callers);
        gauge("sluice.streams.open", "Streams that have not ended", totals, StreamTotals::open);
        for (WaitsFor whom : WaitsFor.values()) {
            Gauge.builder("sluice.streams.waiting", figures, f -> f.waiting(whom))
                    .description("Streams that wait for this now")
                    .tag("for", label(whom))
                    .register(registry);
            counter("sluice.streams.waited", "Time that streams waited for this", "seconds")
                    .of(figures, f -> f.waitedSeconds(whom))
                    .tag("for", label(whom))
                    .register(registry);
        }
        for (Pause pause : Pause.values()) {
            counter(
                            "sluice.streams.paused",
                            "Time that streams stood still for their clients with this in hand",
                            "seconds")
                    .of(totals, t -> t.pausedSeconds(pause))
                    .tag("holding", label(pause))
                    .register(registry);
        }
        for (Outcome outcome : Outcome.values()) {
            counter("sluice.streams.ended", "Streams that ended so", "")
                    .of(totals, t -> t.ended(outcome))
                    .tag("outcome", outcome.label())
                    .register(registry);
        }
        counter("sluice.tokens", "Pieces of answers that came from upstream", "")
                .of(figures, StreamMetrics::tokens)
                .register(registry);
        counter("sluice.heartbeats", "Keep-alive comments sent", "")
                .of(figures, StreamMetrics::heartbeats)
                .register(registry);
        counter("sluice.sent", "Bytes given to the container for clients", "bytes")
                .of(figures, StreamMetrics::bytesOut)
                .register(registry);
        Gauge.builder("sluice.held", figures, StreamMetrics::heldBytes)
                .description("Bytes that waiting streams hold: parts of events, and output not yet written")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("sluice.request.bodies", registry, held -> bodyBytes.getAsLong())
                .description("Bytes of request bodies held")
                .baseUnit("bytes")
                .register(registry);
        counter("sluice.usage.dropped", "Lines, such as those about ended streams, that the log was too slow for", "")
                .of(log, LogWriter::dropped)
                .register(registry);
        gauge("sluice.timers.pending", "Alarms set", alarms, Alarms::pending);
        if (shared != null) {
            show(shared);
        }
    }

    private void show(SharedNumbers store) {
        Gauge.builder(
                        "sluice.shared.reachable",
                        registry,
                        held -> store.reachable().getAsBoolean() ? 1 : 0)
                .description("1 if this node counts together with others in the shared store, 0 if it does not")
                .register(registry);
        counter("sluice.shared.outages", "How often the shared store became unreachable", "")
                .of(registry, held -> store.outages().getAsLong())
                .register(registry);
        counter("sluice.shared.steps", "Steps that the shared store has answered", "")
                .of(registry, held -> store.steps().getAsLong())
                .register(registry);
        counter("sluice.shared.waited", "Time that the shared store took for these steps", "seconds")
                .of(registry, held -> store.seconds().getAsDouble())
                .register(registry);
        Gauge.builder("sluice.shared.latest", registry, held -> store.latest().getAsDouble())
                .description("Time that the shared store took for the latest step")
                .baseUnit("seconds")
                .register(registry);
    }

    /** Adds and removes upstreams, which change with the settings. */
    private synchronized void showUpstreams() {
        List<UpstreamNumbers> now = upstreams.get();
        shown.entrySet().removeIf(old -> {
            boolean gone = !now.contains(old.getKey());
            if (gone) {
                old.getValue().forEach(registry::remove);
            }
            return gone;
        });
        now.forEach(upstream -> shown.computeIfAbsent(upstream, this::show));
    }

    private List<Meter> show(UpstreamNumbers upstream) {
        List<Meter> meters = new ArrayList<>();
        meters.add(Gauge.builder("sluice.upstream.exchanges.open", registry, held -> upstream.openCalls()
                        .getAsLong())
                .description("Calls of the upstream that hold a connection")
                .tag("upstream", upstream.name())
                .register(registry));
        meters.add(Gauge.builder(
                        "sluice.upstream.reachable",
                        registry,
                        held -> upstream.isReachable().getAsBoolean() ? 1 : 0)
                .description("1 if the latest call reached the upstream or there was none yet, 0 if it did not")
                .tag("upstream", upstream.name())
                .register(registry));
        upstream.faults()
                .forEach((fault, count) -> meters.add(
                        counter("sluice.upstream.faults", "Calls that the upstream did not answer for this fault", "")
                                .of(registry, held -> count.getAsLong())
                                .tag("upstream", upstream.name())
                                .tag("fault", fault)
                                .register(registry)));
        meters.add(counter("sluice.upstream.retries", "Further attempts at calls that had no answer", "")
                .of(registry, held -> upstream.retries().getAsLong())
                .tag("upstream", upstream.name())
                .register(registry));
        return meters;
    }

    /** The metrics as Prometheus text. Any thread may call it. */
    public String scrape() {
        showUpstreams();
        plans.show();
        callers.show();
        return registry.scrape();
    }

    @Override
    public void close() {
        registry.close();
    }

    private <T> void gauge(String name, String description, T source, ToDoubleFunction<T> value) {
        Gauge.builder(name, source, value).description(description).register(registry);
    }

    private static Counted counter(String name, String description, String unit) {
        return new Counted(name, description, unit);
    }

    private record Counted(String name, String description, String unit) {
        <T> FunctionCounter.Builder<T> of(T source, ToDoubleFunction<T> value) {
            FunctionCounter.Builder<T> builder =
                    FunctionCounter.builder(name, source, value).description(description);
            return unit.isEmpty() ? builder : builder.baseUnit(unit);
        }
    }

    private static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
