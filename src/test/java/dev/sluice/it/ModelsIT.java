package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code /v1/models}, with the simulator and with a slow upstream. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class ModelsIT {
    /** More bytes than the sockets hold for a client that has stopped reading. */
    private static final int MANY = 12_000;

    @SuppressWarnings("NullAway.Init")
    private static Container simulated;

    @Parameter
    @SuppressWarnings("NullAway.Init")
    private Container.Kind kind;

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        simulated = kind.start(Launch.plain());
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        simulated.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/models", "/v1/models/"})
    void models_ofTheSimulator_areListed(String path) throws IOException {
        try (RawClient client = RawClient.connect(simulated.base()).get(path)) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.head().first("Content-Type").orElse("")).startsWith("application/json");
            JsonNode list = Json.read(client.body());
            assertThat(list.path("object").asString()).isEqualTo("list");
            assertThat(list.path("data").valueStream().map(model -> model.path("id")
                            .asString()))
                    .contains("sim/fast", "sim/reasoning");
            assertThat(list.path("data").path(0).path("object").asString()).isEqualTo("model");
        }
    }

    @Test
    void model_whoseIdHasASlash_isFound() throws IOException {
        try (RawClient client = RawClient.connect(simulated.base()).get("/v1/models/sim/fast")) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(Json.read(client.body()).path("id").asString()).isEqualTo("sim/fast");
        }
    }

    @Test
    void model_thatIsUnknown_is404ThatNamesTheKnown() throws IOException {
        try (RawClient client = RawClient.connect(simulated.base()).get("/v1/models/gpt-%C3%A9%3Ax")) {
            assertThat(client.status()).isEqualTo(404);
            JsonNode error = Json.read(client.body()).path("error");
            assertThat(error.path("code").asString()).isEqualTo("model_not_found");
            assertThat(error.path("param").asString()).isEqualTo("model");
            assertThat(error.path("message").asString()).contains("gpt-é:x", "sim/fast");
        }
    }

    @Test
    void head_hasTheLengthAndNoBody() throws IOException {
        try (RawClient client = RawClient.connect(simulated.base()).begin("HEAD", "/v1/models", "Connection: close")) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.head()
                            .first("Content-Length")
                            .map(Integer::parseInt)
                            .orElse(0))
                    .isPositive();
            assertThat(client.body()).isEmpty();
        }
    }

    @Test
    void method_otherThanGet_is405() throws IOException {
        try (RawClient client = RawClient.connect(simulated.base()).post("/v1/models", "{}")) {
            assertThat(client.status()).isEqualTo(405);
            assertThat(client.head().first("Allow")).contains("GET, HEAD");
        }
    }

    @Test
    void connection_servesOneListAfterTheOther() throws IOException {
        try (RawClient client = RawClient.connect(simulated.base()).get("/v1/models")) {
            String first = client.body();
            assertThat(client.again().get("/v1/models").body()).isEqualTo(first);
        }
    }

    @Test
    void list_thatIsLarge_reachesTheSlowAndCostsTheUpstreamOneRequest() throws IOException {
        String list = IntStream.range(0, MANY)
                .mapToObj(i -> "{\"id\":\"m" + i + "\",\"object\":\"model\", \"created\":1,\"owned_by\":\"é\",\"x\":\""
                        + "x".repeat(250) + "\"}")
                .collect(Collectors.joining(",", "{\"object\":\"list\",\"data\":[", "]}"));
        int length = list.getBytes(StandardCharsets.UTF_8).length;
        // Its entries pass unchanged, but for those beyond the limit of 10,000.
        String expected = list.substring(0, list.indexOf(",{\"id\":\"m10000\"")) + "]}";
        try (ScriptedUpstream upstream = ScriptedUpstream.start();
                Container container = kind.start(Launch.at(upstream.url()));
                RawClient slow = RawClient.connect(container.base(), 4096).get("/v1/models");
                RawClient leaving = RawClient.connect(container.base()).get("/v1/models");
                RawClient patient = RawClient.connect(container.base()).get("/v1/models")) {
            Exchange asked = upstream.next();
            assertThat(asked.head().startLine()).isEqualTo("GET /v1/models HTTP/1.1");
            leaving.reset();
            asked.answer(200, "application/json", list);

            assertThat(length).isLessThan(4 << 20).isGreaterThan(3 << 20);
            assertThat(patient.body()).isEqualTo(expected);
            assertThat(container.isReady())
                    .as("serves others while a client reads nothing")
                    .isTrue();
            assertThat(slow.body()).isEqualTo(expected);
            assertThat(upstream.acceptedConnections()).isEqualTo(1);
        }
    }

    @Test
    void upstream_thatFails_isSaidSoAndAskedAgainLater() throws IOException {
        try (ScriptedUpstream upstream = ScriptedUpstream.start();
                Container container = kind.start(Launch.at(upstream.url()))) {
            upstream.script(exchange -> exchange.answer(500, "application/json", "{\"error\":\"on fire\"}"));
            try (RawClient client = RawClient.connect(container.base()).get("/v1/models")) {
                assertThat(client.status()).isEqualTo(502);
                assertThat(Json.read(client.body()).at("/error/message").asString())
                        .contains("500", "on fire");
            }
            upstream.script(exchange -> exchange.answer(200, "application/json", "[{\"id\":\"a\"}]"));
            Eventually.until(
                    "the models are known",
                    Duration.ofSeconds(10),
                    () -> {
                        try (RawClient client =
                                RawClient.connect(container.base()).get("/v1/models")) {
                            return client.body();
                        }
                    },
                    body -> body.startsWith("{\"object\":\"list\",\"data\":[{\"id\":\"a\","));
        }
    }
}
