package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
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

/** The official npm package {@code openai} against {@code /v1}: it needs another base URL only. */
@Needs(program = "node", from = 18, with = "npm")
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class OpenAiNodeIT {
    private static final String WHOLE = "{\"id\":\"c1\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,"
            + "\"message\":{\"role\":\"assistant\",\"content\":\"hello\"},\"finish_reason\":\"stop\"}],"
            + "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5,\"total_tokens\":8}}";
    private static final String MODELS = "{\"object\":\"list\",\"data\":["
            + "{\"id\":\"test\",\"object\":\"model\",\"created\":1,\"owned_by\":\"us\"},"
            + "{\"id\":\"family/test\",\"object\":\"model\",\"created\":2,\"owned_by\":\"them\"}]}";

    @SuppressWarnings("NullAway.Init")
    private static NpmClient client;

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    OpenAiNodeIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        client = NpmClient.install();
        upstream = ScriptedUpstream.start();
        container = kind.start(
                Launch.at(upstream.url()).with("sluice.retry.attempts", "1").with("sluice.heartbeat", "200ms"));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    // ---- Streams.

    @Test
    void stream_isCollectedWhole() throws IOException {
        upstream.script(Scripts.flood(500));
        JsonNode saw = client.run(container.base(), "stream");
        assertThat(saw.path("error").isMissingNode()).as("no error in %s", saw).isTrue();
        assertThat(saw.get("tokens").valueStream().map(JsonNode::asString))
                .hasSize(500)
                .startsWith("token 0 ", "token 1 ")
                .endsWith("token 499 ");
        assertThat(saw.get("finish").asString()).isEqualTo("stop");
    }

    @Test
    void heartbeats_betweenTokens_areNoChunks() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        try (Program script = client.start(container.base(), "stream");
                RawClient witness = RawClient.completions(
                        container.base(),
                        "{\"model\":\"test\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")) {
            List<Exchange> both = List.of(upstream.next(), upstream.next());
            for (Exchange exchange : both) {
                exchange.stream().token("a");
            }
            // Both streams are silent from now on, and get heartbeats at the same interval.
            witness.awaitComments(3);
            for (Exchange exchange : both) {
                exchange.token("b");
                exchange.finish();
            }
            witness.rest();
            JsonNode saw = NpmClient.finish(script);
            assertThat(saw.toString())
                    .isEqualTo("{\"tokens\":[\"a\",\"b\"],\"finish\":\"stop\",\"usage\":[],\"withoutChoices\":0}");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"leave-by-break", "leave-by-abort"})
    void client_leavesHalfWay_closesTheUpstreamsConnection(String how) throws IOException {
        upstream.script(exchange -> {
            exchange.stream();
            for (int number = 0; !exchange.closed().isDone(); number++) {
                exchange.token(Scripts.numbered(number));
            }
        });
        try (Program script = client.start(container.base(), how)) {
            upstream.next().awaitClosed(RawClient.PATIENCE);
            assertThat(script.isAlive())
                    .as("it is the leaving that closed it, not the end of the process")
                    .isTrue();
            JsonNode saw = NpmClient.finish(script);
            assertThat(saw.toString()).isEqualTo("{\"tokens\":[\"token 0 \",\"token 1 \",\"token 2 \"]}");
        }
        container.awaitIdle();
    }

    // ---- Responses.

    @ParameterizedTest
    @ValueSource(strings = {"openai-gpt-4o-text.sse", "azure-gpt-5-mini-text.sse", "openai-gpt-5-tool-calls.sse"})
    void response_recorded_isPutTogether(String name) throws IOException {
        byte[] body = capture("responses/" + name);
        JsonNode end = Json.read(new String(body, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("data: {\"type\":\"response.completed\""))
                .findFirst()
                .orElseThrow()
                .substring(6));
        for (int cut : new int[] {body.length, 7}) {
            upstream.script(Scripts.recorded(body, cut));
            JsonNode saw = client.run(container.base(), "response-final");
            assertThat(saw.path("usage")).as(saw.toString()).isEqualTo(end.at("/response/usage"));
            assertThat(saw.get("calls").valueStream().map(call -> call.get("call_id")))
                    .isEqualTo(end.at("/response/output")
                            .valueStream()
                            .filter(item -> item.get("type").asString().equals("function_call"))
                            .map(item -> item.get("call_id"))
                            .toList());
            assertThat(upstream.next().json().get("store").asBoolean()).isFalse();
        }
    }

    @Test
    void response_leftHalfWay_closesTheUpstreamsConnection() throws IOException {
        upstream.script(exchange -> {
            exchange.stream();
            while (!exchange.closed().isDone()) {
                exchange.event("{\"type\":\"response.output_text.delta\",\"delta\":\"a\"}");
            }
        });
        try (Program script = client.start(container.base(), "response-leave")) {
            upstream.next().awaitClosed(RawClient.PATIENCE);
            assertThat(NpmClient.finish(script).get("text")).hasSize(3);
        }
        container.awaitIdle();
    }

    @Test
    void response_thatBreaksOff_isAnErrorOfTheClients() throws IOException {
        upstream.script(exchange -> exchange.stream()
                .event("{\"type\":\"response.output_text.delta\",\"delta\":\"a\"}")
                .end());
        JsonNode saw = client.run(container.base(), "response");
        assertThat(saw.get("text").valueStream().map(JsonNode::asString)).containsExactly("a");
        assertThat(saw.at("/error/isApiError").asBoolean()).as(saw.toString()).isTrue();
        assertThat(saw.at("/error/code").asString()).isEqualTo("incomplete");
    }

    @Test
    void response_notStreamed_andItsRefusal_areTold() throws IOException {
        upstream.script(Scripts.answer(200, "{\"id\":\"resp_1\",\"object\":\"response\",\"output\":[]}"));
        assertThat(client.run(container.base(), "response-whole").path("id").asString(""))
                .isEqualTo("resp_1");
        upstream.script(Scripts.answer(429, "{\"error\":{\"message\":\"slowly\",\"code\":\"c_1\"}}"));
        JsonNode error = client.run(container.base(), "response-whole").path("error");
        assertThat(error.path("class").asString("no error")).isEqualTo("RateLimitError");
        assertThat(error.get("code").asString()).isEqualTo("c_1");
    }

    // ---- Tool calls.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "openrouter-anthropic-tool-call.sse | weather:{\"location\": \"Florence, Italy\"}",
                "xai-grok-4-fast-tool-call.sse      | weather:{\"location\":\"Florence, Italy\"}",
                "zai-glm-tool-calls.sse             | add:{\"a\":2,\"b\":3} multiply:{\"a\":2,\"b\":3}",
            })
    void toolCall_inPieces_isPutTogether(String capture, String calls) throws IOException {
        byte[] body = capture(capture);
        for (int cut : new int[] {body.length, 7}) {
            upstream.script(Scripts.recorded(body, cut));
            JsonNode saw = client.run(container.base(), "tools");
            assertThat(saw.path("finish").asString(saw.toString())).isEqualTo("tool_calls");
            assertThat(calls(saw)).as("cut every %d bytes", cut).isEqualTo(calls);
        }
    }

    private static String calls(JsonNode saw) {
        return String.join(
                " ",
                saw.get("tools")
                        .valueStream()
                        .map(call -> call.at("/function/name").asString() + ":"
                                + call.at("/function/arguments").asString())
                        .toList());
    }

    private static byte[] capture(String name) throws IOException {
        try {
            return Files.readAllBytes(
                    Path.of(Objects.requireNonNull(OpenAiNodeIT.class.getResource("/captures/" + name), name)
                            .toURI()));
        } catch (URISyntaxException failure) {
            throw new AssertionError(failure);
        }
    }

    // ---- Usage.

    @ParameterizedTest
    @CsvSource({"stream-with-usage, 1", "stream, 0"})
    void usage_isThereWhenAskedForAndOnlyThen(String how, int times) throws IOException {
        upstream.script(exchange -> {
            exchange.stream().token("a");
            exchange.chunk(Completion.finish("stop") + Completion.usage(3, 5) + Completion.DONE);
            exchange.end();
        });
        JsonNode saw = client.run(container.base(), how);
        assertThat(saw.path("error").isMissingNode()).as("no error in %s", saw).isTrue();
        assertThat(saw.get("usage").valueStream().map(JsonNode::toString))
                .hasSize(times)
                .allMatch("{\"prompt_tokens\":3,\"completion_tokens\":5,\"total_tokens\":8}"::equals);
        assertThat(saw.get("withoutChoices").asInt())
                .as("chunks without choices")
                .isEqualTo(times);
        assertThat(saw.get("tokens").toString()).isEqualTo("[\"a\"]");
        assertThat(saw.get("finish").asString()).isEqualTo("stop");
    }

    // ---- One answer.

    @Test
    void answer_notStreamed_isTheUpstreams() throws IOException {
        upstream.script(Scripts.answer(200, WHOLE));
        JsonNode saw = client.run(container.base(), "whole");
        assertThat(saw).isEqualTo(Json.read(WHOLE));
    }

    // ---- Errors.

    @ParameterizedTest
    @CsvSource({
        "400, 400, BadRequestError",
        "404, 404, NotFoundError",
        "422, 422, UnprocessableEntityError",
        "429, 429, RateLimitError",
        "401, 502, InternalServerError",
        "500, 502, InternalServerError"
    })
    void status_ofTheUpstream_isTheClientsOwnException(int theirs, int ours, String name) throws IOException {
        upstream.script(Scripts.answer(
                theirs,
                "{\"error\":{\"message\":\"no such thing\",\"type\":\"t\",\"param\":\"messages\",\"code\":\"c_1\"}}"));
        for (String how : List.of("stream", "whole")) {
            JsonNode error = client.run(container.base(), how).path("error");
            assertThat(error.path("class").asString("no error")).as(how).isEqualTo(name);
            assertThat(error.get("exported").asBoolean()).isTrue();
            assertThat(error.get("status").asInt()).isEqualTo(ours);
            assertThat(error.get("message").asString()).startsWith(ours + " ");
            if (theirs == ours) {
                assertThat(error.get("message").asString()).contains("no such thing");
                assertThat(error.get("code").asString()).isEqualTo("c_1");
            }
        }
    }

    @Test
    void error_inTheMiddleOfAStream_isRaised() throws IOException {
        upstream.script(exchange -> {
            exchange.stream().token("a").token("b").event("{\"error\":{\"message\":\"overloaded\"}}");
            exchange.end();
        });
        JsonNode saw = client.run(container.base(), "stream");
        assertThat(saw.get("tokens").toString()).as("before it").isEqualTo("[\"a\",\"b\"]");
        assertThat(saw.at("/error/isApiError").asBoolean())
                .as("raised in %s", saw)
                .isTrue();
        assertThat(saw.at("/error/message").asString()).contains("overloaded");
    }

    @Test
    void connection_diesInTheMiddleOfAStream_isRaised() throws IOException {
        upstream.script(exchange -> {
            exchange.stream().token("a").token("b");
            exchange.chunk("data: {\"choi").abort();
        });
        JsonNode saw = client.run(container.base(), "stream");
        assertThat(saw.get("finish").isNull()).as("no finish in %s", saw).isTrue();
        assertThat(saw.at("/error/isApiError").asBoolean())
                .as("raised in %s", saw)
                .isTrue();
        assertThat(saw.at("/error/class").asString()).isEqualTo("APIError");
        assertThat(saw.at("/error/type").asString()).isNotEmpty();
    }

    // ---- Models.

    @Test
    void models_areListed() throws IOException {
        upstream.script(Scripts.answer(200, MODELS));
        assertThat(client.run(container.base(), "models").toString()).isEqualTo("[\"test\",\"family/test\"]");
    }

    @Test
    void model_isRetrieved() throws IOException {
        upstream.script(Scripts.answer(200, MODELS));
        JsonNode saw = client.run(container.base(), "model", "test");
        assertThat(saw.path("id").asString(saw.toString())).isEqualTo("test");
        assertThat(saw.get("object").asString()).isEqualTo("model");
    }

    @Test
    void model_thatIsUnknown_isNotFound() throws IOException {
        upstream.script(Scripts.answer(200, MODELS));
        JsonNode error = client.run(container.base(), "model", "nobody").path("error");
        assertThat(error.path("class").asString("no error")).isEqualTo("NotFoundError");
        assertThat(error.get("code").asString()).isEqualTo("model_not_found");
    }
}
