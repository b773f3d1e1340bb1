package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Streams that share an HTTP/2 connection. No heartbeat is due during a test, so that a client that leaves can be detected
 * by the protocol only.
 */
@ParameterizedClass
@EnumSource(Http2IT.Offer.class)
@ExtendWith(LogsOnFailure.class)
final class Http2IT {
    private static final String PASSWORD = "changeit";
    private static final int TOKENS = 30;

    /** About 3 MB, which is more than all windows and buffers hold. */
    private static final int FLOOD = 8_000;

    /** A small send buffer of the upstream's sockets; the kernel's default would be megabytes. */
    private static final int UPSTREAM_BUFFER = 65_536;

    /** Refused requests: by a servlet of Sluice, without a servlet, by Jetty's handler for JSP, and before any servlet. */
    private static final List<String> REFUSED = List.of("/health/live", "/none", "/none.jsp", "/WEB-INF/web.xml");

    private static final Duration AT_ONCE = Duration.ofSeconds(3);

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Server server;

    private final Offer offer;

    Http2IT(Offer offer) {
        this.offer = offer;
    }

    /** The servers that speak HTTP/2. */
    enum Offer {
        JETTY_H2C,
        JETTY_H2,
        TOMCAT_H2C;

        Server start(Launch launch) throws Exception {
            return switch (this) {
                case JETTY_H2C -> plain(Container.Kind.JETTY.start(launch));
                case TOMCAT_H2C -> {
                    Container tomcat = TomcatContainer.launchWithHttp2(launch);
                    tomcat.awaitReady();
                    yield plain(tomcat);
                }
                case JETTY_H2 -> withTls(launch);
            };
        }

        private static Server plain(Container container) {
            return new Server(container, () -> Http2Client.connect(container.base()));
        }
    }

    private interface Connecting {
        Http2Client connect() throws IOException;
    }

    private record Server(Container container, Connecting connecting) {}

    @BeforeParameterizedClassInvocation
    static void start(Offer offer) throws Exception {
        upstream = ScriptedUpstream.start(UPSTREAM_BUFFER);
        server = offer.start(Launch.at(upstream.url()).with("sluice.heartbeat", "1m"));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        server.container.close();
        upstream.close();
    }

    @Test
    void tokens_comeOneByOne() throws IOException {
        upstream.script(Http2IT::answer);
        try (Http2Client client = server.connecting.connect()) {
            dance(client, upstream);
        }
        server.container.awaitIdle();
    }

    @Test
    void stream_thatTakesNothing_stopsItsUpstreamAndNotItsNeighbours() throws IOException {
        upstream.script(Http2IT::answer);
        try (Http2Client client = server.connecting.connect()) {
            Http2Stream stalled = client.reluctantChat("flood");
            Exchange flood = upstream.next();
            Standstill.Standing standing = Standstill.watch(flood::sent);
            System.out.printf(
                    "%s: an upstream runs %,d bytes ahead of an HTTP/2 stream that has stalled%n",
                    server.container, standing.value());
            Eventually.until(
                    "one stream waits for its client",
                    RawClient.PATIENCE,
                    () -> server.container.number("sluice_streams_waiting{for=\"client\"}") == 1);

            for (int i = 0; i < 3; i++) {
                dance(client, upstream);
            }
            assertThat(flood.sent()).as("bytes sent while neighbours streamed").isEqualTo(standing.value());

            Answer answer = stalled.rest();
            assertThat(answer.tokens())
                    .isEqualTo(
                            IntStream.range(0, FLOOD).mapToObj(Scripts::padded).toList());
            assertThat(answer.lastWords()).containsExactly("done");
            assertThat(answer.end()).isEqualTo(Answer.End.CLEAN);
        }
        server.container.awaitIdle();
    }

    /** More streams than a container has threads. All are refused, and the short bodies wait for a window. */
    @Test
    void streams_thatMayNotBeSentABody_holdNobodyUp() throws IOException {
        List<Http2Client> clients = new ArrayList<>();
        try {
            List<Http2Stream> closed = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Http2Client client = server.connecting.connect();
                clients.add(client);
                client.closeWindows();
                for (int j = 0; j < 80; j++) {
                    closed.add(client.post(REFUSED.get(j % REFUSED.size()), "{}"));
                }
            }
            for (Http2Stream stream : closed) {
                assertThat(stream.status()).isBetween(404, 405);
            }
            assertThat(server.container.isReady()).as("serves others").isTrue();
        } finally {
            for (Http2Client client : clients) {
                client.close();
            }
        }
    }

    private enum Moment {
        /** The upstream has received the request and has sent nothing. */
        BEFORE_THE_HEAD,
        /** The upstream has answered 200 and no event. */
        BEFORE_THE_FIRST_TOKEN,
        /** The upstream has sent a token and then nothing. */
        AFTER_A_TOKEN,
        /** The client does not read although there is output for it. */
        WHILE_STALLED
    }

    @ParameterizedTest
    @EnumSource(Moment.class)
    void stream_reset_cancelsItsUpstreamAtOnceAndNothingElse(Moment moment) throws IOException {
        upstream.script(Http2IT::answer);
        try (Http2Client client = server.connecting.connect()) {
            Http2Stream neighbour = client.chat("stays");
            Exchange staying = upstream.next().stream().token("begun");
            assertThat(neighbour.nextEvent().data()).isEqualTo("begun");

            Http2Stream leaving = reach(moment, client);
            Exchange left = upstream.next();
            await(moment, left, leaving);
            long begin = System.nanoTime();
            leaving.cancel();
            left.awaitClosed(AT_ONCE);
            System.out.printf(
                    "%s: an upstream is cancelled %d ms after the reset, %s%n",
                    server.container, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin), moment);

            staying.token("goes on").finish();
            assertThat(neighbour.rest().text()).isEqualTo("goes on");
            dance(client, upstream);
        }
        server.container.awaitIdle();
    }

    /** The other streams go on; the output for this one is discarded. */
    @Test
    void stream_thatTakesNothingForTooLong_isLetGo() throws Exception {
        try (ScriptedUpstream own = ScriptedUpstream.start(UPSTREAM_BUFFER)) {
            Server impatient = offer.start(
                    Launch.at(own.url()).with("sluice.heartbeat", "1m").with("sluice.client.stall-timeout", "2s"));
            try (Container container = impatient.container;
                    Http2Client client = impatient.connecting.connect()) {
                own.script(Http2IT::answer);
                client.reluctantChat("flood");
                own.next().awaitClosed(RawClient.PATIENCE);
                container.awaitIdle();
                dance(client, own);
            }
        }
    }

    @Test
    void connection_closed_cancelsTheUpstreamsOfAllItsStreams() throws IOException {
        upstream.script(Http2IT::answer);
        try (Http2Client client = server.connecting.connect()) {
            client.chat("silent");
            Exchange silent = upstream.next();
            Http2Stream begun = client.chat("begun");
            Exchange spoken = upstream.next().stream().token("begun");
            assertThat(begun.nextEvent().data()).isEqualTo("begun");
            client.disconnect();
            silent.awaitClosed(AT_ONCE);
            spoken.awaitClosed(AT_ONCE);
        }
        server.container.awaitIdle();
    }

    @Test
    void answer_thatBreaksOff_endsWithAnErrorAndTheStreamWithIt() throws IOException {
        upstream.script(Http2IT::answer);
        try (Http2Client client = server.connecting.connect()) {
            Http2Stream stream = client.chat("breaks");
            Exchange exchange = upstream.next().stream().token("begun");
            assertThat(stream.nextEvent().data()).isEqualTo("begun");
            exchange.abort();
            Answer answer = stream.rest();
            assertThat(answer.lastWords()).containsExactly("error");
            assertThat(answer.end()).as("how the stream ends").isEqualTo(Answer.End.BROKEN);
            dance(client, upstream);
        }
        server.container.awaitIdle();
    }

    @Test
    void failure_beforeTheFirstToken_hasItsStatus() throws IOException {
        upstream.script(Scripts.answer(429, "{\"error\":{\"message\":\"Slow down\"}}", "Retry-After: 60"));
        try (Http2Client client = server.connecting.connect()) {
            assertThat(client.chat("too much").status()).isEqualTo(429);
        }
        server.container.awaitIdle();
    }

    /** Sends tokens at full speed to requests that ask for it. The test answers the others. */
    private static void answer(Exchange exchange) throws Exception {
        if (exchange.prompt().equals("flood")) {
            Scripts.flood(FLOOD, Scripts::padded).answer(exchange);
        }
    }

    private static Http2Stream reach(Moment moment, Http2Client client) throws IOException {
        return moment == Moment.WHILE_STALLED ? client.reluctantChat("flood") : client.chat("leaves");
    }

    private static void await(Moment moment, Exchange exchange, Http2Stream stream) throws IOException {
        switch (moment) {
            case BEFORE_THE_HEAD -> {}
            case BEFORE_THE_FIRST_TOKEN -> exchange.stream();
            case AFTER_A_TOKEN -> {
                exchange.stream().token("heard");
                assertThat(stream.nextEvent().data()).isEqualTo("heard");
            }
            case WHILE_STALLED -> Standstill.await(exchange::sent);
        }
    }

    /** The upstream sends token n+1 after the client has received token n. */
    private static void dance(Http2Client client, ScriptedUpstream upstream) throws IOException {
        Http2Stream stream = client.chat("dance");
        Exchange exchange = upstream.next().stream();
        for (int number = 0; number < TOKENS; number++) {
            exchange.token(Scripts.numbered(number));
            assertThat(stream.nextEvent().data()).isEqualTo(Scripts.numbered(number));
        }
        exchange.finish();
        Answer answer = stream.rest();
        assertThat(answer.lastWords()).containsExactly("done");
        assertThat(answer.end()).isEqualTo(Answer.End.CLEAN);
    }

    /** {@code jetty-base} with the file that the documents say to add. */
    private static Server withTls(Launch launch) throws Exception {
        Path directory = ServerProcess.newDirectory("tls");
        Path store = Certificate.selfSigned(directory, PASSWORD);
        Path base = directory.resolve("base");
        copy(Path.of(ServerProcess.property("test.jetty.base")), base);
        int port = ServerProcess.freePort();
        Files.writeString(
                base.resolve("start.d/tls.ini"),
                recipe().replace("8443", String.valueOf(port))
                        .replace("0.0.0.0", "127.0.0.1")
                        .replace("/srv/keystore.p12", store.toString())
                        .replace("your-password", PASSWORD));
        Container container = JettyContainer.launch(launch, base);
        container.awaitReady();
        URI https = URI.create("https://127.0.0.1:" + port);
        return new Server(container, () -> Http2Client.connect(https, store, PASSWORD));
    }

    private static String recipe() throws IOException {
        String page = Documents.page("deploy/jetty.md");
        Matcher block =
                Pattern.compile("```ini\n(--modules=https,http2\n[^`]*)```").matcher(page);
        assertThat(block.find()).as("the page tells which lines to add").isTrue();
        return block.group(1);
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> all;
        try (var walk = Files.walk(from)) {
            all = walk.toList();
        }
        for (Path path : all) {
            Files.copy(path, to.resolve(from.relativize(path).toString()));
        }
    }
}
