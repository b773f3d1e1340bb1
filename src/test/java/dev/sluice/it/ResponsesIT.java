package dev.sluice.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code /v1/responses} on the wire, and {@code /chat} in that dialect. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class ResponsesIT {
    private static final String KEY = "sk-the-secret-of-this-test";
    private static final String ASKED = "{\"model\":\"m\",\"stream\":true,\"store\":false,\"input\":\"hi\"}";
    private static final String CREATED =
            event("response.created", "\"response\":{\"status\":\"in_progress\"},\"sequence_number\":0");
    private static final String COMPLETED = event(
            "response.completed",
            "\"response\":{\"status\":\"completed\",\"usage\":{\"input_tokens\":3,\"output_tokens\":5,"
                    + "\"output_tokens_details\":{\"reasoning_tokens\":4},\"total_tokens\":8}},\"sequence_number\":9");

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    ResponsesIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start();
        String url = upstream.url().toString();
        container = kind.start(Launch.at(upstream.url())
                .with("sluice.upstream.key", KEY)
                .with("sluice.heartbeat", "300ms")
                .with("sluice.retry.attempts", "1")
                .with("sluice.models.*", "default/*")
                .with("sluice.models.alias", "default/their-name")
                .with("sluice.upstreams.new.url", url)
                .with("sluice.upstreams.new.chat-dialect", "responses")
                .with("sluice.upstreams.new.dialects", "responses")
                .with("sluice.models.new", "new/their-name")
                .with("sluice.models.first-new", "new/n, default/o")
                .with("sluice.upstreams.sim.url", "simulator:")
                .with("sluice.upstreams.sim.chat-dialect", "responses")
                .with("sluice.models.sim-fast", "sim/sim/fast")
                .with("sluice.models.sim-dies", "sim/sim/dies")
                .with("sluice.models.sim-429", "sim/sim/error-429"));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        String log = container.process().log();
        container.close();
        upstream.close();
        assertThat(log).as("the log").doesNotContain(KEY);
    }

    // ---- Events.

    static List<Path> captures() throws IOException, URISyntaxException {
        Path directory = Path.of(Objects.requireNonNull(ResponsesIT.class.getResource("/captures/responses"))
                .toURI());
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".sse"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("captures")
    void capture_streamed_comesOutByteForByte(Path file) throws IOException {
        String sent = Files.readString(file, ISO_8859_1);
        for (UnaryOperator<String> lineEnds : List.<UnaryOperator<String>>of(s -> s, s -> s.replace("\n", "\r\n"))) {
            byte[] body = lineEnds.apply(sent).getBytes(ISO_8859_1);
            for (int cut : new int[] {body.length, 7, 1000}) {
                upstream.script(Scripts.recorded(body, cut));
                try (RawClient client = ask(ASKED)) {
                    assertThat(client.keepBytes().bytes())
                            .as("cut every %d bytes", cut)
                            .isEqualTo(new String(body, ISO_8859_1));
                    assertThat(client.end()).isEqualTo(Answer.End.CLEAN);
                }
            }
        }
        container.awaitIdle();
    }

    @Test
    void stream_isPassedOnAtOnce_withHeartbeatsThatAreComments_andCounted() throws IOException {
        UsageLines lines = UsageLines.after(container);
        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient client = ask("{\"model\":\"alias\",\"stream\":true,\"input\":\"hi\"}")) {
            Exchange exchange = upstream.next();
            assertThat(exchange.head().startLine()).isEqualTo("POST /v1/responses HTTP/1.1");
            assertThat(exchange.head().first("Authorization")).hasValue("Bearer " + KEY);
            assertThat(exchange.body())
                    .isEqualTo("{\"store\":false,\"model\":\"their-name\",\"stream\":true,\"input\":\"hi\"}");
            exchange.stream().chunk(CREATED);
            assertThat(client.nextEvent().event()).isEqualTo("response.created");
            client.awaitComments(2);
            exchange.chunk(text("a", 1));
            assertThat(client.nextEvent().data()).contains("\"delta\":\"a\"");
            exchange.chunk(COMPLETED);
            assertThat(client.nextEvent().event()).isEqualTo("response.completed");
            exchange.end();
            assertThat(client.rest().end()).isEqualTo(Answer.End.CLEAN);
        }
        JsonNode line = lines.first();
        assertThat(line.get("endpoint").asString()).isEqualTo("responses");
        assertThat(line.get("outcome").asString()).isEqualTo("whole");
        assertThat(line.at("/tokens/prompt").asInt()).isEqualTo(3);
        assertThat(line.at("/tokens/output").asInt()).isEqualTo(5);
        assertThat(line.at("/tokens/reasoning").asInt()).isEqualTo(4);
    }

    @Test
    void client_leavesHalfWay_closesTheUpstreamsConnection() throws IOException {
        upstream.script(exchange -> {
            exchange.stream().chunk(CREATED);
            for (int number = 1; !exchange.closed().isDone(); number++) {
                exchange.chunk(text("a", number));
            }
        });
        try (RawClient client = ask(ASKED)) {
            client.take(3);
        }
        upstream.next().awaitClosed(RawClient.PATIENCE);
        container.awaitIdle();
    }

    // ---- Ends.

    @ParameterizedTest
    @ValueSource(strings = {"completed", "incomplete", "done"})
    void end_thatTheUpstreamSays_isWhole_andWhatFollowsItPasses(String type) throws IOException {
        UsageLines lines = UsageLines.after(container);
        String answer = CREATED + text("a", 1) + event("response." + type, "\"response\":{}") + "data: [DONE]\n\n";
        upstream.script(exchange -> exchange.stream().chunk(answer).end());
        try (RawClient client = ask(ASKED).keepBytes()) {
            assertThat(client.rest().end()).isEqualTo(Answer.End.CLEAN);
            assertThat(client.bytes()).isEqualTo(answer);
        }
        assertThat(lines.first().get("outcome").asString()).isEqualTo("whole");
    }

    @Test
    void stream_withoutAnEnd_isBrokenOffWithTheNextNumber() throws IOException {
        upstream.script(
                exchange -> exchange.stream().chunk(CREATED + text("a", 41)).end());
        try (RawClient client = ask(ASKED)) {
            Answer answer = client.rest();
            assertThat(answer.end()).isEqualTo(Answer.End.BROKEN);
            assertThat(answer.last().event()).isEqualTo("error");
            JsonNode error = Json.read(answer.last().data());
            assertThat(error.get("type").asString()).isEqualTo("error");
            assertThat(error.get("sequence_number").asInt()).isEqualTo(42);
            assertThat(error.get("code").asString()).isEqualTo("incomplete");
            assertThat(error.at("/error/message").asString())
                    .isEqualTo(error.get("message").asString());
        }
    }

    @Test
    void response_thatFails_passesAsItIsAndNothingOfOursFollows() throws IOException {
        String answer = CREATED
                + text("a", 1)
                + event(
                        "response.failed",
                        "\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"m\"}}");
        UsageLines lines = UsageLines.after(container);
        upstream.script(exchange -> exchange.stream().chunk(answer).end());
        try (RawClient client = ask(ASKED).keepBytes()) {
            assertThat(client.rest().end()).isEqualTo(Answer.End.BROKEN);
            assertThat(client.bytes()).isEqualTo(answer);
        }
        assertThat(lines.first().get("error").asString()).isEqualTo("server_error");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "event: error\ndata: {\"type\":\"error\",\"code\":\"rate_limit_exceeded\",\"message\":\"slowly\"}\n\n",
                "data: {\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"rate_limit_exceeded\","
                        + "\"message\":\"slowly\"}}}\n\n",
            })
    void error_asTheFirstEvent_isAStatus(String event) throws IOException {
        upstream.script(exchange -> exchange.stream().chunk(event).end());
        try (RawClient client = ask(ASKED)) {
            assertThat(client.status()).isEqualTo(429);
            assertThat(Json.read(client.body()).at("/error/code").asString()).isEqualTo("rate_limit_exceeded");
        }
    }

    // ---- Refusals.

    @ParameterizedTest
    @CsvSource({"400, 400", "401, 502", "404, 404", "422, 422", "429, 429", "500, 502"})
    void refusal_ofTheUpstream_hasItsStatusInOpenAisShape(int theirs, int ours) throws IOException {
        upstream.script(Scripts.answer(theirs, "{\"error\":{\"message\":\"no such thing\",\"code\":\"c_1\"}}"));
        try (RawClient client = ask(ASKED)) {
            assertThat(client.status()).isEqualTo(ours);
            JsonNode error = Json.read(client.body()).get("error");
            assertThat(error.get("message").asString()).isNotBlank();
            assertThat(error.has("param")).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"store\":true                                                | store",
                "\"previous_response_id\":\"resp_1\"                           | previous_response_id",
                "\"conversation\":\"conv_1\"                                   | conversation",
                "\"background\":true                                           | background",
                "\"input\":[{\"type\":\"item_reference\",\"id\":\"msg_1\"}]    | input"
            })
    void state_atTheProvider_isRefusedWithTheSettingThatAllowsIt(String member, String param) throws IOException {
        try (RawClient client = ask("{\"model\":\"m\"," + member + "}")) {
            assertThat(client.status()).isEqualTo(400);
            JsonNode error = Json.read(client.body()).get("error");
            assertThat(error.get("param").asString()).isEqualTo(param);
            assertThat(error.get("message").asString()).contains("sluice.responses.state=allow");
        }
    }

    @Test
    void model_whoseUpstreamDoesNotSpeakTheDialect_isNotFound() throws IOException {
        try (RawClient client = RawClient.completions(container.base(), "{\"model\":\"new\",\"messages\":[]}")) {
            assertThat(client.status()).isEqualTo(404);
            JsonNode error = Json.read(client.body()).get("error");
            assertThat(error.get("code").asString()).isEqualTo("dialect_not_spoken");
            assertThat(error.get("message").asString()).endsWith("It answers /v1/responses.");
        }
    }

    // ---- Without streaming.

    @ParameterizedTest
    @CsvSource({"completed, whole", "incomplete, whole", "failed, unfinished"})
    void response_notStreamed_passesAsItIsAndIsCounted(String status, String outcome) throws IOException {
        UsageLines lines = UsageLines.after(container);
        String json = "{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"" + status + "\",\"error\":null,"
                + "\"output\":[],\"usage\":{\"input_tokens\":3,\"output_tokens\":5,\"total_tokens\":8}}";
        upstream.script(Scripts.answer(200, json));
        try (RawClient client = ask("{\"model\":\"m\",\"input\":\"hi\"}")) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.body()).isEqualTo(json);
        }
        JsonNode line = lines.first();
        assertThat(line.get("outcome").asString()).isEqualTo(outcome);
        assertThat(line.at("/tokens/output").asInt()).isEqualTo(5);
    }

    // ---- /chat.

    @Test
    void chat_atAnUpstreamOfThisDialect_isAskedAndToldInItsOwnWords() throws IOException {
        upstream.script(exchange -> exchange.stream()
                .chunk(CREATED
                        + event("response.reasoning_summary_text.delta", "\"delta\":\"hm\"")
                        + text("a", 2)
                        + event("response.refusal.delta", "\"delta\":\"!\"")
                        + COMPLETED)
                .end());
        try (RawClient client = RawClient.connect(container.base())
                .post("/chat", "{\"prompt\":\"hi\",\"model\":\"new\",\"reasoning\":true,\"system\":\"be kind\"}")) {
            Answer answer = client.rest();
            assertThat(answer.text()).isEqualTo("a!");
            assertThat(answer.events().get(0).event()).isEqualTo("reasoning");
            assertThat(answer.last().event()).isEqualTo("done");
            JsonNode done = Json.read(answer.last().data());
            assertThat(done.get("finish_reason").asString()).isEqualTo("stop");
            assertThat(done.at("/usage/prompt_tokens").asInt()).isEqualTo(3);
            assertThat(done.at("/usage/completion_tokens_details/reasoning_tokens")
                            .asInt())
                    .isEqualTo(4);
        }
        Exchange exchange = upstream.next();
        assertThat(exchange.head().startLine()).isEqualTo("POST /v1/responses HTTP/1.1");
        assertThat(exchange.body())
                .isEqualTo("{\"model\":\"their-name\",\"instructions\":\"be kind\",\"input\":\"hi\",\"stream\":true,"
                        + "\"store\":false,\"max_output_tokens\":1024,\"reasoning\":{\"summary\":\"auto\"}}");
    }

    @Test
    void chat_thatFallsOverToAnUpstreamOfAnotherDialect_isAskedAndReadInThat() throws IOException {
        upstream.script(exchange -> {
            if (exchange.head().startLine().contains("/responses")) {
                exchange.answer(500, "application/json", "{\"error\":{\"message\":\"broken\"}}");
            } else {
                exchange.stream().token("b").finish();
            }
        });
        try (RawClient client =
                RawClient.connect(container.base()).post("/chat", "{\"prompt\":\"hi\",\"model\":\"first-new\"}")) {
            Answer answer = client.rest();
            assertThat(answer.text()).isEqualTo("b");
            assertThat(answer.last().event()).isEqualTo("done");
        }
        assertThat(upstream.next().json().get("input").asString()).isEqualTo("hi");
        assertThat(upstream.next().json().at("/messages/0/content").asString()).isEqualTo("hi");
    }

    @ParameterizedTest
    @MethodSource("captures")
    void chat_ofACapture_isTheTextOfItsJson(Path file) throws IOException {
        byte[] body = Files.readAllBytes(file);
        StringBuilder expected = new StringBuilder();
        boolean called = false;
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("data:")) {
                JsonNode json = Json.read(line.substring(5));
                called |= json.at("/item/type").asString("").equals("function_call");
                if (!called && json.get("type").asString().equals("response.output_text.delta")) {
                    expected.append(json.get("delta").asString());
                }
            }
        }
        upstream.script(Scripts.recorded(body, 100));
        try (RawClient client =
                RawClient.connect(container.base()).post("/chat", "{\"prompt\":\"hi\",\"model\":\"new\"}")) {
            Answer answer = client.rest();
            assertThat(answer.text()).isEqualTo(expected.toString());
            assertThat(answer.lastWords()).containsExactly(called ? "error" : "done");
        }
    }

    // ---- The simulator.

    @Test
    void simulator_answersInThisDialect_andChatInIt() throws IOException {
        try (RawClient client =
                ask("{\"model\":\"sim-fast\",\"stream\":true,\"max_output_tokens\":3,\"input\":[{\"role\":\"user\","
                        + "\"content\":[{\"type\":\"input_text\",\"text\":\"hi\"}]}]}")) {
            Answer answer = client.rest();
            assertThat(answer.end()).isEqualTo(Answer.End.CLEAN);
            assertThat(answer.events().get(0).event()).isEqualTo("response.created");
            assertThat(answer.last().event()).isEqualTo("response.incomplete");
            assertThat(Json.read(answer.last().data())
                            .at("/response/output/0/content/0/text")
                            .asString())
                    .isEqualTo("This is Sluice’s");
        }
        try (RawClient client = RawClient.connect(container.base())
                .post("/chat", "{\"prompt\":\"hi\",\"model\":\"sim-fast\",\"max_tokens\":3}")) {
            Answer answer = client.rest();
            assertThat(answer.text()).isEqualTo("This is Sluice’s");
            assertThat(answer.last().data()).startsWith("{\"finish_reason\":\"length\"");
        }
    }

    @Test
    void simulator_hasTheSameFaults() throws IOException {
        try (RawClient client = ask("{\"model\":\"sim-429\",\"input\":\"hi\"}")) {
            assertThat(client.status()).isEqualTo(429);
            assertThat(client.head().first("Retry-After")).hasValue("7");
        }
        try (RawClient client = ask("{\"model\":\"sim-dies\",\"input\":\"hi\",\"stream\":true}")) {
            Answer answer = client.rest();
            assertThat(answer.end()).isEqualTo(Answer.End.BROKEN);
            assertThat(answer.last().event()).isEqualTo("error");
        }
    }

    private static RawClient ask(String json) throws IOException {
        return RawClient.connect(container.base()).post("/v1/responses", json);
    }

    private static String text(String delta, int number) {
        return event("response.output_text.delta", "\"delta\":\"" + delta + "\",\"sequence_number\":" + number);
    }

    private static String event(String type, String members) {
        return "event: " + type + "\ndata: {\"type\":\"" + type + "\"," + members + "}\n\n";
    }
}
