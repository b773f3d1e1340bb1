package dev.sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A provider that is needed for readiness is probed until it answers, and then not any more. */
@Timeout(60)
class ProbeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofSeconds(3);

    private final ManualClock clock = new ManualClock();
    private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);

    @SuppressWarnings("NullAway.Init")
    private ModelServer server;

    @SuppressWarnings("NullAway.Init")
    private HttpProvider provider;

    @SuppressWarnings("NullAway.Init")
    private Probe probe;

    @BeforeEach
    void start() throws Exception {
        server = new ModelServer();
        provider = server.provider(null, scheduler, clock);
        provider.start();
        probe = new Probe(provider, false);
        probe.start();
    }

    @AfterEach
    void stop() throws Exception {
        probe.stop();
        provider.stop();
        server.close();
        scheduler.shutdownNow();
    }

    @Test
    void provider_thatAnswersAnything_isUpAndAskedNoMore() throws Exception {
        assertThat(probe.isUp()).as("before it was asked").isFalse();
        try (HttpExchange request = server.next()) {
            assertThat(request.getRequestMethod() + " " + request.getRequestURI())
                    .isEqualTo("GET /v1/models");
            ModelServer.answer(request, 401, "{}", Map.of());
        }
        clock.awaitNone();
        assertThat(probe.isUp()).isTrue();
        assertThat(provider.standing().isReachable()).isTrue();
        clock.pass(PAUSE.multipliedBy(100));
        assertThat(server.requests()).isEqualTo(1);
    }

    @Test
    void call_thatMissesIt_aloneDoesNotMakeItDown() throws Exception {
        server.answer(200, "{}");
        clock.awaitNone();
        provider.standing().missed(new ConnectException("Connection refused"));
        HttpExchange request = server.next();
        assertThat(probe.isUp()).as("while it is looked after").isTrue();
        provider.standing().missed(new ConnectException("Connection refused"));
        ModelServer.answer(request, 200, "{}", Map.of());
        clock.awaitNone();
        assertThat(probe.isUp()).isTrue();
        assertThat(server.requests()).as("one look for all who missed it").isEqualTo(2);
    }

    @Test
    void provider_thatSaysNothing_isDownUntilItAnswers() throws Exception {
        server.answer(200, "{}");
        clock.awaitNone();
        provider.standing().missed(new ConnectException("Connection refused"));
        try (HttpExchange unanswered = server.next()) {
            clock.pass(PATIENCE);
            awaitUp(false);
            assertThat(provider.standing().fault()).isEqualTo(Fault.CONNECT_TIMEOUT);
            assertThat(unanswered.getRequestMethod()).isEqualTo("GET");
        }
        clock.awaitAny();
        clock.pass(PAUSE);
        server.answer(503, "{}");
        clock.awaitNone();
        assertThat(probe.isUp()).isTrue();
        assertThat(provider.standing().fault()).isNull();
    }

    /** As when its predecessor was up when the settings were replaced. */
    @Test
    void provider_thatIsAssumedUp_isSoUntilItIsKnown() throws Exception {
        server.answer(200, "{}");
        clock.awaitNone();
        probe.stop();
        probe = new Probe(provider, true);
        assertThat(probe.isUp()).as("before it is asked").isTrue();
        probe.start();
        try (HttpExchange unanswered = server.next()) {
            assertThat(probe.isUp()).as("while it is asked").isTrue();
            clock.pass(PATIENCE);
            awaitUp(false);
            assertThat(unanswered.getRequestMethod()).isEqualTo("GET");
        }
    }

    private void awaitUp(boolean up) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (probe.isUp() != up) {
            assertThat(System.nanoTime()).as("the time by which it is seen").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
