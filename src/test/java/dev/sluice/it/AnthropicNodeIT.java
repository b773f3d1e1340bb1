package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
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
import tools.jackson.databind.JsonNode;

/** The official npm package {@code @anthropic-ai/sdk} against {@code /v1/messages}: it needs another base URL only. */
@Needs(program = "node", from = 18, with = "npm")
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class AnthropicNodeIT {
    @SuppressWarnings("NullAway.Init")
    private static NpmClient client;

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    AnthropicNodeIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        client = NpmClient.ofAnthropic();
        upstream = ScriptedUpstream.start();
        container = kind.start(Launch.at(upstream.url()).with("sluice.retry.attempts", "1"));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    @Test
    void stream_isCollectedWhole() throws IOException {
        upstream.script(exchange -> exchange.stream()
                .chunk(MessageEvents.START + ": keep-alive\n" + MessageEvents.text("a") + MessageEvents.PING
                        + MessageEvents.text("b") + MessageEvents.END)
                .end());
        JsonNode saw = client.run(container.base(), "stream");
        assertThat(saw.path("error").isMissingNode()).as("no error in %s", saw).isTrue();
        assertThat(saw.get("tokens").toString()).isEqualTo("[\"a\",\"b\"]");
        assertThat(saw.get("stop").asString()).isEqualTo("end_turn");
        assertThat(saw.at("/usage/output_tokens").asInt()).isEqualTo(12);
    }

    @Test
    void toolCalls_recorded_arePutTogether() throws IOException {
        byte[] body;
        try (InputStream in = Objects.requireNonNull(
                AnthropicNodeIT.class.getResourceAsStream("/captures/messages/claude-sonnet-4-tool-calls.sse"))) {
            body = in.readAllBytes();
        }
        for (int cut : new int[] {Integer.MAX_VALUE, 7}) {
            upstream.script(Scripts.recorded(body, cut));
            JsonNode saw = client.run(container.base(), "stream");
            assertThat(saw.path("tools").toString())
                    .isEqualTo("[\"add:{\\\"a\\\":2,\\\"b\\\":3}\",\"multiply:{\\\"a\\\":2,\\\"b\\\":3}\"]");
        }
    }

    @Test
    void client_leavesHalfWay_closesTheUpstreamsConnection() throws IOException {
        upstream.script(exchange -> {
            exchange.stream().chunk(MessageEvents.START);
            for (int number = 0; !exchange.closed().isDone(); number++) {
                exchange.chunk(MessageEvents.text(Scripts.numbered(number)));
            }
        });
        try (Program script = client.start(container.base(), "leave")) {
            upstream.next().awaitClosed(RawClient.PATIENCE);
            assertThat(script.isAlive())
                    .as("it is the leaving that closed it, not the end of the process")
                    .isTrue();
            assertThat(NpmClient.finish(script).toString())
                    .isEqualTo("{\"tokens\":[\"token 0 \",\"token 1 \",\"token 2 \"]}");
        }
        container.awaitIdle();
    }

    @Test
    void betas_passToTheUpstream() throws IOException {
        upstream.script(Scripts.answer(200, "{\"id\":\"msg_1\",\"type\":\"message\",\"content\":[]}"));
        assertThat(client.run(container.base(), "beta").path("id").asString()).isEqualTo("msg_1");
        assertThat(upstream.next().head().all("anthropic-beta")).containsExactly("a-2025-01-01");
    }

    @Test
    void tokens_areCounted_andModelsAreListedPageByPage() throws IOException {
        upstream.script(Scripts.answer(200, "{\"input_tokens\":24}"));
        assertThat(client.run(container.base(), "count").toString()).isEqualTo("{\"input_tokens\":24}");
        upstream.script(Scripts.answer(200, "{\"object\":\"list\",\"data\":[{\"id\":\"m-1\"},{\"id\":\"m-2\"}]}"));
        assertThat(client.run(container.base(), "models").toString()).isEqualTo("[\"m-1\",\"m-2\"]");
    }

    @ParameterizedTest
    @CsvSource({
        "400, 400, BadRequestError",
        "404, 404, NotFoundError",
        "429, 429, RateLimitError",
        "529, 529, OverloadedError",
        "500, 502, InternalServerError"
    })
    void status_ofTheUpstream_isTheClientsOwnException(int theirs, int ours, String name) throws IOException {
        upstream.script(Scripts.answer(
                theirs, "{\"type\":\"error\",\"error\":{\"type\":\"t\",\"message\":\"no such thing\"}}"));
        for (String how : List.of("stream", "whole")) {
            JsonNode error = client.run(container.base(), how).path("error");
            assertThat(error.path("class").asString("no error")).as(how).isEqualTo(name);
            assertThat(error.get("status").asInt()).isEqualTo(ours);
            assertThat(error.get("message").asString()).contains("no such thing");
        }
    }

    @Test
    void error_inTheMiddleOfAStream_isRaised() throws IOException {
        upstream.script(exchange -> exchange.stream()
                .chunk(MessageEvents.START
                        + MessageEvents.text("a")
                        + MessageEvents.error("overloaded_error", "Overloaded"))
                .end());
        JsonNode saw = client.run(container.base(), "stream");
        assertThat(saw.get("tokens").toString()).as("before it").isEqualTo("[\"a\"]");
        assertThat(saw.at("/error/isApiError").asBoolean())
                .as("raised in %s", saw)
                .isTrue();
        assertThat(saw.at("/error/message").asString()).contains("Overloaded");
    }

    @Test
    void connection_diesInTheMiddleOfAStream_isRaised() throws IOException {
        upstream.script(exchange -> exchange.stream()
                .chunk(MessageEvents.START + MessageEvents.text("a"))
                .abort());
        JsonNode saw = client.run(container.base(), "stream");
        assertThat(saw.at("/error/isApiError").asBoolean())
                .as("raised in %s", saw)
                .isTrue();
    }
}
