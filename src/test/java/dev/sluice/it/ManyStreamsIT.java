package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Five hundred open streams, in a container with far fewer threads. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class ManyStreamsIT {
    private static final int FEW = 5;
    private static final int MANY = 500;
    private static final int TOKENS = 200;
    private static final int POOL = 24;

    /**
     * The connections that Jetty's client may open without need: it opens one for each waiting call, and that call may get
     * another connection before.
     */
    private static final int IN_VAIN = MANY / 20;

    /** The most direct memory of all open streams with the pools: a fixed part, and less than two pages for each stream. */
    private static final long DIRECT_BYTES = MANY * 6L * 1024 + 2 * 1024 * 1024;

    private static final Duration LONG = Duration.ofSeconds(60);

    /** The most threads of the client's pool, for work that may block, such as name lookups and TLS. */
    private static final int CLIENT_POOL = 8;

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("NullAway.Init")
    private static Container.Kind containerKind;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    ManyStreamsIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start();
        containerKind = kind;
        container = kind.start(Launch.at(upstream.url()).poolThreads(POOL));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    @Test
    void manyStreams_eachWhole_noThreadWaitsOnOneAndNoneHoldsMuch() throws IOException {
        List<String> threadsWithFew = run(FEW).threads();
        Held withMany = run(MANY);
        List<String> threadsWithMany = withMany.threads();

        assertThat(ours(threadsWithMany))
                .as("threads that are not the container's, with %d streams open", MANY)
                .hasSizeLessThanOrEqualTo(ours(threadsWithFew).size() + CLIENT_POOL);
        assertThat(threadsWithMany)
                .as("all threads, of which the container's pool may have %d", POOL)
                .hasSizeLessThanOrEqualTo(threadsWithFew.size() + POOL);
        assertThat(withMany.directBytes())
                .as("bytes of direct buffers with %d streams open", MANY)
                .isLessThan(DIRECT_BYTES);
        assertThat(upstream.acceptedConnections())
                .as("connections: each stream needs its own, and hardly one more may be opened")
                .isBetween(MANY, MANY + IN_VAIN);
    }

    /** Opens this many streams and lets them end. Returns the figures while all were open. */
    private static Held run(int streams) throws IOException {
        CountDownLatch gate = new CountDownLatch(1);
        upstream.script(Scripts.gated(gate, TOKENS));
        try (MassClient clients = new MassClient(TOKENS, Scripts::numbered)) {
            clients.open(container.base(), streams);
            clients.awaitTokens(1, LONG);
            assertThat(container.number("sluice_streams_open")).isEqualTo(streams);
            Held held = new Held(container.threads(), container.jmx().directBytes());
            gate.countDown();
            assertThat(clients.finish(LONG)).as("faulty streams of %d", streams).isEmpty();
            container.awaitIdle();
            return held;
        } finally {
            gate.countDown();
        }
    }

    private record Held(List<String> threads, long directBytes) {}

    private static List<String> ours(List<String> threads) {
        return threads.stream()
                .filter(name -> !name.matches(containerKind.ownThreads()))
                .toList();
    }
}
