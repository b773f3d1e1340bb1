package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code GET /doctor/stream} on the wire. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class DoctorStreamIT {
    private static final String GONE = "sluice_streams_ended_total{outcome=\"client_gone\"}";
    private static final String WHOLE = "sluice_streams_ended_total{outcome=\"whole\"}";
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    DoctorStreamIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        container = kind.start(Launch.plain()
                .with("sluice.heartbeat", "200ms")
                .with("sluice.access.open", "true") // some requests look as if they came through proxies
                .with("sluice.drain", "1s")
                .asRedeployable());
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        container.close();
    }

    @Test
    void stream_isWholeInOrderAndStamped() throws Exception {
        HttpResponse<Stream<String>> answer = get("?events=20&interval-ms=5", BodyHandlers.ofLines());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/event-stream;charset=utf-8");
        assertThat(answer.headers().firstValue("X-Accel-Buffering")).hasValue("no");
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-cache, no-transform");
        List<String> lines = answer.body().toList();
        assertThat(lines.stream().filter(line -> line.startsWith("event:")))
                .startsWith("event: hello", "event: tick")
                .endsWith("event: tick", "event: done")
                .hasSize(22);
        List<JsonNode> data = lines.stream()
                .filter(line -> line.startsWith("data:"))
                .map(line -> Json.read(line.substring(5)))
                .toList();
        assertThat(data.get(0).get("events").asInt()).isEqualTo(20);
        assertThat(data.get(0).get("heartbeat_ms").asInt()).isEqualTo(200);
        assertThat(data.get(0).get("protocol").asString()).isEqualTo("HTTP/1.1");
        List<JsonNode> ticks = data.subList(1, 21);
        assertThat(ticks.stream().map(tick -> tick.get("n").asInt()))
                .isEqualTo(IntStream.rangeClosed(1, 20).boxed().toList());
        assertThat(ticks.stream().map(tick -> tick.get("sent_ms").asDouble())).isSorted();
        assertThat(ticks.get(19).get("sent_ms").asDouble())
                .as("paced by the clock")
                .isGreaterThanOrEqualTo(95);
    }

    @Test
    void event_leavesAtOnce() throws Exception {
        // The next event is due in three seconds, so the first one was sent without waiting for it.
        HttpResponse<InputStream> answer =
                get("?events=2&interval-ms=3000&heartbeat=off", BodyHandlers.ofInputStream());
        try (InputStream body = answer.body()) {
            StringBuilder seen = new StringBuilder();
            while (!seen.toString().contains("\"n\":1")) {
                int next = body.read();
                assertThat(next).as("the stream goes on after %s", seen).isNotNegative();
                seen.append((char) next);
            }
            assertThat(container.number("sluice_streams_open")).isEqualTo(1);
        }
        // The next write detects that the client has left.
        container.awaitIdle();
    }

    @Test
    void silence_isBrokenByHeartbeatsUnlessTheyAreOff() throws Exception {
        String query = "?events=1&silence-ms=900&heartbeat=";
        List<String> on = get(query + "on", BodyHandlers.ofLines()).body().toList();
        assertThat(on).contains("event: silence", ": keep-alive");
        assertThat(on.indexOf(": keep-alive")).isBetween(on.indexOf("event: silence"), on.lastIndexOf("event: tick"));
        List<String> off = get(query + "off", BodyHandlers.ofLines()).body().toList();
        assertThat(off).contains("event: silence").doesNotContain(": keep-alive");
    }

    @ParameterizedTest
    @EnumSource(Leave.class)
    void client_leavesInTheSilence_everythingIsFreed(Leave how) throws IOException {
        double gone = container.number(GONE);
        RawClient client = RawClient.connect(container.base()).get("/doctor/stream?events=1&silence-ms=120000");
        client.awaitComments(1);
        assertThat(List.of(client.nextEvent(), client.nextEvent(), client.nextEvent()))
                .extracting(SseEvent::event)
                .containsExactly("hello", "tick", "silence");
        how.leave(client);
        container.awaitIdle(); // long before the silence is over
        assertThat(container.number(GONE)).as("streams that their clients left").isEqualTo(gone + 1);
    }

    @Test
    void examinations_areNoTokensAndHaveNoUsageLine() throws Exception {
        double tokens = container.number("sluice_tokens_total");
        double whole = container.number(WHOLE);
        assertThat(get("?events=20&interval-ms=0", BodyHandlers.ofString()).body())
                .contains("event: done");
        container.awaitIdle();
        assertThat(container.number(WHOLE)).as("they are streams like others").isEqualTo(whole + 1);
        assertThat(container.number("sluice_tokens_total")).isEqualTo(tokens);
        assertThat(container.process().log()).doesNotContain("\"endpoint\":\"doctor\"");
    }

    @Test
    void silence_whileTheApplicationStops_isEnded() throws IOException {
        try (RawClient client = RawClient.connect(container.base()).get("/doctor/stream?events=1&silence-ms=120000")) {
            client.awaitComments(1);
            container.undeploy();
            SseEvent last = client.rest().last();
            assertThat(last.event()).isEqualTo("error");
            assertThat(Json.read(last.data()).at("/error/code").asString()).isEqualTo("draining");
        } finally {
            container.deploy();
        }
    }

    @Test
    void proxiesHeaders_areToldBack_withoutAddressesOrSecrets() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(container.base().resolve("/doctor/stream?events=1"))
                .header("CF-Ray", "8a1b2c3d4e5f-FRA")
                .header("X-Amzn-Trace-Id", "x".repeat(300))
                .header("X-Forwarded-For", "192.0.2.1, 192.0.2.2")
                .header("X-Forwarded-For", "192.0.2.3")
                .header("X-Real-IP", "192.0.2.1")
                .header("X-Azure-FDID", "secret")
                .header("Cookie", "session=secret")
                .header("Authorization", "Bearer secret")
                .build();
        String body = CLIENT.send(request, BodyHandlers.ofString()).body();
        assertThat(body).contains("\"cf-ray\":[\"8a1b2c3d4e5f-FRA\"]").doesNotContain("secret");
        assertThat(body)
                .contains("\"x-forwarded-for\":[\"3 addresses\"]", "\"x-real-ip\":[\"1 address\"]")
                .doesNotContain("192.0.2.");
        assertThat(body).contains("x".repeat(200)).doesNotContain("x".repeat(201));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?events=0",
                "?events=2000",
                "?silence-ms=120001",
                "?heartbeat=maybe",
                "?what=1",
                "?=1",
                "?events",
                "?events=3&events=3",
                "?%FF=1"
            })
    void parameter_invalid_isA400(String query) throws Exception {
        HttpResponse<String> answer = get(query, BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("invalid_parameter");
    }

    /** One of the containers ignores such parameters. */
    @Test
    void query_illFormed_isA400() throws IOException {
        try (RawClient client = RawClient.connect(container.base()).get("/doctor/stream?events=%zz")) {
            assertThat(client.status()).isEqualTo(400);
            assertThat(client.body()).contains("malformed_query");
        }
    }

    @Test
    void body_ofAGet_isPassedOver() throws IOException {
        try (RawClient client = RawClient.connect(container.base())
                .begin(
                        "GET",
                        "/doctor/stream?events=2&interval-ms=0",
                        "Content-Type: application/x-www-form-urlencoded",
                        "Content-Length: 8")) {
            client.send("events=9".getBytes(StandardCharsets.US_ASCII));
            assertThat(client.rest().last().data()).startsWith("{\"events\":2,");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "HEAD", "PUT"})
    void otherMethod_isA405(String method) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(container.base().resolve("/doctor/stream"))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        HttpResponse<String> answer = CLIENT.send(request, BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).hasValue("GET");
    }

    private static <T> HttpResponse<T> get(String query, HttpResponse.BodyHandler<T> handler) throws Exception {
        URI target = container.base().resolve("/doctor/stream" + query);
        return CLIENT.send(HttpRequest.newBuilder(target).build(), handler);
    }
}
