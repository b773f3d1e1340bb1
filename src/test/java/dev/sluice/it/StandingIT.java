package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** An upstream that does not answer: the messages of the log, the metrics and the health page. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class StandingIT {
    private static final String KEY = "sk-the-secret-of-this-test";
    private static final int CALLS = 5;

    @Parameter
    @SuppressWarnings("NullAway.Init")
    private Container.Kind kind;

    @Test
    void fault_ofManyCalls_isOneLineAndTheNodeStaysReady() throws Exception {
        Names names = Names.of();
        try (ScriptedUpstream upstream = ScriptedUpstream.start();
                ServerSocket plain = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                Container container = kind.start(Launch.at(upstream.url())
                        .option(names.option())
                        .with("sluice.upstream.key", KEY)
                        .with("sluice.upstreams.nowhere.url", "http://nowhere.test/v1")
                        .with("sluice.upstreams.plain.url", "https://127.0.0.1:" + plain.getLocalPort() + "/v1")
                        .with("sluice.models.nowhere", "nowhere/m")
                        .with("sluice.models.plain", "plain/m")
                        .with("sluice.models.test", "default/m")
                        .with("sluice.retry.attempts", "1"))) {
            assertThat(ready(container).at("/upstreams/0/reachable").isNull())
                    .as("nobody has asked yet")
                    .isTrue();
            upstream.script(Scripts.answer(401, "{\"error\":{\"message\":\"No\"}}"));
            failAll(container, "test", "upstream_key_refused");
            upstream.script(Scripts.flood(1));
            var unused = CompletableFuture.runAsync(() -> speakPlainly(plain)); // until the end of the test
            failAll(container, "plain", "tls_failed");
            failAll(container, "nowhere", "unknown_host");
            upstream.refuse();
            failAll(container, "test", "connection_refused");

            assertThat(warnings(container, "default (" + upstream.url() + ")", 2))
                    .satisfiesExactly(
                            key -> assertThat(key).contains("401", "sluice.upstream.key"),
                            refused -> assertThat(refused).contains("Connection refused", "sluice.upstream.url"));
            assertThat(warnings(container, "plain", 1))
                    .satisfiesExactly(tls -> assertThat(tls).contains("TLS", "SSL", "javax.net.ssl.trustStore"));
            assertThat(warnings(container, "nowhere", 1))
                    .satisfiesExactly(dns -> assertThat(dns).contains("UnknownHost", "nowhere.test", "DNS"));
            assertThat(container.process().log()).doesNotContain(KEY);

            JsonNode health = ready(container);
            assertThat(health.get("status").asString()).as("this node").isEqualTo("UP");
            assertThat(health.at("/upstreams/0/name").asString()).isEqualTo("default");
            assertThat(health.at("/upstreams/0/reachable").asBoolean()).isFalse();
            assertThat(health.at("/upstreams/0/fault").asString()).isEqualTo("connection_refused");
            assertThat(container.number("sluice_upstream_reachable{upstream=\"default\"}"))
                    .isZero();
            assertThat(container.number(
                            "sluice_upstream_faults_total{fault=\"connection_refused\",upstream=\"default\"}"))
                    .isEqualTo(CALLS);

            upstream.acceptAgain();
            try (RawClient client = ask(container, "test")) {
                assertThat(client.rest().lastWords()).containsExactly("done");
            }
            assertThat(container.number("sluice_upstream_reachable{upstream=\"default\"}"))
                    .isEqualTo(1);
            Eventually.until("it is said to answer again", RawClient.PATIENCE, () -> container
                    .process()
                    .log()
                    .lines()
                    .anyMatch(line -> line.contains("default (" + upstream.url() + ") answers again")));
        }
    }

    @Test
    void node_thatNeedsAnUpstream_isReadyAgainSoonAfterThatIs() throws Exception {
        try (ScriptedUpstream upstream = ScriptedUpstream.start()) {
            upstream.script(Scripts.flood(1));
            try (Container container = kind.start(Launch.at(upstream.url())
                    .with("sluice.ready.needs-upstream", "true")
                    .with("sluice.retry.attempts", "1"))) {
                upstream.refuse();
                try (RawClient client = ask(container, "test")) {
                    assertThat(client.status()).isEqualTo(502);
                }
                Eventually.until("the node is not ready", RawClient.PATIENCE, () -> !container.isReady());
                try (RawClient client = RawClient.connect(container.base()).get("/health/ready")) {
                    assertThat(client.status()).isEqualTo(503);
                    JsonNode health = Json.read(client.body());
                    assertThat(health.get("status").asString()).isEqualTo("DOWN");
                    assertThat(health.get("reason").asString()).isEqualTo("no upstream");
                }
                upstream.acceptAgain();
                Eventually.until(
                        "the node is ready, though nobody has asked it for anything",
                        RawClient.PATIENCE,
                        container::isReady);
                container.awaitIdle();
            }
        }
    }

    /** Answers a TLS client as a server of plain HTTP does. */
    private static void speakPlainly(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket peer = server.accept()) {
                int hello = peer.getInputStream()
                        .read(); // the first byte of TLS; an answer or a close before it would be another fault
                assertThat(hello).as("the first byte of a handshake").isEqualTo(22);
                peer.getOutputStream().write(Scripts.utf8("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));
                peer.getInputStream().transferTo(OutputStream.nullOutputStream());
            } catch (IOException gone) {
                // The peer has closed the connection, or the test has ended.
            }
        }
    }

    private static void failAll(Container container, String model, String code) throws IOException {
        for (int i = 0; i < CALLS; i++) {
            try (RawClient client = ask(container, model)) {
                assertThat(client.status()).isEqualTo(502);
                assertThat(Json.read(client.body()).at("/error/code").asString())
                        .isEqualTo(code);
            }
        }
    }

    /** Waits until the log has this many lines about this upstream's faults; returns them. */
    private static List<String> warnings(Container container, String upstream, int expected) {
        return Eventually.until(
                "a line about " + upstream,
                RawClient.PATIENCE,
                () -> container
                        .process()
                        .log()
                        .lines()
                        .filter(line -> line.contains("The upstream " + upstream) && line.contains(" Check "))
                        .toList(),
                lines -> lines.size() >= expected);
    }

    private static JsonNode ready(Container container) throws IOException {
        try (RawClient client = RawClient.connect(container.base()).get("/health/ready")) {
            assertThat(client.status()).isEqualTo(200);
            return Json.read(client.body());
        }
    }

    private static RawClient ask(Container container, String model) throws IOException {
        return RawClient.connect(container.base()).post("/chat", "{\"prompt\":\"hi\",\"model\":\"" + model + "\"}");
    }
}
