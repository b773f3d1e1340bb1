package dev.sluice.observe;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private final StreamMetrics figures = new StreamMetrics();
    private final StreamTotals totals = new StreamTotals();
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
        try (var metrics = new Metrics(figures, totals, List::of, () -> 0, log, alarms)) {
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
        try (var metrics = new Metrics(figures, totals, () -> upstreams, new Source(7)::get, log, alarms)) {
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

    private static UpstreamNumbers numbers(long first) {
        return new UpstreamNumbers(
                "u",
                new Source(first)::get,
                () -> first < 0,
                Map.of("f", new Source(first + 1)::get),
                new Source(first + 2)::get);
    }

    private static StreamSummary summary() {
        return new StreamSummary(
                Outcome.CLIENT_GONE,
                null,
                null,
                false,
                Head.NONE,
                0,
                null,
                null,
                Duration.ZERO,
                0,
                0,
                Duration.ofSeconds(2));
    }

    private record Source(long get) {}
}
