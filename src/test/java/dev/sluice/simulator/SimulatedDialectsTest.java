package dev.sluice.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.relay.Upstream.Reading;
import dev.sluice.simulator.SimulatedAnswer.Begun;
import dev.sluice.simulator.SimulatedAnswer.Refused;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the simulator says in other dialects than chat completions. */
class SimulatedDialectsTest {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private final ManualClock clock = new ManualClock();
    private final Simulator simulator = new Simulator(clock);

    // ---- Messages.

    @Test
    void message_streamed_hasTheTextOfTheWholeOne() {
        String whole = MAPPER.readTree(complete(SimulatedDialect.MESSAGES, message("sim/fast", "\"stream\":false"))
                        .text())
                .at("/content/0/text")
                .asString();
        List<JsonNode> events = events(message("sim/fast", "\"stream\":true"));

        assertThat(texts(events, "text")).isEqualTo(whole).startsWith("This is Sluice");
        assertThat(types(events))
                .startsWith("message_start", "ping", "content_block_start", "content_block_delta")
                .endsWith("content_block_delta", "content_block_stop", "message_delta", "message_stop");
        assertThat(events.get(events.size() - 2).at("/delta/stop_reason").asString())
                .isEqualTo("end_turn");
        assertThat(events.get(0).at("/message/usage/input_tokens").asInt()).isEqualTo(2);
    }

    @Test
    void message_ofAModelThatReasons_thinksInABlockOfItsOwn() {
        List<JsonNode> events = events(message("sim/reasoning", "\"stream\":true"));

        assertThat(texts(events, "thinking")).startsWith("No model is here");
        assertThat(texts(events, "text")).startsWith("This is Sluice");
        assertThat(events.stream()
                        .filter(event -> event.path("type").asString().equals("content_block_start"))
                        .map(event -> event.path("index").asInt() + " "
                                + event.at("/content_block/type").asString()))
                .containsExactly("0 thinking", "1 text");
        assertThat(types(events).stream().filter("ping"::equals)).hasSize(31);
    }

    @Test
    void message_thatReachesItsLimit_saysSo() {
        List<JsonNode> events = events(message("sim/fast", "\"stream\":true").replace("999", "2"));

        assertThat(texts(events, "text")).isEqualTo("This is");
        assertThat(events.get(events.size() - 2).at("/delta/stop_reason").asString())
                .isEqualTo("max_tokens");
    }

    @Test
    void message_ofAModelThatDies_breaksOffWithinAnEvent() {
        Reception answer = complete(SimulatedDialect.MESSAGES, message("sim/dies", "\"stream\":true"));

        assertThat(answer.ending()).isEqualTo(Reading.FAILED);
        assertThat(answer.text())
                .contains("content_block_delta")
                .doesNotContain("message_stop")
                .doesNotEndWith("\n");
    }

    @ParameterizedTest
    @CsvSource({
        "sim/error-429, 429, rate_limit_error",
        "sim/error-500, 500, api_error",
        "sim/error-in-200, 200, api_error",
        "grok-4, 404, not_found_error"
    })
    void message_ofAModelThatFails_isAnthropicsError(String model, int status, String type) {
        for (SimulatedDialect dialect : List.of(SimulatedDialect.MESSAGES, SimulatedDialect.TOKEN_COUNT)) {
            Refused refused = (Refused) answer(dialect, message(model, "\"stream\":true"));
            assertThat(refused.status()).isEqualTo(status);
            JsonNode json = MAPPER.readTree(refused.json());
            assertThat(json.path("type").asString()).isEqualTo("error");
            assertThat(json.at("/error/type").asString()).isEqualTo(type);
        }
    }

    @Test
    void message_withoutALimit_isRefusedAsAnthropicRefusesIt() {
        Refused refused = (Refused) answer(
                SimulatedDialect.MESSAGES,
                message("sim/fast", "\"stream\":true").replace("max_tokens", "most"));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json()).contains("max_tokens");
    }

    @Test
    void tokens_areCountedWithoutALimit() {
        String body = "{\"model\":\"sim/slow\",\"system\":[{\"type\":\"text\",\"text\":\"Be kind\"}],"
                + "\"messages\":[{\"role\":\"user\",\"content\":\"Hello you\"}]}";
        assertThat(complete(SimulatedDialect.TOKEN_COUNT, body).text()).isEqualTo("{\"input_tokens\":4}");
    }

    // ---- Completions.

    @Test
    void completion_streamed_hasTheTextOfTheWholeOne() {
        String asked = "{\"model\":\"sim/fast\",\"prompt\":[\"Hello\",\"you\"],\"stream\":%s}";
        String whole = MAPPER.readTree(complete(SimulatedDialect.COMPLETIONS, asked.formatted("false"))
                        .text())
                .at("/choices/0/text")
                .asString();
        StringBuilder text = new StringBuilder();
        for (String line : complete(SimulatedDialect.COMPLETIONS, asked.formatted("true"))
                .text()
                .lines()
                .filter(each -> each.startsWith("data: {"))
                .toList()) {
            text.append(MAPPER.readTree(line.substring(6)).at("/choices/0/text").asString());
        }
        assertThat(text.toString()).isEqualTo(whole).contains("> Hello\n> you");
    }

    // ---- Embeddings.

    @Test
    void embeddings_dependOnTheirTextAlone() {
        JsonNode data = embeddings("[\"a\",\"b\",\"a\"]", "").path("data");
        assertThat(data).hasSize(3);
        assertThat(data.path(0).path("embedding"))
                .hasSize(256)
                .isEqualTo(data.path(2).path("embedding"));
        assertThat(data.path(1).path("embedding")).isNotEqualTo(data.path(0).path("embedding"));
        double square = data.path(0)
                .path("embedding")
                .valueStream()
                .mapToDouble(each -> each.asDouble() * each.asDouble())
                .sum();
        assertThat(square).isBetween(0.999, 1.001);
        assertThat(data.path(1).path("index").asInt()).isEqualTo(1);
    }

    @Test
    void embeddings_asBase64_areTheSame() {
        JsonNode numbers = embeddings("\"a\"", ",\"dimensions\":3").at("/data/0/embedding");
        String base64 = embeddings("\"a\"", ",\"dimensions\":3,\"encoding_format\":\"base64\"")
                .at("/data/0/embedding")
                .asString();
        ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(numbers).hasSize(3);
        for (JsonNode number : numbers) {
            assertThat(bytes.getFloat()).isEqualTo(number.floatValue());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "7", "[{}]", "null"})
    void embeddings_ofNothing_areRefused(String input) {
        Refused refused =
                (Refused) answer(SimulatedDialect.EMBEDDINGS, "{\"model\":\"sim/fast\",\"input\":" + input + "}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(MAPPER.readTree(refused.json()).at("/error/param").asString())
                .isEqualTo("input");
    }

    @Test
    void embeddings_ofTokenIds_areOneForEachList() {
        assertThat(embeddings("[1,2,3]", "").path("data")).hasSize(1);
        assertThat(embeddings("[[1,2],[3]]", "").path("data")).hasSize(2);
    }

    private JsonNode embeddings(String input, String more) {
        return MAPPER.readTree(
                complete(SimulatedDialect.EMBEDDINGS, "{\"model\":\"sim/fast\",\"input\":" + input + more + "}")
                        .text());
    }

    private List<JsonNode> events(String body) {
        return complete(SimulatedDialect.MESSAGES, body)
                .text()
                .lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> MAPPER.readTree(line.substring(6)))
                .toList();
    }

    private static List<String> types(List<JsonNode> events) {
        return events.stream().map(event -> event.path("type").asString()).toList();
    }

    private static String texts(List<JsonNode> events, String field) {
        return String.join(
                "",
                events.stream()
                        .map(event -> event.path("delta").path(field).asString(""))
                        .toList());
    }

    private Reception complete(SimulatedDialect dialect, String body) {
        Reception reception = new Reception(((Begun) answer(dialect, body)).upstream());
        while (!reception.isOver()) {
            clock.fireNext(Duration.ZERO);
        }
        return reception;
    }

    private SimulatedAnswer answer(SimulatedDialect dialect, String body) {
        return simulator.answer(dialect, body.getBytes(UTF_8));
    }

    private static String message(String model, String more) {
        return "{\"model\":\"" + model + "\",\"max_tokens\":999,\"messages\":[{\"role\":\"user\",\"content\":"
                + "[{\"type\":\"text\",\"text\":\"Hello you\"}]}]," + more + "}";
    }
}
