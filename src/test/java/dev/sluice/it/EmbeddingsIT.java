package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** OpenAI's embeddings, and its older completions. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class EmbeddingsIT {
    private static final String CHUNK = "{\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"choices\":"
            + "[{\"text\":\"%s\",\"index\":0,\"logprobs\":null,\"finish_reason\":%s}]}";
    private static final String USAGE =
            "{\"id\":\"cmpl-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}";

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    EmbeddingsIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start();
        container = kind.start(Launch.plain()
                .with("sluice.upstreams.main.url", upstream.url().toString())
                .with("sluice.upstreams.main.defaults", "{\"temperature\":0.5}")
                .with("sluice.upstreams.sim.url", "simulator:")
                .with("sluice.models.ours", "main/theirs")
                .with("sluice.models.*", "sim/*"));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    /** An answer that is many times larger than all buffers on its way. */
    @Test
    void embeddings_large_passAsTheyAre_andAreCounted() throws IOException {
        UsageLines lines = UsageLines.after(container);
        String numbers = IntStream.range(0, 1536)
                .mapToObj(i -> Double.toString(Math.sin(i)))
                .collect(Collectors.joining(","));
        String vectors = IntStream.range(0, 100)
                .mapToObj(i -> "{\"object\":\"embedding\",\"index\":" + i + ",\"embedding\":[" + numbers + "]}")
                .collect(Collectors.joining(","));
        String json = "{\"object\":\"list\",\"data\":[" + vectors
                + "],\"model\":\"theirs\",\"usage\":{\"prompt_tokens\":8,\"total_tokens\":8}}";
        upstream.script(exchange -> exchange.answer(200, "application/json", json));
        try (RawClient client = RawClient.connect(container.base())
                .post("/v1/embeddings", "{\"model\":\"ours\",\"input\":[\"a\",\"b\"]}")) {
            Exchange exchange = upstream.next();
            assertThat(exchange.head().startLine()).isEqualTo("POST /v1/embeddings HTTP/1.1");
            assertThat(exchange.head().first("Accept")).hasValue("application/json");
            assertThat(exchange.body()).isEqualTo("{\"model\":\"theirs\",\"input\":[\"a\",\"b\"]}");
            assertThat(client.body()).isEqualTo(json);
        }
        JsonNode line = lines.first();
        assertThat(line.get("endpoint").asString()).isEqualTo("embeddings");
        assertThat(line.get("outcome").asString()).isEqualTo("whole");
        assertThat(line.at("/tokens/prompt").asInt()).isEqualTo(8);
        assertThat(line.at("/tokens/output").asInt()).isZero();
    }

    @Test
    void completion_streamed_passesAsItIsWithoutTheUsageThatNobodyAskedFor_andIsCounted() throws IOException {
        UsageLines lines = UsageLines.after(container);
        String text =
                "data: " + CHUNK.formatted("a", "null") + "\n\n" + "data: " + CHUNK.formatted("", "\"stop\"") + "\n\n";
        upstream.script(exchange -> exchange.stream()
                .chunk(text + "data: " + USAGE + "\n\n" + Completion.DONE)
                .end());
        try (RawClient client = RawClient.connect(container.base())
                .post("/v1/completions", "{\"model\":\"ours\",\"prompt\":\"p\",\"stream\":true}")
                .keepBytes()) {
            Exchange exchange = upstream.next();
            assertThat(exchange.head().startLine()).isEqualTo("POST /v1/completions HTTP/1.1");
            assertThat(exchange.body())
                    .isEqualTo("{\"stream_options\":{\"include_usage\":true},\"temperature\":0.5,\"model\":\"theirs\","
                            + "\"prompt\":\"p\",\"stream\":true}");
            assertThat(client.rest().end()).isEqualTo(Answer.End.CLEAN);
            assertThat(client.bytes()).isEqualTo(text + Completion.DONE);
        }
        JsonNode line = lines.first();
        assertThat(line.get("endpoint").asString()).isEqualTo("completions");
        assertThat(line.get("outcome").asString()).isEqualTo("whole");
        assertThat(line.at("/tokens/output").asInt()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"/v1/embeddings, input", "/v1/completions, prompt"})
    void refusalOfTheUpstream_keepsItsStatus(String path, String field) throws IOException {
        upstream.script(exchange -> exchange.answer(
                400, "application/json", "{\"error\":{\"message\":\"no such thing\",\"param\":\"" + field + "\"}}"));
        try (RawClient client =
                RawClient.connect(container.base()).post(path, "{\"model\":\"ours\",\"" + field + "\":\"p\"}")) {
            assertThat(client.status()).isEqualTo(400);
            JsonNode error = Json.read(client.body()).get("error");
            assertThat(error.get("message").asString()).contains("no such thing");
            assertThat(error.get("param").asString()).isEqualTo(field);
        }
    }

    /** The same text has the same vector; the simulator's models fail here as they do elsewhere. */
    @Test
    void simulator_answersBoth() throws IOException {
        assertThat(simulated("/v1/embeddings", "{\"model\":\"sim/fast\",\"input\":\"a\"}"))
                .isEqualTo(simulated("/v1/embeddings", "{\"model\":\"sim/fast\",\"input\":\"a\"}"))
                .isNotEqualTo(simulated("/v1/embeddings", "{\"model\":\"sim/fast\",\"input\":\"b\"}"))
                .contains("\"embedding\":[");
        assertThat(simulated("/v1/completions", "{\"model\":\"sim/fast\",\"prompt\":\"a\",\"max_tokens\":2}"))
                .contains("\"text\":\"This is\"", "\"finish_reason\":\"length\"");
        assertThat(simulated("/v1/embeddings", "{\"model\":\"sim/error-500\",\"input\":\"a\"}"))
                .contains("The server had an error");
    }

    private static String simulated(String path, String body) throws IOException {
        try (RawClient client = RawClient.connect(container.base()).post(path, body)) {
            return client.body();
        }
    }
}
