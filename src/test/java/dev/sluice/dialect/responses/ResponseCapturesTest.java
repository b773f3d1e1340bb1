package dev.sluice.dialect.responses;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Usage;
import dev.sluice.dialect.responses.Answers.Played;
import dev.sluice.relay.Translator.Meaning;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Recorded responses of real providers: their bytes pass, and {@code /chat} gets what a JSON library finds in them. */
class ResponseCapturesTest {
    static List<Path> captures() throws IOException, URISyntaxException {
        URL directory = requireNonNull(ResponseCapturesTest.class.getResource("/captures/responses"));
        try (Stream<Path> files = Files.list(Path.of(directory.toURI()))) {
            return files.filter(file -> file.toString().endsWith(".sse"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void captures_areThere() throws IOException, URISyntaxException {
        assertThat(captures()).hasSizeGreaterThanOrEqualTo(6);
    }

    @ParameterizedTest
    @MethodSource("captures")
    void capture_inPiecesOfAnySize_passesByteForByte(Path file) throws IOException {
        for (String lineEnd : List.of("\n", "\r\n")) {
            byte[] answer = answer(file, lineEnd);
            Expected expected = Expected.of(file);
            for (int cut = 1; cut <= answer.length; cut += cut < 300 ? 1 : cut) {
                PassedResponse translator = new PassedResponse(Answers.context());
                Played played = Answers.play(translator, answer, cut, null);

                assertThat(played.failure()).as("cut every %d bytes", cut).isNull();
                assertThat(played.written()).as("cut every %d bytes", cut).isEqualTo(new String(answer, UTF_8));
                assertThat(played.meanings().stream().filter(Meaning.TOKEN::equals))
                        .as("tokens")
                        .hasSize(expected.deltas());
                assertUsage(requireNonNull(translator.usage()), expected.usage());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("captures")
    void capture_writtenForChat_saysWhatPlainJsonSays(Path file) throws IOException {
        Expected expected = Expected.of(file);
        for (String lineEnd : List.of("\n", "\r\n")) {
            byte[] answer = answer(file, lineEnd);
            for (int cut : new int[] {1, 7, 100, answer.length}) {
                TextOfResponse translator = new TextOfResponse(Answers.context(), true);
                Played played = Answers.play(translator, answer, cut, null);
                assertThat(text(played.written(), "data: ")).isEqualTo(expected.text());
                assertThat(text(played.written(), "event: reasoning\ndata: ")).isEqualTo(expected.reasoning());
                if (expected.called()) {
                    assertThat(requireNonNull(played.failure()).code()).isEqualTo("tool_call");
                } else {
                    assertThat(played.written()).contains("event: done\ndata: {\"finish_reason\":\"stop\"");
                    assertUsage(requireNonNull(translator.usage()), expected.usage());
                }
            }
        }
    }

    private static byte[] answer(Path file, String lineEnd) throws IOException {
        return Files.readString(file).replace("\n", lineEnd).getBytes(UTF_8);
    }

    private static void assertUsage(Usage usage, JsonNode json) {
        assertThat(usage.promptTokens()).isEqualTo(json.path("input_tokens").asLong());
        assertThat(usage.completionTokens())
                .isEqualTo(json.path("output_tokens").asLong());
        assertThat(usage.totalTokens()).isEqualTo(json.path("total_tokens").asLong());
        assertThat(usage.reasoningTokens())
                .isEqualTo(json.path("output_tokens_details")
                        .path("reasoning_tokens")
                        .asLong(0));
    }

    /** The text of all events that begin so, joined. */
    private static String text(String written, String beginning) {
        StringBuilder text = new StringBuilder();
        for (String event : written.split("\n\n", -1)) {
            if (event.startsWith(beginning)) {
                text.append(event.substring(beginning.length()).replace("\ndata: ", "\n"));
            }
        }
        return text.toString();
    }

    /** The content of a capture by a JSON library; the text is that before the first tool call. */
    private record Expected(String text, String reasoning, boolean called, int deltas, JsonNode usage) {
        static Expected of(Path file) throws IOException {
            StringBuilder text = new StringBuilder();
            StringBuilder reasoning = new StringBuilder();
            boolean called = false;
            int deltas = 0;
            JsonNode usage = JsonMapper.shared().nullNode();
            List<String> events = new ArrayList<>(Files.readAllLines(file));
            events.removeIf(line -> !line.startsWith("data:"));
            for (String event : events) {
                JsonNode json = JsonMapper.shared().readTree(event.substring(5));
                String type = json.get("type").asString();
                called |= json.at("/item/type").asString("").equals("function_call");
                deltas += type.endsWith(".delta") ? 1 : 0;
                String delta = json.path("delta").asString("");
                if (type.equals("response.output_text.delta") && !called) {
                    text.append(delta);
                } else if (type.startsWith("response.reasoning") && type.endsWith(".delta") && !called) {
                    reasoning.append(delta);
                }
                usage = json.at("/response/usage").isObject() ? json.at("/response/usage") : usage;
            }
            return new Expected(text.toString(), reasoning.toString(), called, deltas, usage);
        }
    }
}
