package dev.sluice.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Usage;
import dev.sluice.it.Eventually;
import dev.sluice.relay.Alarms;
import dev.sluice.relay.Caller;
import dev.sluice.relay.Head;
import dev.sluice.relay.Openings;
import dev.sluice.relay.Outcome;
import dev.sluice.relay.Pause;
import dev.sluice.relay.StreamListener;
import dev.sluice.relay.StreamListener.Opened;
import dev.sluice.relay.StreamMetrics;
import dev.sluice.relay.StreamSummary;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private final StreamMetrics figures = new StreamMetrics();
    private final StreamTotals totals = new StreamTotals();
    private final AtomicBoolean countsCallers = new AtomicBoolean(true);
    private final CallerTotals callers = new CallerTotals(countsCallers::get);
    private @Nullable SharedNumbers shared;
    private final LogWriter log = new LogWriter();
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final Alarms alarms = new Alarms(scheduler);

    @AfterEach
    void stop() {
        scheduler.shutdownNow();
    }

    @Test
    void streams_thatOpenedPausedAndEnded_areShown() {
        Opened about = Openings.of(Caller.LOCAL, "chat");
        StreamListener one = totals.opened(about);
        totals.opened(about);
        one.paused(Pause.HEARTBEAT, 1_500_000_000);
        one.paused(Pause.HEARTBEAT, 500_000_000);
        one.ended(summary());
        try (var metrics = metrics(List::of, List::of, () -> 0)) {
            assertThat(metrics.scrape())
                    .contains(
                            "\nsluice_streams_open 1.0\n",
                            "\nsluice_streams_ended_total{outcome=\"client_gone\"} 1.0\n",
                            "\nsluice_streams_ended_total{outcome=\"whole\"} 0.0\n",
                            "\nsluice_streams_paused_seconds_total{holding=\"heartbeat\"} 2.0\n");
        }
    }

    /** Micrometer has only weak references to what it reads, and there are no others to these numbers. */
    @Test
    void numbers_heldByNobodyElse_areShownAfterACollection() {
        List<UpstreamNumbers> upstreams = List.of(numbers(3));
        try (var metrics = metrics(() -> upstreams, List::of, new Source(7)::get)) {
            var collected = new WeakReference<>(new Object());
            Eventually.until("a collection", Duration.ofSeconds(30), () -> {
                System.gc();
                return collected.get() == null;
            });
            assertThat(metrics.scrape())
                    .contains(
                            "\nsluice_request_bodies_bytes 7.0\n",
                            "\nsluice_upstream_exchanges_open{upstream=\"u\"} 3.0\n",
                            "\nsluice_upstream_reachable{upstream=\"u\"} 0.0\n",
                            "\nsluice_upstream_faults_total{fault=\"f\",upstream=\"u\"} 4.0\n",
                            "\nsluice_upstream_retries_total{upstream=\"u\"} 5.0\n");
        }
    }

    @Test
    void plans_areShownOnceTheyAreUsed_andFurtherLimitsToo() {
        Map<String, LongSupplier> refused = new HashMap<>(Map.of("tokens_per_minute", () -> 3));
        List<PlanNumbers> plans = new ArrayList<>();
        try (var metrics = metrics(List::of, () -> plans, () -> 0)) {
            assertThat(metrics.scrape()).doesNotContain("sluice_plan_");
            plans.add(new PlanNumbers(
                    "team", () -> 1, () -> 1_600, () -> 900, refused, Map.of("tokens_per_minute", () -> 50)));
            assertThat(metrics.scrape())
                    .contains(
                            "\nsluice_plan_streams_open{plan=\"team\"} 1.0\n",
                            "\nsluice_plan_held_tokens{plan=\"team\"} 1600.0\n",
                            "\nsluice_plan_spent_tokens_total{plan=\"team\"} 900.0\n",
                            "\nsluice_plan_refused_total{limit=\"tokens_per_minute\",plan=\"team\"} 3.0\n",
                            "\nsluice_plan_debt_tokens{limit=\"tokens_per_minute\",plan=\"team\"} 50.0\n");
            refused.put("streams", () -> 1);
            assertThat(metrics.scrape()).contains("\nsluice_plan_refused_total{limit=\"streams\",plan=\"team\"} 1.0\n");
        }
    }

    @Test
    void sharedStore_isShownIfThereIsOne() {
        try (var alone = metrics(List::of, List::of, () -> 0)) {
            assertThat(alone.scrape()).doesNotContain("sluice_shared_");
        }
        shared = new SharedNumbers(() -> false, () -> 2, () -> 1_000, () -> 0.5, () -> 0.002);
        try (var metrics = metrics(List::of, List::of, () -> 0)) {
            assertThat(metrics.scrape())
                    .contains(
                            "\nsluice_shared_reachable 0.0\n",
                            "\nsluice_shared_outages_total 2.0\n",
                            "\nsluice_shared_steps_total 1000.0\n",
                            "\nsluice_shared_waited_seconds_total 0.5\n",
                            "\nsluice_shared_latest_seconds 0.002\n");
        }
    }

    @Test
    void callers_areNamedUpToABound_andCountedTogetherBeyondIt() {
        for (int i = 0; i < CallerTotals.MOST + 20; i++) {
            Caller caller = new Caller("c" + i, Caller.Basis.PROXY, Set.of());
            callers.opened(Openings.of(caller, "chat")).ended(summary(new Usage(10, 5, 0, 15, "{}")));
        }
        Caller first = new Caller("c0\n\"}", Caller.Basis.PROXY, Set.of());
        callers.opened(Openings.of(first, "chat")).ended(summary());
        try (var metrics = metrics(List::of, List::of, () -> 0)) {
            assertThat(metrics.scrape())
                    .contains(
                            "\nsluice_caller_streams_ended_total{caller=\"c0\",established_by=\"proxy\"} 1.0\n",
                            "\nsluice_caller_tokens_total{caller=\"c0\",established_by=\"proxy\"} 15.0\n",
                            "\nsluice_caller_streams_ended_total{caller=\"other\",established_by=\"other\"} 21.0\n",
                            "\nsluice_caller_tokens_total{caller=\"other\",established_by=\"other\"} 300.0\n")
                    .doesNotContain("caller=\"c" + CallerTotals.MOST + "\"");
        }
    }

    @Test
    void callers_whileSwitchedOff_areNotCounted() {
        countsCallers.set(false);
        callers.opened(Openings.of(Caller.LOCAL, "chat")).ended(summary());
        try (var metrics = metrics(List::of, List::of, () -> 0)) {
            assertThat(metrics.scrape()).doesNotContain("sluice_caller_");
        }
    }

    private Metrics metrics(
            Supplier<List<UpstreamNumbers>> upstreams, Supplier<List<PlanNumbers>> plans, LongSupplier bytes) {
        return new Metrics(figures, totals, callers, upstreams, plans, shared, bytes, log, alarms);
    }

    private static UpstreamNumbers numbers(long first) {
        return new UpstreamNumbers(
                "u",
                new Source(first)::get,
                () -> first < 0,
                Map.of("f", new Source(first + 1)::get),
                new Source(first + 2)::get);
    }

    private static StreamSummary summary() {
        return summary(null);
    }

    private static StreamSummary summary(@Nullable Usage usage) {
        return new StreamSummary(
                Outcome.CLIENT_GONE,
                null,
                null,
                false,
                Head.NONE,
                0,
                usage,
                null,
                Duration.ZERO,
                0,
                0,
                Duration.ofSeconds(2));
    }

    private record Source(long get) {}
}
