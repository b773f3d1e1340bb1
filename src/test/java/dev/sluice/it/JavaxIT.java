package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The javax WAR in a container of Servlet 4. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ExtendWith(LogsOnFailure.class)
final class JavaxIT {
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static TomcatContainer container;

    @BeforeAll
    static void start() throws IOException {
        upstream = ScriptedUpstream.start();
        container = TomcatContainer.launch(
                "tomcat9",
                Launch.at(upstream.url())
                        .with("sluice.heartbeat", HEARTBEAT.toMillis() + "ms")
                        .with("sluice.drain", "300ms")
                        .option("-Dtest.war=" + ServerProcess.property("test.javax.war")));
        container.awaitReady();
    }

    @AfterAll
    static void stop() throws IOException {
        container.close();
        upstream.close();
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
    }

    @Test
    void reader_stalls_upstreamStandsStillUntilItReadsOn() throws IOException {
        int flood = 60_000;
        upstream.script(Scripts.flood(flood, Scripts::padded));
        try (RawClient stalled = RawClient.chat(container.base(), "flood")) {
            stalled.take(1024);
            Exchange exchange = upstream.next();
            long standing = Standstill.await(exchange::sent);
            assertThat(exchange.ended())
                    .as("the upstream's answer, of which %,d bytes have left", standing)
                    .isNotDone();
            Answer answer = stalled.rest();
            assertThat(answer.tokens()).hasSize(flood).last().isEqualTo(Scripts.padded(flood - 1));
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
        int tokens = 0;
        while (tokens < how.writes() && !exchange.isClosedWithin(Duration.ofSeconds(tokens == 0 ? 0 : 2))) {
            exchange.token("unheard");
            tokens++;
        }
        exchange.awaitClosed(Duration.ofSeconds(5));
        container.awaitIdle();
    }

    @ParameterizedTest
    @EnumSource(Leave.class)
    void client_leavesInSilence_upstreamIsCancelledByHeartbeats(Leave how) throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        RawClient client = RawClient.chat(container.base(), "leave");
        Exchange exchange = upstream.next();
        how.leave(client);
        exchange.awaitClosed(HEARTBEAT.multipliedBy(how.writes()).plus(HEARTBEAT));
        container.awaitIdle();
    }

    @Test
    void failure_beforeTheAnswer_hasItsStatus() throws IOException {
        upstream.script(exchange -> exchange.answer(500, "application/json", "{\"error\":{\"message\":\"no\"}}"));
        try (RawClient client = RawClient.chat(container.base(), "fail")) {
            assertThat(client.status()).isEqualTo(502);
            assertThat(Json.read(client.body()).at("/error/type").asString()).isNotEmpty();
        }
    }

    /** By the container's error page, whose request attributes have other names in javax. */
    @ParameterizedTest
    @ValueSource(strings = {"/nothing", "/v1/nothing", "/js/nothing.js"})
    void path_unknown_isNotFoundInOurWords(String path) throws IOException {
        try (RawClient client = RawClient.connect(container.base()).get(path)) {
            assertThat(client.status()).isEqualTo(404);
            assertThat(Json.read(client.body()).at("/error/code").asString()).isEqualTo("not_found");
        }
    }

    @Test
    void failure_inTheMiddle_isAnErrorEventAndABrokenConnection() throws IOException {
        upstream.script(exchange -> exchange.stream().token("a").abort());
        try (RawClient client = RawClient.chat(container.base(), "break")) {
            Answer answer = client.rest();
            assertThat(answer.text()).isEqualTo("a");
            assertThat(answer.lastWords()).containsExactly("error");
            assertThat(answer.end()).isEqualTo(Answer.End.BROKEN);
        }
        container.awaitIdle();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/js/main.js", "/css/base.css"})
    void page_andItsFiles_areServedWithTheirPolicy(String path) throws IOException {
        try (RawClient client = RawClient.connect(container.base()).get(path)) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.head().first("Content-Security-Policy").orElse(""))
                    .contains("trusted-types");
        }
    }

    @Test
    void models_areListed() throws IOException {
        upstream.script(exchange -> exchange.answer(
                200, "application/json", "{\"object\":\"list\",\"data\":[{\"id\":\"one\",\"object\":\"model\"}]}"));
        try (RawClient client = RawClient.connect(container.base()).get("/v1/models")) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(Json.read(client.body()).at("/data/0/id").asString()).isEqualTo("one");
        }
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void undeploy_whileAStreamRuns_tellsItAndLeavesNothing() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient client = RawClient.chat(container.base(), "open")) {
            Exchange exchange = upstream.next().stream().token("begun");
            assertThat(client.nextEvent().data()).isEqualTo("begun");
            container.undeploy();
            assertThat(client.rest().lastWords()).containsExactly("error");
            exchange.awaitClosed(Duration.ofSeconds(5));
        }
        Eventually.until(
                "no thread of ours is left",
                RawClient.PATIENCE,
                () -> container.threads().stream()
                        .filter(name -> name.startsWith("sluice-"))
                        .toList(),
                List::isEmpty);
        Eventually.until(
                "Tomcat finds no application whose classes are still held",
                RawClient.PATIENCE,
                container::leaks,
                List::isEmpty);
        container.deploy();
        upstream.script(Scripts.flood(3));
        try (RawClient client = RawClient.chat(container.base(), "again")) {
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
    }
}
