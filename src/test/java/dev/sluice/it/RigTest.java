package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the client and the upstream of the integration tests against each other, without Sluice. */
final class RigTest {
    @SuppressWarnings("NullAway.Init")
    private ScriptedUpstream upstream;

    @BeforeEach
    void start() throws IOException {
        upstream = ScriptedUpstream.start();
    }

    @AfterEach
    void stop() throws IOException {
        upstream.close();
    }

    @Test
    void event_written_reachesReaderBeforeTheNext() throws IOException {
        try (RawClient client = ask()) {
            Exchange exchange = upstream.next().stream();
            for (int i = 0; i < 3; i++) {
                exchange.event("e" + i);
                assertThat(client.nextEvent()).isEqualTo(new SseEvent("message", "e" + i, 0));
            }
            exchange.chunk("event: done\ndata: a\ndata: b\n\n").end();
            Answer answer = client.rest();
            assertThat(answer.events()).containsExactly(new SseEvent("done", "a\nb", 0));
            assertThat(answer.end()).isEqualTo(Answer.End.CLEAN);
        }
    }

    @Test
    void request_parsed_isKept() throws IOException {
        try (RawClient client = RawClient.connect(upstream.url()).post("/v1/chat/completions", "{\"a\":\"ü\"}")) {
            Exchange exchange = upstream.next();
            assertThat(exchange.head().startLine()).isEqualTo("POST /v1/chat/completions HTTP/1.1");
            assertThat(exchange.head().first("content-type")).contains("application/json");
            assertThat(exchange.json().get("a").asString()).isEqualTo("ü");
            exchange.answer(429, "application/json", "{}", "Retry-After: 3");
            assertThat(client.status()).isEqualTo(429);
            assertThat(client.head().first("retry-after")).contains("3");
            assertThat(client.body()).isEqualTo("{}");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void answer_brokenOff_isNoCleanEnd(boolean reset) throws IOException {
        try (RawClient client = ask()) {
            Exchange exchange = upstream.next().stream().event("a");
            assertThat(client.nextEvent().data()).isEqualTo("a");
            exchange.chunk("data: ha");
            if (reset) {
                exchange.abort();
            } else {
                exchange.close();
            }
            Answer answer = client.rest();
            assertThat(answer.events()).isEmpty();
            assertThat(answer.end()).isEqualTo(Answer.End.BROKEN);
        }
    }

    @Test
    void lastChunk_insideAnEvent_isNoCleanEnd() throws IOException {
        try (RawClient client = ask()) {
            upstream.next().stream().chunk("data: half").end();
            assertThat(client.rest().end()).isEqualTo(Answer.End.BROKEN);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void peer_leaving_isSeenWhileTheScriptIsSilent(boolean reset) throws IOException {
        RawClient client = ask();
        Exchange exchange = upstream.next().stream();
        assertThat(client.status()).isEqualTo(200);
        assertThat(exchange.closed()).isNotDone();
        if (reset) {
            client.reset();
        } else {
            client.close();
        }
        exchange.awaitClosed(Duration.ofSeconds(5));
        Eventually.until("no connection is open", Duration.ofSeconds(5), () -> upstream.openConnections() == 0);
    }

    @Test
    void connection_afterAWholeAnswer_isKept() throws IOException {
        try (RawClient client = ask()) {
            upstream.next().stream().end();
            assertThat(client.rest().end()).isEqualTo(Answer.End.CLEAN);
            assertThat(upstream.openConnections()).isEqualTo(1);
        }
        assertThat(upstream.acceptedConnections()).isEqualTo(1);
    }

    @Test
    void flood_readerStalled_standsStillAndGoesOnWhole() throws IOException {
        upstream.script(Scripts.flood(100_000));
        try (RawClient client = RawClient.connect(upstream.url(), 8192).post("/", "{}")) {
            client.take(1024);
            Exchange exchange = upstream.next();
            long stood = standstill(exchange);
            assertThat(stood).isGreaterThan(1024).isLessThan(15_000_000);
            List<SseEvent> events = client.rest().events();
            assertThat(events).hasSize(100_000 + 2);
            assertThat(Json.read(events.get(99_999).data())
                            .at("/choices/0/delta/content")
                            .asString())
                    .isEqualTo(Scripts.numbered(99_999));
        }
    }

    @Test
    void tokens_cutAnywhere_readTheSame() throws IOException {
        byte[] body = (Completion.token("a\"\\\n😀") + ": ping\n" + Completion.token("é") + Completion.DONE)
                .getBytes(StandardCharsets.UTF_8);
        for (int cut : new int[] {1, 2, 3, 7, 1000}) {
            upstream.script(Scripts.recorded(body, cut));
            try (RawClient client = ask()) {
                List<SseEvent> events = client.rest().events();
                assertThat(events).extracting(SseEvent::comments).containsExactly(0, 1, 0);
                assertThat(Json.read(events.get(0).data())
                                .at("/choices/0/delta/content")
                                .asString())
                        .isEqualTo("a\"\\\n😀");
            }
        }
    }

    @Test
    void oracle_anyLineEnd_readsTheSame() {
        for (String end : List.of("\n", "\r", "\r\n")) {
            List<SseEvent> events = new ArrayList<>();
            byte[] bytes = ("data:a" + end + "data" + end + ":c" + end + end + "event:x" + end + end + "data: b" + end
                            + end)
                    .getBytes(StandardCharsets.UTF_8);
            new SseOracle(events::add).feed(bytes, 0, bytes.length);
            assertThat(events).containsExactly(new SseEvent("message", "a\n", 1), new SseEvent("message", "b", 0));
        }
    }

    @Test
    void metrics_read_keepLabels() {
        assertThat(Metrics.read("# TYPE a gauge\na{b=\"c d\"} 2.0\ne 1e3\n"))
                .containsOnly(Map.entry("a{b=\"c d\"}", 2.0), Map.entry("e", 1000.0));
    }

    private RawClient ask() throws IOException {
        return RawClient.connect(upstream.url()).post("/", "{}");
    }

    private static long standstill(Exchange exchange) {
        return Standstill.await(exchange::sent);
    }
}
