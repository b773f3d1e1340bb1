package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.it.ProxyTable.Column;
import dev.sluice.it.ReverseProxy.Kind;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Streams behind real reverse proxies, each with the smallest configuration that forwards: the effect of Sluice's headers
 * and heartbeats there. The results are written to {@code target/proxies.md}.
 */
@ExtendWith(LogsOnFailure.class)
final class ProxiesIT {
    private static final Duration HEARTBEAT = Duration.ofMillis(500);

    /** Longer than the read timeout of two seconds in some of the configurations. */
    private static final int HEARTBEATS_OF_SILENCE = 6;

    private static final int TOKENS = 20;
    private static final int FEW_TOKENS = 4;

    /** About 56 MB, which is far more than all buffers in between hold. */
    private static final int FLOOD = 150_000;

    private static final ProxyTable TABLE = new ProxyTable();

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @BeforeAll
    static void start() throws IOException {
        upstream = ScriptedUpstream.start();
        container = Container.Kind.JETTY.start(Launch.at(upstream.url())
                .with("sluice.heartbeat", HEARTBEAT.toMillis() + "ms")
                .with("sluice.access.open", "true"));
    }

    @AfterAll
    static void stop() throws IOException {
        TABLE.write(Path.of(ServerProcess.property("test.work")).resolveSibling("proxies.md"));
        container.close();
        upstream.close();
    }

    @Nested
    @Needs(program = "nginx")
    final class BehindNginx extends Contract {
        BehindNginx() {
            super(Kind.NGINX, "/proxies/nginx.conf");
        }

        @Override
        List<Way> ways() {
            // HTTP/1.0 has no chunks, so an aborted answer looks like a complete one.
            return List.of(Way.plain().ending(Answer.End.CLEAN), new Way("advised", "", "`proxy_http_version 1.1`"));
        }
    }

    @Nested
    @Needs(program = "haproxy")
    final class BehindHaproxy extends Contract {
        BehindHaproxy() {
            super(Kind.HAPROXY, "/proxies/haproxy.cfg");
        }

        @Override
        List<Way> ways() {
            return List.of(Way.plain(), new Way("advised", "", "`option http-no-delay`"));
        }
    }

    @Nested
    @Needs(program = "apache2")
    final class BehindHttpd extends Contract {
        BehindHttpd() {
            super(Kind.HTTPD, "/proxies/httpd.conf");
        }

        @Override
        List<Way> ways() {
            return List.of(Way.plain());
        }
    }

    @Nested
    @Needs(program = "varnishd")
    final class BehindVarnish extends Contract {
        BehindVarnish() {
            super(
                    Kind.VARNISH,
                    "/proxies/varnish.vcl",
                    "-a",
                    "plain=127.0.0.1:@plain@",
                    "-a",
                    "impatient=127.0.0.1:@impatient@",
                    "-a",
                    "advised=127.0.0.1:@advised@",
                    "-p",
                    "pipe_timeout=2");
        }

        @Override
        List<Way> ways() {
            return List.of(
                    Way.plain().holdingBack().readingAhead(),
                    new Way("advised", "advised", "`return (pipe)`").ending(Answer.End.CLEAN));
        }
    }

    @Nested
    @Needs(program = "caddy")
    final class BehindCaddy extends Contract {
        BehindCaddy() {
            super(Kind.CADDY, "/proxies/Caddyfile");
        }

        @Override
        List<Way> ways() {
            return List.of(Way.plain().ending(Answer.End.CLEAN));
        }
    }

    /**
     * One of a proxy's configurations, and what is known of it.
     *
     * @param listener the name of its port
     * @param impatient the same that gives up after two seconds of silence; empty, and that is not tested
     * @param set what is set beyond forwarding, in Markdown
     * @param late whether each event waits for the bytes that follow it
     * @param bounded whether it reads no faster than its client
     * @param end how an answer that breaks off ends
     */
    private record Way(String listener, String impatient, String set, boolean late, boolean bounded, Answer.End end) {
        Way(String listener, String impatient, String set) {
            this(listener, impatient, set, false, true, Answer.End.BROKEN);
        }

        static Way plain() {
            return new Way("plain", "impatient", "");
        }

        Way holdingBack() {
            return new Way(listener, impatient, set, true, bounded, end);
        }

        Way readingAhead() {
            return new Way(listener, impatient, set, late, false, end);
        }

        Way ending(Answer.End other) {
            return new Way(listener, impatient, set, late, bounded, other);
        }

        @Override
        public String toString() {
            return listener;
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    private abstract static class Contract {
        private final Kind kind;
        private final String configuration;
        private final String[] options;

        @SuppressWarnings("NullAway.Init")
        private ReverseProxy proxy;

        @SuppressWarnings("NullAway.Init")
        private String name;

        Contract(Kind kind, String configuration, String... options) {
            this.kind = kind;
            this.configuration = configuration;
            this.options = options;
        }

        abstract List<Way> ways();

        List<Way> impatientWays() {
            return ways().stream().filter(way -> !way.impatient.isEmpty()).toList();
        }

        @BeforeAll
        void startProxy() throws IOException {
            name = kind.nameAndVersion();
            proxy = ReverseProxy.start(
                    kind, configuration, Map.of("sluice", container.base().getPort()), options);
        }

        @AfterAll
        void stopProxy() {
            proxy.close();
        }

        /** Without a clock; but heartbeats, which push out what a proxy holds back, are counted. */
        @ParameterizedTest
        @MethodSource("ways")
        void token_leavesTheUpstream_isSeenBeforeTheNextOneLeaves(Way way) throws IOException {
            int tokens = way.late ? FEW_TOKENS : TOKENS;
            upstream.script(ScriptedUpstream.BY_HAND);
            try (RawClient client = RawClient.connect(proxy.at(way.listener))
                    .post("/chat", "{\"prompt\":\"dance\"}", "Accept-Encoding: gzip, deflate, br")) {
                Exchange exchange = upstream.next();
                long begin = System.nanoTime();
                Lockstep.dance(exchange, client, Lockstep.Cut.WHOLE, tokens);
                long millis = (System.nanoTime() - begin) / 1_000_000;
                assertThat(client.head().first("Content-Encoding")).isEmpty();
                if (way.late) {
                    assertThat(client.comments())
                            .as("heartbeats that pushed a token out")
                            .isGreaterThanOrEqualTo(tokens - 1);
                    put(way, Column.INCREMENTAL, "no: each waits for the next event or heartbeat");
                } else {
                    assertThat(client.comments()).as("heartbeats in between").isLessThan(tokens / 2);
                    put(way, Column.INCREMENTAL, "yes, %d ms each".formatted(millis / tokens));
                }
            }
        }

        @ParameterizedTest
        @MethodSource("ways")
        void eventOfAGet_thatMightBeCached_comesLongBeforeTheEnd(Way way) throws IOException {
            for (int i = 0; i < 2; i++) {
                try (RawClient client =
                        RawClient.connect(proxy.at(way.listener)).get("/doctor/stream?events=3&interval-ms=10000")) {
                    // The next but one is due after ten seconds.
                    assertThat(client.eventWithin(Duration.ofSeconds(8))).isPresent();
                    client.reset();
                }
            }
        }

        @ParameterizedTest
        @MethodSource("impatientWays")
        void silence_longerThanTheReadTimeout_isOutlastedByHeartbeatsOnly(Way way) throws IOException {
            upstream.script(ScriptedUpstream.BY_HAND);
            URI impatient = proxy.at(way.impatient);
            try (RawClient without = RawClient.connect(impatient)
                            .get("/doctor/stream?events=2&interval-ms=1&silence-ms=5000&heartbeat=off");
                    RawClient before = RawClient.chat(impatient, "before the first token")) {
                Exchange first = upstream.next();
                try (RawClient after = RawClient.chat(impatient, "after a token")) {
                    Exchange second = upstream.next();
                    second.stream().token("heard");
                    assertThat(after.nextEvent().data()).isEqualTo("heard");
                    after.awaitComments(HEARTBEATS_OF_SILENCE);
                    before.awaitComments(HEARTBEATS_OF_SILENCE);
                    assertEnds(second, after);
                    assertEnds(first.stream(), before);
                }
                assertThat(without.rest().lastWords()).as("without heartbeats").doesNotContain("done");
            }
            put(way, Column.SILENCE, "yes");
        }

        @ParameterizedTest
        @MethodSource("ways")
        void client_leavesWhileTokensFlow_upstreamIsCancelled(Way way) throws IOException {
            upstream.script(Scripts.flood(Integer.MAX_VALUE, Scripts::padded));
            long longest = 0;
            for (Leave how : Leave.values()) {
                RawClient client = RawClient.chat(proxy.at(way.listener), "flood");
                client.take(64 * 1024);
                Exchange exchange = upstream.next();
                longest = Math.max(longest, millisUntilClosed(how, client, exchange));
            }
            put(way, Column.CANCEL_FLOWING, longest + " ms");
        }

        @ParameterizedTest
        @MethodSource("ways")
        void client_leavesInSilence_upstreamIsCancelled(Way way) throws IOException {
            upstream.script(ScriptedUpstream.BY_HAND);
            List<Exchange> exchanges = new ArrayList<>();
            Map<Leave, RawClient> clients = new EnumMap<>(Leave.class);
            for (Leave how : Leave.values()) {
                RawClient client = RawClient.chat(proxy.at(way.listener), "silence");
                Exchange exchange = upstream.next();
                exchange.stream().token("heard");
                assertThat(client.nextEvent().data()).isEqualTo("heard");
                clients.put(how, client);
                exchanges.add(exchange);
            }
            long left = System.nanoTime();
            for (Map.Entry<Leave, RawClient> client : clients.entrySet()) {
                client.getKey().leave(client.getValue());
            }
            exchanges.forEach(exchange -> exchange.awaitClosed(RawClient.PATIENCE));
            long longest = (System.nanoTime() - left) / 1_000_000;
            put(way, Column.CANCEL_SILENT, "%.1f heartbeats".formatted((double) longest / HEARTBEAT.toMillis()));
            container.awaitIdle();
        }

        @ParameterizedTest
        @MethodSource("ways")
        void reader_stops_upstreamStandsStill(Way way) throws IOException {
            upstream.script(Scripts.flood(FLOOD, Scripts::padded));
            try (RawClient client = RawClient.chat(proxy.at(way.listener), "flood")) {
                client.take(1024);
                Exchange exchange = upstream.next();
                long ahead = Standstill.await(exchange::sent);
                assertThat(exchange.ended().isDone())
                        .as("whether the upstream got rid of all, which is %,d bytes", ahead)
                        .isEqualTo(!way.bounded);
                put(way, Column.PRESSURE, way.bounded ? ahead / 1_000_000 + " MB" : "all there is");
                client.reset();
            }
        }

        @ParameterizedTest
        @MethodSource("ways")
        void answer_breaksOff_doesNotPassForAWholeOne(Way way) throws IOException {
            upstream.script(ScriptedUpstream.BY_HAND);
            try (RawClient client = RawClient.chat(proxy.at(way.listener), "break")) {
                Exchange exchange = upstream.next();
                exchange.stream().token("heard");
                assertThat(client.nextEvent().data()).isEqualTo("heard");
                exchange.abort();
                Answer answer = client.rest();
                assertThat(answer.end()).isEqualTo(way.end);
                // What waits for bytes to follow is lost.
                assertThat(answer.lastWords()).isEqualTo(way.late ? List.of() : List.of("error"));
                put(
                        way,
                        Column.BROKEN,
                        (way.late ? "without" : "with") + " its `error` event, "
                                + (way.end == Answer.End.CLEAN ? "as a whole one does" : "in a broken connection"));
            }
        }

        private static long millisUntilClosed(Leave how, RawClient client, Exchange exchange) throws IOException {
            long left = System.nanoTime();
            how.leave(client);
            exchange.awaitClosed(RawClient.PATIENCE);
            return (System.nanoTime() - left) / 1_000_000;
        }

        private void put(Way way, Column column, String cell) {
            TABLE.put(way.set.isEmpty() ? name : name + ", " + way.set, column, cell);
        }

        private static void assertEnds(Exchange exchange, RawClient client) throws IOException {
            exchange.token("again");
            assertThat(client.nextEvent().data()).isEqualTo("again");
            exchange.finish();
            Answer answer = client.rest();
            assertThat(answer.lastWords()).containsExactly("done");
            assertThat(answer.end()).isEqualTo(Answer.End.CLEAN);
        }
    }
}
