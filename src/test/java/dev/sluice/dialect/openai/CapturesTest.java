package dev.sluice.dialect.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Usage;
import dev.sluice.dialect.ProviderWords;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The reader reports the same of every recorded answer as a simple parser. */
class CapturesTest {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    static Stream<Path> captures() throws IOException, URISyntaxException {
        URL readme = Objects.requireNonNull(CapturesTest.class.getResource("/captures/README.md"));
        try (Stream<Path> files = Files.list(Path.of(readme.toURI()).resolveSibling("."))) {
            return files.filter(file -> file.toString().endsWith(".sse")).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("captures")
    void capture_readLineByLine_saysWhatPlainJsonSays(Path capture) throws IOException {
        Plain plain = new Plain();
        Heard heard = new Heard();
        ChunkReader reader = new ChunkReader(new ProviderWords(List.of()));

        for (String data : events(capture)) {
            byte[] bytes = data.getBytes(UTF_8);
            plain.read(data);
            reader.read(bytes, 0, bytes.length, heard);
        }

        assertThat(heard.failure).as("failure").isNull();
        assertThat(heard.content.toString()).as("text").isEqualTo(plain.content.toString());
        assertThat(heard.reasoning.toString()).as("reasoning").isEqualTo(plain.reasoning.toString());
        assertThat(heard.finished)
                .as("finish reasons")
                .isEqualTo(plain.finished)
                .isNotEmpty();
        assertThat(heard.toolCalled).as("tool call").isEqualTo(plain.toolCalled);
        assertThat(heard.done).as("[DONE]").isEqualTo(plain.done);
        assertUsage(heard.usage, plain.usage);
    }

    @Test
    void captures_takenTogether_areManyAndSaySomething() throws IOException, URISyntaxException {
        List<Path> captures = captures().toList();
        int said = 0;
        int thought = 0;
        int called = 0;
        for (Path capture : captures) {
            Plain plain = new Plain();
            for (String data : events(capture)) {
                plain.read(data);
            }
            said += plain.content.length();
            thought += plain.reasoning.length();
            called += plain.toolCalled ? 1 : 0;
        }

        assertThat(captures).hasSizeGreaterThanOrEqualTo(15);
        assertThat(said).as("characters said").isGreaterThan(500);
        assertThat(thought).as("characters thought").isGreaterThan(500);
        assertThat(called).as("answers with tool calls").isGreaterThan(2);
    }

    private static void assertUsage(@Nullable Usage heard, @Nullable JsonNode plain) {
        if (heard == null || plain == null) {
            assertThat(heard == null).as("no usage was heard").isEqualTo(plain == null);
            return;
        }
        assertThat(MAPPER.readTree(heard.json())).as("usage").isEqualTo(plain);
        assertThat(heard.promptTokens()).isEqualTo(plain.path("prompt_tokens").asLong());
        assertThat(heard.completionTokens())
                .isEqualTo(plain.path("completion_tokens").asLong());
        assertThat(heard.totalTokens()).isEqualTo(plain.path("total_tokens").asLong());
        assertThat(heard.reasoningTokens())
                .isEqualTo(plain.path("completion_tokens_details")
                        .path("reasoning_tokens")
                        .asLong(0));
    }

    static List<String> events(Path capture) throws IOException {
        return Files.readString(capture)
                .lines()
                .filter(line -> line.startsWith("data:"))
                .map(line -> line.substring(5).strip())
                .toList();
    }

    /** The reference: parses each event to a tree and reads the tree by its paths. */
    private static final class Plain {
        final StringBuilder content = new StringBuilder();
        final StringBuilder reasoning = new StringBuilder();
        final List<String> finished = new ArrayList<>();
        boolean toolCalled;
        boolean done;

        @Nullable
        JsonNode usage;

        void read(String data) {
            if (data.equals("[DONE]")) {
                done = true;
                return;
            }
            JsonNode chunk = MAPPER.readTree(data);
            for (JsonNode choice : chunk.path("choices")) {
                JsonNode delta = choice.path("delta");
                if (choice.path("index").asInt(0) == 0) {
                    content.append(text(delta, "content")).append(text(delta, "refusal"));
                    String thought = text(delta, "reasoning_content");
                    reasoning.append(thought.isEmpty() ? text(delta, "reasoning") : thought);
                }
                toolCalled |= !delta.path("tool_calls").isEmpty();
                if (choice.path("finish_reason").isString()) {
                    finished.add(choice.path("index").asInt(0) + " " + text(choice, "finish_reason"));
                }
            }
            JsonNode cost = chunk.path("usage").isObject()
                    ? chunk.path("usage")
                    : chunk.path("x_groq").path("usage");
            if (cost.isObject()) {
                usage = cost;
            }
        }

        private static String text(JsonNode object, String field) {
            return object.path(field).isString() ? object.path(field).stringValue() : "";
        }
    }
}
