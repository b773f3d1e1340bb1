package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The behaviour that the one WAR must have in every container. Differences are written to a table, {@code
 * target/matrix.md}. Other tests check much more in Jetty and Tomcat.
 */
@ParameterizedClass
@MethodSource("dev.sluice.it.Product#present")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ExtendWith(LogsOnFailure.class)
final class ContractIT {
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);

    /** A container may need several writes to notice a closed connection, because the kernel buffers the first ones. */
    private static final int HEARTBEATS_TO_NOTICE = 3;

    /** The number of tokens of about 40 MB, which is more than all kernel buffers in between hold. */
    private static final int FLOOD = 100_000;

    /** The containers in which Sluice can abort a connection. */
    private static final Set<Product> LOGS_LITTLE =
            EnumSet.of(Product.JETTY, Product.TOMCAT_10, Product.TOMCAT_11, Product.TOMEE);

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("NullAway.Init")
    private static Product product;

    @SuppressWarnings("NullAway.Init")
    private static MatrixRow row;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    ContractIT(Product product) {}

    @BeforeParameterizedClassInvocation
    static void start(Product tested) throws IOException {
        product = tested;
        row = new MatrixRow(tested);
        upstream = ScriptedUpstream.start();
        long begin = System.nanoTime();
        container = tested.start(Launch.at(upstream.url())
                .with("sluice.heartbeat", HEARTBEAT.toMillis() + "ms")
                .with("sluice.upstream.idle-timeout", "30s")
                .with("sluice.drain", "300ms"));
        row.startsIn(Duration.ofNanos(System.nanoTime() - begin));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        container.close();
        upstream.close();
        row.write();
    }

    @ParameterizedTest
    @EnumSource(Lockstep.Cut.class)
    void token_arrivesBeforeTheNextIsSent(Lockstep.Cut cut) throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        for (int i = 0; i < 5; i++) {
            try (RawClient client = RawClient.chat(container.base(), "dance")) {
                Lockstep.dance(upstream.next(), client, cut, 20);
            }
        }
        row.incremental();
    }

    @Test
    void request_thatComesInPieces_isReadWhole() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        byte[] body = "{\"prompt\":\"in pieces\"}".getBytes(StandardCharsets.UTF_8);
        try (RawClient client = RawClient.connect(container.base())
                .begin("POST", "/chat", "Content-Type: application/json", "Content-Length: " + body.length)) {
            Eventually.until(
                    "a stream waits for its request",
                    RawClient.PATIENCE,
                    () -> container.number("sluice_streams_waiting{for=\"request\"}") == 1);
            for (byte each : body) {
                client.send(new byte[] {each});
            }
            Exchange exchange = upstream.next();
            assertThat(exchange.prompt()).isEqualTo("in pieces");
            exchange.stream().token("a").finish();
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
    }

    @Test
    void reader_stalls_upstreamStandsStillUntilItReadsOn() throws IOException {
        upstream.script(Scripts.flood(FLOOD, Scripts::padded));
        try (RawClient stalled = RawClient.chat(container.base(), "flood")) {
            stalled.take(1024);
            Exchange exchange = upstream.next();
            long standing = Standstill.await(exchange::sent);
            assertThat(exchange.ended())
                    .as("the upstream's answer, of which %,d bytes have left", standing)
                    .isNotDone();
            row.stallBytes(standing);
            upstream.script(ScriptedUpstream.BY_HAND);
            for (int i = 0; i < 3; i++) {
                try (RawClient healthy = RawClient.chat(container.base(), "dance")) {
                    Lockstep.dance(upstream.next(), healthy, Lockstep.Cut.WHOLE, 100);
                }
            }
            assertThat(exchange.sent()).as("bytes sent while others streamed").isEqualTo(standing);
            Answer answer = stalled.rest();
            assertThat(answer.tokens()).hasSize(FLOOD).last().isEqualTo(Scripts.padded(FLOOD - 1));
            assertThat(answer.tokens()).as("each once").doesNotHaveDuplicates();
            assertThat(answer.lastWords()).containsExactly("done");
            assertThat(answer.end()).isEqualTo(Answer.End.CLEAN);
        }
        container.awaitIdle();
    }

    @ParameterizedTest
    @EnumSource(Leave.class)
    void client_leavesWhileTokensFlow_upstreamIsCancelled(Leave how) throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        RawClient client = RawClient.chat(container.base(), "leave");
        Exchange exchange = upstream.next().stream().token("heard");
        assertThat(client.nextEvent().data()).isEqualTo("heard");
        how.leave(client);
        long begin = System.nanoTime();
        do {
            exchange.token("unheard");
        } while (!exchange.isClosedWithin(Duration.ofMillis(20)) && System.nanoTime() - begin < 5_000_000_000L);
        exchange.awaitClosed(Duration.ZERO);
        row.cancelled(how, false, Duration.ofNanos(System.nanoTime() - begin));
        container.awaitIdle();
    }

    @ParameterizedTest
    @CsvSource({"RESET, true", "CLOSE, true", "RESET, false", "CLOSE, false"})
    void client_leavesInSilence_upstreamIsCancelledByHeartbeats(Leave how, boolean afterAToken) throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        RawClient client = RawClient.chat(container.base(), "leave");
        Exchange exchange = upstream.next();
        if (afterAToken) {
            exchange.stream().token("heard");
            assertThat(client.nextEvent().data()).isEqualTo("heard");
        }
        how.leave(client);
        long begin = System.nanoTime();
        exchange.awaitClosed(HEARTBEAT.multipliedBy(HEARTBEATS_TO_NOTICE).plus(HEARTBEAT.dividedBy(2)));
        if (afterAToken) {
            row.cancelled(how, true, Duration.ofNanos(System.nanoTime() - begin));
        }
        container.awaitIdle();
    }

    @Test
    void failure_beforeTheAnswer_hasItsStatus() throws IOException {
        upstream.script(exchange -> exchange.answer(500, "application/json", "{\"error\":{\"message\":\"no\"}}"));
        try (RawClient client = RawClient.connect(container.base()).post("/chat", "{\"prompt\":\"fail\"}")) {
            assertThat(client.status()).isEqualTo(502);
            assertThat(Json.read(client.body()).at("/error/type").asString()).isNotEmpty();
        }
        try (RawClient client = RawClient.connect(container.base()).post("/chat", "{\"prompt\":7}")) {
            assertThat(client.status()).isEqualTo(400);
            assertThat(client.body()).contains("prompt");
        }
        for (String path : List.of("/v1/nothing", "/nothing", "/nothing.jsp")) {
            try (RawClient client = RawClient.connect(container.base()).get(path)) {
                assertThat(client.status()).as(path).isEqualTo(404);
                assertThat(Json.read(client.body()).at("/error/code").asString())
                        .as(path)
                        .isEqualTo("not_found");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/chat", "/v1/chat/completions"})
    void failure_inTheMiddle_isAnErrorEventAndThenABreak(String path) throws IOException {
        String asked = path.equals("/chat")
                ? "{\"prompt\":\"break\"}"
                : "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"break\"}]}";
        upstream.script(exchange -> exchange.stream().token("a").abort());
        for (int i = 0; i < 10; i++) {
            List<RawClient> clients = new ArrayList<>();
            for (int j = 0; j < 10; j++) { // one in a hundred was ended twice in Undertow
                clients.add(RawClient.connect(container.base()).post(path, asked));
            }
            for (RawClient client : clients) {
                try (client) {
                    assertThat(client.nextEvent().data()).contains("a");
                    assertThat(client.nextEvent().data()).contains("\"error\":{\"message\":");
                    Answer answer = client.rest();
                    assertThat(answer.events()).isEmpty();
                    row.breaksOff(answer.end() == Answer.End.BROKEN);
                }
            }
        }
        container.awaitIdle();
    }

    /** Chromium discards what it has not read when the connection breaks. */
    @Test
    void failure_inTheMiddle_canBeReadBeforeTheBreak() throws IOException {
        upstream.script(exchange -> exchange.stream().token("a").abort());
        List<Duration> times = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            try (RawClient client = RawClient.chat(container.base(), "break")) {
                assertThat(client.nextEvent().data()).isEqualTo("a");
                assertThat(client.nextEvent().event()).isEqualTo("error");
                long told = System.nanoTime();
                client.rest();
                times.add(Duration.ofNanos(System.nanoTime() - told));
            }
        }
        // On a busy machine this client may read it late.
        assertThat(times).anyMatch(time -> time.toMillis() >= 200).allMatch(time -> time.toMillis() < 2_000);
        container.awaitIdle();
    }

    /** The usage line of the stream. Jetty logs one more line, for the exception that aborts the connection. */
    @Test
    void failure_inTheMiddle_leavesHardlyMoreThanItsLineInTheLog() throws IOException {
        assumeTrue(LOGS_LITTLE.contains(product));
        upstream.script(exchange -> exchange.stream().token("a").abort());
        container.awaitIdle();
        List<String> before = container.process().log().lines().toList();
        for (int i = 0; i < 5; i++) {
            try (RawClient client = RawClient.chat(container.base(), "break")) {
                assertThat(client.rest().end()).isEqualTo(Answer.End.BROKEN);
            }
        }
        container.awaitIdle();
        int each = product == Product.JETTY ? 2 : 1;
        List<String> all = Eventually.until(
                "the lines of five streams",
                RawClient.PATIENCE,
                () -> container.process().log().lines().toList(),
                lines -> lines.size() >= before.size() + 5 * each);
        List<String> more = all.subList(before.size(), all.size());
        assertThat(more)
                .hasSize(5 * each)
                .filteredOn(line -> line.contains("stream_ended"))
                .hasSize(5);
    }

    @Test
    void page_isServedWithItsPolicy() throws IOException {
        for (String path : List.of("/", "/js/main.js", "/css/base.css")) {
            try (RawClient client = RawClient.connect(container.base()).get(path)) {
                assertThat(client.status()).as(path).isEqualTo(200);
                assertThat(client.head().first("Content-Security-Policy").orElse(""))
                        .as("policy of " + path)
                        .contains("trusted-types");
            }
        }
    }

    @Test
    void completions_pass() throws IOException {
        upstream.script(Scripts.flood(3));
        String asked = "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
        try (RawClient client = RawClient.completions(container.base(), asked)) {
            assertThat(client.keepBytes().bytes()).contains("token 2").endsWith("data: [DONE]\n\n");
        }
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void undeploy_whileAStreamRuns_tellsItAndLeavesNothing() throws IOException {
        assumeTrue(product.undeploys(), product + " undeploys nothing while it runs");
        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient client = RawClient.chat(container.base(), "open")) {
            Exchange exchange = upstream.next().stream().token("begun");
            assertThat(client.nextEvent().data()).isEqualTo("begun");
            container.undeploy();
            assertThat(client.rest().lastWords()).containsExactly("error");
            exchange.awaitClosed(Duration.ofSeconds(5));
        }
        Eventually.until(
                "no thread of the application is left",
                RawClient.PATIENCE,
                () -> container.threads().stream()
                        .filter(name -> name.startsWith("sluice-"))
                        .toList(),
                List::isEmpty);
        boolean unloaded = isUnloaded();
        row.undeployed(unloaded);
        container.deploy();
        upstream.script(Scripts.flood(3));
        try (RawClient client = RawClient.chat(container.base(), "again")) {
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
    }

    private static boolean isUnloaded() {
        try {
            Eventually.until(
                    "no class loader of the application is left",
                    RawClient.PATIENCE,
                    () -> container.jmx().loaders("dev.sluice.app.Application"),
                    left -> left == 0);
            return true;
        } catch (AssertionError held) {
            System.out.println(product + ": " + held.getMessage());
            return false;
        }
    }
}
