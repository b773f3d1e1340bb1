package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * What the usage log and the metrics tell of requests, and to whom; and that nothing that a client makes up is told. The proxy is
 * whoever comes from 127.0.0.2.
 */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class ToldIT {
    private static final String PROXY = "127.0.0.2";
    private static final String ANYONE = "127.0.0.1";
    private static final String ADA = "X-Api-Key: adas-own-access-key";
    private static final String BOB = "X-Api-Key: bobs-own-access-key";
    private static final String SCRAPER = "the-key-of-the-scraper";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String JSON = "{\"prompt\":\"Hi\"}";

    /** Part of whatever the tests make up. */
    private static final String FORGED = "forged";

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    ToldIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start();
        upstream.script(exchange -> exchange.stream().token("a").finish());
        container = kind.start(Launch.at(upstream.url())
                .with("sluice.metrics.key", SCRAPER)
                .with("sluice.metrics.callers", "true")
                .with("sluice.callers.ada.key", "adas-own-access-key")
                .with("sluice.callers.bob.key", "bobs-own-access-key")
                .with("sluice.callers.bob.groups", "staff, builds")
                .with("sluice.callers.bob.plan", "small")
                .with("sluice.plans.small.models", "test, gpt-*")
                .with("sluice.plans.small.requests", "2/d")
                .with("sluice.plans.small.tokens", "1000/h, 5000/d")
                .with("sluice.plans.small.max-output-tokens", "400")
                .with("sluice.plans.small.reserve", "200")
                .with("sluice.proxies", PROXY));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        String log = container.process().log();
        container.close();
        upstream.close();
        assertThat(log.lines().filter(line -> line.contains("stream_ended")))
                .as("the usage log")
                .noneMatch(line -> line.contains(FORGED) || line.contains("203.0.113.66"));
        assertThat(log.lines().filter(line -> !line.contains("-Dsluice.")))
                .as("the log, but for the command line")
                .noneMatch(line -> line.contains(SCRAPER));
    }

    // The usage log.

    @Test
    void line_ofAStream_tellsItsRequestTraceClientAndEnd() throws IOException {
        Instant before = Instant.now();
        try (RawClient client = chat(
                ANYONE,
                "/chat",
                JSON,
                ADA,
                "X-Request-Id: the-clients-id/1",
                "traceparent: 00-" + TRACE + "-00f067aa0ba902b7-01")) {
            assertThat(client.rest().lastWords()).containsExactly("done");
            assertThat(client.head().headers().get("x-request-id")).containsExactly("the-clients-id/1");
        }
        JsonNode line = UsageLines.of(container, "the-clients-id/1");
        assertThat(line.get("trace_id").asString()).isEqualTo(TRACE);
        assertThat(line.get("client").asString()).isEqualTo(ANYONE);
        assertThat(line.get("caller").asString()).isEqualTo("ada");
        assertThat(line.get("plan").isNull()).isTrue();
        assertThat(line.get("upstream_request_id").isNull()).isTrue();
        assertThat(Instant.parse(line.get("time").asString()))
                .isBetween(before.minusMillis(1), before.plus(Duration.ofMinutes(1)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ANYONE + " | X-Forwarded-For: 203.0.113.66 | 127.0.0.1",
                ANYONE + " | Forwarded: for=203.0.113.66 | 127.0.0.1",
                ANYONE + " | X-Real-IP: 203.0.113.66 | 127.0.0.1",
                PROXY + " | X-Forwarded-For: 203.0.113.66, 203.0.113.9 | 203.0.113.9",
                PROXY + " | Forwarded: for=\"[2001:db8:0:0::9]:4711\" | 2001:db8::9",
                PROXY + " | X-Forwarded-For: forged | null",
                PROXY + " | X-Forwarded-For: 203.0.113.9\"}{\"forged | null",
                PROXY + " | X-Real-IP: 203.0.113.66 | null",
            })
    void client_isTheAddressThatAProxyTells_andOfNobodyElse(String from, String header, String address)
            throws IOException {
        try (RawClient client = chat(from, "/chat", JSON, ADA, header)) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(line(client).get("client").asString("null")).isEqualTo(address);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Request-Id: forged id",
                "X-Request-Id: forged\u00e4",
                "X-Request-Id: forged\tid",
                "X-Request-Id: forged;X-Request-Id: forged",
                "traceparent: forged",
                "traceparent: 00-" + TRACE + "-00f067aa0ba902b7-01-forged",
                "traceparent: 00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "traceparent: 00-" + TRACE + "-00f067aa0ba902b7-01;traceparent: 00-" + TRACE + "-00f067aa0ba902b7-01",
            })
    void header_thatIsIllFormed_isNotTold(String headers) throws IOException {
        try (RawClient client = chat(ANYONE, "/chat", JSON, (ADA + ";" + headers).split(";"))) {
            assertThat(client.status()).isEqualTo(200);
            JsonNode line = line(client);
            assertThat(line.get("request_id").asString()).matches("[0-9a-f]{32}");
            assertThat(line.get("trace_id").isNull()).isTrue();
            assertThat(line.toString()).doesNotContain(FORGED);
        }
    }

    @Test
    void id_ofManyCharacters_isNotTold() throws IOException {
        try (RawClient client = chat(ANYONE, "/chat", JSON, ADA, "X-Request-Id: " + FORGED.repeat(500))) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(line(client).toString()).hasSizeLessThan(1_000);
        }
    }

    /** The server may refuse such a request, or take the line for the header's continuation. */
    @Test
    void id_withALineBreak_isNotTold() throws IOException {
        try (RawClient client = chat(ANYONE, "/chat", JSON, ADA, "X-Request-Id: a\r\n forged")) {
            assertThat(client.status()).isIn(200, 400);
        }
        try (RawClient client = chat(ANYONE, "/chat", JSON, ADA, "X-Request-Id: a\nforged: b")) {
            assertThat(client.status()).isIn(200, 400);
        }
    }

    @Test
    void refusal_hasTheIdOfItsLine() throws IOException {
        try (RawClient client = chat(ANYONE, "/chat", "{", ADA)) {
            assertThat(client.status()).isEqualTo(400);
            assertThat(line(client).get("outcome").asString()).isEqualTo("refused");
        }
        try (RawClient client =
                RawClient.connect(container.base()).begin("GET", "/chat", ADA, "X-Request-Id: wrong-method")) {
            assertThat(client.status()).isEqualTo(405);
            assertThat(client.head().first("x-request-id")).hasValue("wrong-method");
        }
    }

    @Test
    void id_ofTheUpstream_passesAndIsToldBesideTheClients() throws IOException {
        upstream.script(Scripts.answer(429, "{\"error\":{\"message\":\"busy\"}}", "x-request-id: up-7"));
        try (RawClient client = chat(ANYONE, "/chat", JSON, ADA, "X-Request-Id: down-7")) {
            assertThat(client.status()).isEqualTo(429);
            assertThat(client.head().headers().get("x-request-id")).containsExactly("up-7");
            JsonNode line = UsageLines.of(container, "down-7");
            assertThat(line.get("upstream_request_id").asString()).isEqualTo("up-7");
        } finally {
            upstream.script(exchange -> exchange.stream().token("a").finish());
        }
    }

    // What is left.

    @Test
    void me_ofACallerWithoutAPlan_saysWhoItIs() throws IOException {
        try (RawClient client = get("/me", ADA)) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.head().first("Cache-Control")).hasValue("no-store");
            assertThat(client.body())
                    .isEqualTo("{\"name\":\"ada\",\"established_by\":\"named_key\",\"groups\":[],\"plan\":null,"
                            + "\"models\":null,\"max_output_tokens\":null,\"limits\":[]}");
        }
    }

    /** One test, because the plan's limits are for all of it. */
    @Test
    void plan_ofACaller_isToldByMe_byTheLog_andByTheMetrics() throws IOException {
        JsonNode whole = me();
        assertThat(whole.get("name").asString()).isEqualTo("bob");
        assertThat(whole.get("groups").toString()).isEqualTo("[\"builds\",\"staff\"]");
        assertThat(whole.get("plan").asString()).isEqualTo("small");
        assertThat(whole.get("models").toString()).isEqualTo("[\"test\",\"gpt-*\"]");
        assertThat(whole.get("max_output_tokens").asInt()).isEqualTo(400);
        assertThat(whole.get("limits").size()).isEqualTo(3);
        assertThat(whole.at("/limits/1/period").asString()).isEqualTo("hour");
        assertThat(whole.at("/limits/1/remaining").asInt()).isEqualTo(1_000);
        assertThat(whole.at("/limits/1/whole_in_ms").asInt()).isZero();

        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient client = chat(ANYONE, "/chat", JSON, BOB)) {
            Exchange exchange = upstream.next();
            JsonNode running = me();
            assertThat(running.at("/limits/0/spent").asInt()).isEqualTo(1);
            assertThat(running.at("/limits/1/held").asInt()).isBetween(200, 300);
            assertThat(running.at("/limits/1/remaining").asInt()).isBetween(700, 800);
            assertThat(metrics())
                    .containsEntry("sluice_plan_streams_open{plan=\"small\"}", 1.0)
                    .hasEntrySatisfying("sluice_plan_held_tokens{plan=\"small\"}", held -> assertThat(held)
                            .isBetween(200.0, 300.0));
            exchange.stream().token("a").finish();
            assertThat(client.rest().lastWords()).containsExactly("done");
            assertThat(line(client).get("plan").asString()).isEqualTo("small");
        } finally {
            upstream.script(exchange -> exchange.stream().token("a").finish());
        }
        JsonNode after = Eventually.until(
                "nothing is held",
                RawClient.PATIENCE,
                ToldIT::me,
                now -> now.at("/limits/1/held").asInt() == 0);
        assertThat(after.at("/limits/1/spent").asInt()).isBetween(1, 200);
        assertThat(after.at("/limits/1/whole_in_ms").asLong()).isBetween(1L, 3_600_000L);

        try (RawClient client = chat(ANYONE, "/chat", JSON, BOB)) {
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
        try (RawClient client = chat(ANYONE, "/chat", JSON, BOB, "X-Request-Id: bobs-third")) {
            assertThat(client.status()).isEqualTo(429);
            assertThat(client.head().first("x-request-id")).hasValue("bobs-third");
        }
        JsonNode refused = UsageLines.of(container, "bobs-third");
        assertThat(refused.get("plan").asString()).isEqualTo("small");
        assertThat(refused.get("error").asString()).isEqualTo("rate_limit_exceeded");
        assertThat(metrics())
                .containsEntry("sluice_plan_streams_open{plan=\"small\"}", 0.0)
                .containsEntry("sluice_plan_held_tokens{plan=\"small\"}", 0.0)
                .containsEntry("sluice_plan_refused_total{limit=\"requests_per_day\",plan=\"small\"}", 1.0)
                .containsEntry("sluice_plan_refused_total{limit=\"tokens_per_hour\",plan=\"small\"}", 0.0)
                .containsEntry("sluice_plan_debt_tokens{limit=\"tokens_per_hour\",plan=\"small\"}", 0.0)
                .containsEntry("sluice_caller_streams_ended_total{caller=\"bob\",established_by=\"named_key\"}", 3.0)
                .hasEntrySatisfying("sluice_plan_spent_tokens_total{plan=\"small\"}", spent -> assertThat(spent)
                        .isPositive());
    }

    @Test
    void me_ofAStranger_isRefusedAsElsewhere() throws IOException {
        try (RawClient client = get("/me")) {
            assertThat(client.status()).isEqualTo(401);
            assertThat(client.body()).contains("missing_access_key");
        }
        try (RawClient client = RawClient.connect(container.base()).begin("DELETE", "/me", ADA)) {
            assertThat(client.status()).isEqualTo(405);
        }
    }

    // The metrics.

    @Test
    void keyOfTheMetrics_opensThemAndNothingElse() throws IOException {
        String bearer = "Authorization: Bearer " + SCRAPER;
        try (RawClient client = get("/metrics", bearer)) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.body()).contains("sluice_streams_open");
        }
        for (String path : new String[] {"/v1/models", "/me", "/metrics/", "/metrics/..;/chat", "/doctor/stream"}) {
            try (RawClient client = get(path, bearer)) {
                assertThat(client.status()).as(path).isIn(400, 401, 404);
                assertThat(client.body()).doesNotContain(SCRAPER);
            }
        }
        try (RawClient client = chat(ANYONE, "/chat", JSON, bearer)) {
            assertThat(client.status()).isEqualTo(401);
        }
    }

    @ParameterizedTest
    @CsvSource({ADA + ", 200", "X-Other: none, 401", "Authorization: Bearer wrong, 401"})
    void metrics_withoutTheirKey_areForCallersOnly(String header, int status) throws IOException {
        try (RawClient client = get("/metrics", header)) {
            assertThat(client.status()).isEqualTo(status);
        }
    }

    private static JsonNode me() {
        try (RawClient client = get("/me", BOB)) {
            assertThat(client.status()).isEqualTo(200);
            return Json.read(client.body());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, Double> metrics() throws IOException {
        try (RawClient client = get("/metrics", "Authorization: Bearer " + SCRAPER)) {
            return Metrics.read(client.body());
        }
    }

    private static JsonNode line(RawClient client) throws IOException {
        return UsageLines.of(container, client.head().first("x-request-id").orElseThrow());
    }

    private static RawClient get(String path, String... headers) throws IOException {
        return RawClient.connect(container.base()).begin("GET", path, headers);
    }

    private static RawClient chat(String from, String path, String json, String... headers) throws IOException {
        return RawClient.connectFrom(from, container.base()).post(path, json, headers);
    }
}
