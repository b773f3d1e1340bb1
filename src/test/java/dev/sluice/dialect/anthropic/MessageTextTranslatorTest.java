package dev.sluice.dialect.anthropic;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.relay.Outcome;
import dev.sluice.relay.RandomReading;
import dev.sluice.relay.RandomReading.Failed;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code /chat} makes of a message. */
class MessageTextTranslatorTest {
    static List<Path> captures() throws IOException, URISyntaxException {
        return Recordings.streams();
    }

    @ParameterizedTest
    @MethodSource("captures")
    void capture_inRandomPieces_givesTheTextOfItsJson(Path file) throws Exception {
        Recordings.Content expected = Recordings.Content.of(file);
        for (String lineEnd : List.of("\n", "\r\n")) {
            byte[] bytes = Recordings.text(file).replace("\n", lineEnd).getBytes(ISO_8859_1);
            for (int seed = 0; seed < 50; seed++) {
                RandomReading reading = read(bytes, true, seed);
                assertThat(text(reading.taken())).isEqualTo(expected.text());
                if (expected.toolCall()) {
                    assertThat(reading.taken() + reading.refused()).contains("tool");
                    assertThat(reading.summary().failure())
                            .isNotNull()
                            .satisfies(failure -> assertThat(failure.message()).contains("/v1/messages"));
                } else {
                    assertThat(reading.summary().outcome()).isEqualTo(Outcome.WHOLE);
                    assertThat(reading.taken())
                            .contains("\"prompt_tokens\":" + expected.input() + ",")
                            .contains("\"completion_tokens\":" + expected.output() + ",")
                            .contains("\"finish_reason\":\"" + MessageTextTranslator.finishReason(expected.stopReason())
                                    + "\"");
                }
            }
        }
    }

    @Test
    void thinking_isToldOnlyToWhoAskedForIt() {
        byte[] answer = (start("thinking", "")
                        + delta("thinking_delta", "thinking", "hm\\n")
                        + delta("signature_delta", "signature", "Zm9v")
                        + start("text", "")
                        + delta("text_delta", "text", "so")
                        + end("end_turn"))
                .getBytes(UTF_8);
        assertThat(read(answer, true, 1).taken())
                .startsWith("event: reasoning\ndata: hm\ndata: \n\ndata: so\n\nevent: done\n");
        assertThat(read(answer, false, 1).taken()).startsWith("data: so\n\nevent: done\n");
    }

    @ParameterizedTest
    @CsvSource({
        "end_turn, stop",
        "stop_sequence, stop",
        "pause_turn, stop",
        "max_tokens, length",
        "model_context_window_exceeded, length",
        "refusal, content_filter",
        "tool_use, tool_calls",
        "something_new, something_new"
    })
    void stopReason_isToldAsChatCompletionsTellIt(String theirs, String ours) {
        byte[] answer = (start("text", "") + delta("text_delta", "text", "a") + end(theirs)).getBytes(UTF_8);
        assertThat(read(answer, false, 1).taken()).contains("{\"finish_reason\":\"" + ours + "\",\"usage\":{");
    }

    @Test
    void block_thatBeginsWithText_isToldToo() {
        byte[] answer = (start("text", "al") + delta("text_delta", "text", "so") + end("end_turn")).getBytes(UTF_8);
        assertThat(text(read(answer, false, 1).taken())).isEqualTo("also");
    }

    @Test
    void refusal_thatIsExplained_isToldAsText() {
        byte[] answer =
                ("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"refusal\","
                                + "\"stop_details\":{\"type\":\"refusal\",\"explanation\":\"I will not.\"}},"
                                + "\"usage\":{\"output_tokens\":1}}\n\n" + stop())
                        .getBytes(UTF_8);
        RandomReading reading = read(answer, false, 1);
        assertThat(text(reading.taken())).isEqualTo("I will not.");
        assertThat(reading.taken()).contains("\"finish_reason\":\"content_filter\"");
    }

    @Test
    void toolCall_endsTheAnswerWithAnError() {
        byte[] answer = (start("text", "") + delta("text_delta", "text", "a") + start("tool_use", "") + end("tool_use"))
                .getBytes(UTF_8);
        assertThat(read(answer, false, 1).taken())
                .startsWith("data: a\n\nevent: error\ndata: {\"error\":{\"message\":\"The model called a tool")
                .contains("\"code\":\"tool_call\"");
    }

    /** Such blocks are the provider's own affair. */
    @Test
    void toolOfTheProviders_isNoToolCall() {
        byte[] answer = (start("server_tool_use", "")
                        + delta("input_json_delta", "partial_json", "{}")
                        + start("web_search_tool_result", "")
                        + start("text", "")
                        + delta("text_delta", "text", "found")
                        + end("end_turn"))
                .getBytes(UTF_8);
        RandomReading reading = read(answer, false, 1);
        assertThat(text(reading.taken())).isEqualTo("found");
        assertThat(reading.summary().outcome()).isEqualTo(Outcome.WHOLE);
    }

    @Test
    void error_asTheFirstEvent_isAStatus() {
        byte[] answer = ("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
                        + "\"message\":\"Overloaded\"}}\n\n")
                .getBytes(UTF_8);
        assertThat(read(answer, false, 1).refused()).isEqualTo(new Failed(529, "overloaded_error"));
    }

    @Test
    void answer_withoutItsEndMark_isBrokenOff() {
        byte[] answer = (start("text", "") + delta("text_delta", "text", "a")).getBytes(UTF_8);
        assertThat(read(answer, false, 1).taken()).endsWith("\"code\":\"incomplete\"}}\n\n");
    }

    private static RandomReading read(byte[] answer, boolean wantsReasoning, int seed) {
        AnswerContext context = new AnswerContext(new ProviderWords(List.of()), 1 << 20, () -> false);
        return RandomReading.of(answer, new Messages().textTranslator(wantsReasoning, context), new Random(seed));
    }

    /** The text of the events without a type. */
    private static String text(String taken) {
        StringBuilder text = new StringBuilder();
        for (String event : taken.split("\n\n", -1)) {
            if (event.startsWith("data:")) {
                text.append(event.lines()
                        .map(line -> line.substring(Math.min(line.length(), 6)))
                        .collect(Collectors.joining("\n")));
                text.append(event.endsWith("\n") ? "\n" : "");
            }
        }
        return text.toString();
    }

    private static String start(String type, String text) {
        return "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\""
                + type + "\",\"text\":\"" + text + "\"}}\n\n";
    }

    private static String delta(String type, String field, String text) {
        return "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\""
                + type + "\",\"" + field + "\":\"" + text + "\"}   }\n\n";
    }

    private static String end(String reason) {
        return "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" + reason
                + "\"},\"usage\":{\"output_tokens\":2}}\n\n" + stop();
    }

    private static String stop() {
        return "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    }
}
