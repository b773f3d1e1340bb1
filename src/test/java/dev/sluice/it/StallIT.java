package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that stop reading: their upstream calls pause, the heap does not grow, and other streams go on. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class StallIT {
    private static final int FLOOD = 60_000;
    private static final int STALLED = 200;
    private static final int HEALTHY = 50;
    private static final int HEALTHY_TOKENS = 200;

    /**
     * The upstream's send buffer. It is small, because bytes that wait in the kernel would hide how Sluice reads. With a
     * small one the test also detects that the kernel holds bytes back although Sluice has read all before.
     */
    private static final int SEND_BUFFER = 64 * 1024;

    @Parameter
    @SuppressWarnings("NullAway.Init")
    private Container.Kind containerKind;

    @Test
    void reader_stalls_upstreamStandsStillUntilItReadsOn() throws IOException {
        try (ScriptedUpstream upstream = ScriptedUpstream.start(SEND_BUFFER);
                Container container =
                        containerKind.start(Launch.at(upstream.url()).option("-Xmx128m"))) {
            upstream.script(StallIT::answer);
            // Classes that are loaded at the first use must not count.
            try (RawClient warm = RawClient.chat(container.base(), "flood")) {
                assertThat(warm.rest().tokens()).hasSize(FLOOD);
            }
            upstream.script(StallIT::answer);
            // A small receive buffer at the client too, because a token for the client has an eighth of the upstream's
            // bytes.
            try (RawClient stalled =
                    RawClient.connect(container.base(), 8 * 1024).post("/chat", "{\"prompt\":\"flood\"}")) {
                stalled.take(1024);
                Exchange exchange = upstream.next();
                Standstill.Standing standing = Standstill.watch(exchange::sent);
                System.out.printf(
                        "%s: an upstream runs %,d bytes ahead of a client that has stalled, for %d ms%n",
                        container, standing.value(), standing.after().toMillis());
                assertThat(standing.after())
                        .as("how long bytes still left the upstream")
                        .isLessThan(Duration.ofSeconds(1));
                Eventually.until(
                        "one stream waits for its client",
                        RawClient.PATIENCE,
                        () -> container.number("sluice_streams_waiting{for=\"client\"}") == 1);

                long heap = container.jmx().heapAfterCollection();
                upstream.script(ScriptedUpstream.BY_HAND);
                for (int i = 0; i < 3; i++) {
                    try (RawClient healthy = RawClient.chat(container.base(), "dance")) {
                        Lockstep.dance(upstream.next(), healthy, Lockstep.Cut.WHOLE, 200);
                    }
                }
                assertThat(exchange.sent())
                        .as("bytes sent while others streamed")
                        .isEqualTo(standing.value());
                assertThat(container.jmx().heapAfterCollection())
                        .as("heap with a stalled stream, later")
                        .isLessThan(heap + (1 << 20));

                Answer answer = stalled.rest();
                assertThat(answer.tokens()).isEqualTo(expected(FLOOD));
                assertThat(answer.lastWords()).containsExactly("done");
                assertThat(answer.end()).isEqualTo(Answer.End.CLEAN);
            }
            container.awaitIdle();
        }
    }

    @Test
    void twoHundredReadersStall_fiftyOthersStreamOn_inASmallHeap() throws IOException {
        try (ScriptedUpstream upstream = ScriptedUpstream.start(SEND_BUFFER);
                Container container = containerKind.start(
                        Launch.at(upstream.url()).option("-Xmx128m").option("-XX:+ExitOnOutOfMemoryError"))) {
            upstream.script(StallIT::answer);
            List<RawClient> stalled = new ArrayList<>();
            List<Exchange> exchanges = new ArrayList<>();
            try {
                for (int i = 0; i < STALLED; i++) {
                    RawClient client =
                            RawClient.connect(container.base(), 8 * 1024).post("/chat", "{\"prompt\":\"wide flood\"}");
                    stalled.add(client);
                    client.take(1024);
                    exchanges.add(upstream.next());
                }
                long all = Standstill.await(
                        () -> exchanges.stream().mapToLong(Exchange::sent).sum());
                long direct = container.jmx().directBytes(); // before a collection frees unused buffers
                System.out.printf(
                        "%s: %d stalled streams: %,d bytes each, direct buffers %,d, heap %,d%n",
                        container,
                        STALLED,
                        all / STALLED,
                        direct,
                        container.jmx().heapAfterCollection());
                assertThat(direct)
                        .as("bytes of direct buffers: a network buffer for each stream, and as much for the container")
                        .isLessThan(STALLED * 2L * 16 * 1024 + 4 * 1024 * 1024);
                assertThat(container.number("sluice_streams_open")).isEqualTo(STALLED);
                assertThat(container.number("sluice_held_bytes"))
                        .as("bytes held, with at most sluice.buffer.bytes, a network buffer and an event for each")
                        .isBetween(1.0, STALLED * 3.0 * 32_768);

                try (MassClient healthy = new MassClient(HEALTHY_TOKENS, Scripts::numbered)) {
                    healthy.open(container.base(), HEALTHY);
                    assertThat(healthy.finish(Duration.ofSeconds(30)))
                            .as("faulty healthy streams")
                            .isEmpty();
                }
                assertThat(exchanges.stream().mapToLong(Exchange::sent).sum())
                        .as("bytes sent to stalled clients while others streamed")
                        .isEqualTo(all);

                for (RawClient client : stalled.subList(0, 3)) {
                    Answer answer = client.rest();
                    assertThat(answer.lastWords()).containsExactly("done");
                    assertThat(answer.tokens()).hasSize(FLOOD / 10).last().isEqualTo(Scripts.padded(FLOOD / 10 - 1));
                    assertThat(answer.tokens())
                            .as("in order, once")
                            .isSortedAccordingTo(Comparator.comparingInt(StallIT::number))
                            .doesNotHaveDuplicates();
                }
            } finally {
                for (RawClient client : stalled) {
                    client.reset();
                }
            }
            container.awaitIdle();
        }
    }

    private static void answer(Exchange exchange) throws Exception {
        ScriptedUpstream.Script script =
                switch (exchange.prompt()) {
                    case "flood" -> Scripts.flood(FLOOD);
                    case "wide flood" -> Scripts.flood(FLOOD / 10, Scripts::padded);
                    default -> Scripts.flood(HEALTHY_TOKENS);
                };
        script.answer(exchange);
    }

    private static int number(String token) {
        return Integer.parseInt(token.split(" ", 3)[1]);
    }

    private static List<String> expected(int tokens) {
        return IntStream.range(0, tokens).mapToObj(Scripts::numbered).toList();
    }
}
