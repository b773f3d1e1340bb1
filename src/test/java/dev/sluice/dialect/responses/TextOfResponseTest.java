package dev.sluice.dialect.responses;

import static dev.sluice.dialect.responses.Answers.COMPLETED;
import static dev.sluice.dialect.responses.Answers.CREATED;
import static dev.sluice.dialect.responses.Answers.event;
import static dev.sluice.dialect.responses.Answers.play;
import static dev.sluice.dialect.responses.Answers.text;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.responses.Answers.Played;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextOfResponseTest {
    private static final String DONE = "event: done\ndata: {\"finish_reason\":\"stop\",\"usage\":{\"prompt_tokens\":3,"
            + "\"completion_tokens\":5,\"total_tokens\":8,\"prompt_tokens_details\":{\"cached_tokens\":2},"
            + "\"completion_tokens_details\":{\"reasoning_tokens\":4}}}\n\n";

    @Test
    void text_andUsage_areThoseOfChatCompletions() {
        Played played = chat(CREATED + text("\"a\"", 1) + text("\" b\\n\"", 2) + COMPLETED);

        assertThat(played.failure()).isNull();
        assertThat(played.written()).isEqualTo("data: a\n\ndata:  b\ndata: \n\n" + DONE);
    }

    @Test
    void text_thatIsCutWithinACharacter_isJoined() {
        Played played = chat(text("\"a\\ud83d\"", 1) + text("\"\\ude00\\r\"", 2) + text("\"\\nb\"", 3) + COMPLETED);

        assertThat(played.written()).isEqualTo("data: a\n\ndata: 🙂\ndata: \n\ndata: b\n\n".replace("🙂", "😀") + DONE);
    }

    @Test
    void refusal_isText() {
        assertThat(chat(event("{\"type\":\"response.refusal.delta\",\"delta\":\"no\"}") + COMPLETED)
                        .written())
                .startsWith("data: no\n\n");
    }

    @Test
    void reasoning_ofBothKinds_isToldIfItIsWanted() {
        String answer = event("{\"type\":\"response.reasoning_summary_part.added\",\"summary_index\":0}")
                + event("{\"type\":\"response.reasoning_summary_text.delta\",\"delta\":\"hm\",\"summary_index\":0}")
                + event("{\"type\":\"response.reasoning_summary_part.added\",\"summary_index\":1}")
                + event("{\"type\":\"response.reasoning_text.delta\",\"delta\":\"ah\"}")
                + COMPLETED;

        assertThat(play(new TextOfResponse(Answers.context(), true), answer).written())
                .isEqualTo("event: reasoning\ndata: hm\n\nevent: reasoning\ndata: \ndata: \ndata: \n\n"
                        + "event: reasoning\ndata: ah\n\n" + DONE);
        assertThat(chat(answer).written()).isEqualTo(DONE);
    }

    @ParameterizedTest
    @CsvSource({
        "'{\"type\":\"response.completed\",\"response\":{}}', stop",
        "'{\"type\":\"response.incomplete\",\"response\":{}}', length",
        "'{\"type\":\"response.incomplete\",\"response\":{\"incomplete_details\":{\"reason\":\"max_output_tokens\"}}}',"
                + " length",
        "'{\"type\":\"response.incomplete\",\"response\":{\"incomplete_details\":{\"reason\":\"content_filter\"}}}',"
                + " content_filter",
        "'{\"type\":\"response.completed\",\"response\":{\"status\":\"incomplete\"}}', length",
    })
    void finishReason_isInTheWordsOfChatCompletions(String data, String reason) {
        assertThat(chat(event(data)).written())
                .isEqualTo("event: done\ndata: {\"finish_reason\":\"" + reason + "\",\"usage\":null}\n\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"response.output_item.added\",\"item\":{\"type\":\"function_call\",\"name\":\"f\"}}",
                "{\"type\":\"response.output_item.added\",\"item\":{\"type\":\"custom_tool_call\"}}",
                "{\"type\":\"response.function_call_arguments.delta\",\"delta\":\"{\"}",
            })
    void toolCall_isAnErrorThatPointsToTheOtherEndpoint(String data) {
        Played played = chat(CREATED + text("\"a\"", 1) + event(data) + COMPLETED);

        assertThat(requireNonNull(played.failure()).code()).isEqualTo("tool_call");
        assertThat(played.written()).startsWith("data: a\n\nevent: error\n").contains("/v1/responses");
    }

    @Test
    void toolOfTheProviders_isNoCall() {
        assertThat(chat(event("{\"type\":\"response.output_item.added\",\"item\":{\"type\":\"web_search_call\"}}")
                                + COMPLETED)
                        .failure())
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "'', incomplete",
        "'event: error\ndata: {\"type\":\"error\",\"message\":\"m\"}\n\n', upstream_error",
        "'data: {\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"c_1\"}}}\n\n', c_1",
        "'data: no JSON\n\n', bad_event",
        "'data: [DONE]\n\n', unfinished",
        "'data: [DONE]', unfinished",
    })
    void answer_thatFails_isAnError(String last, String code) {
        Played played = chat(CREATED + text("\"a\"", 1) + last);

        assertThat(requireNonNull(played.failure()).code()).isEqualTo(code);
        assertThat(played.written()).startsWith("data: a\n\nevent: error\ndata: {\"error\":{");
    }

    @ParameterizedTest
    @ValueSource(strings = {"data: [DONE]\n\n", "data: [DONE]"})
    void lastWordAlone_isAnEnd_ifTheOperatorSaysSo(String last) {
        AnswerContext lenient = new AnswerContext(new ProviderWords(List.of()), 1 << 20, () -> true);
        assertThat(play(new TextOfResponse(lenient, false), text("\"a\"", 1) + last)
                        .failure())
                .isNull();
    }

    @Test
    void usage_ofAResponseThatFailed_isKept() {
        Played played = chat(event("{\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"c_1\"},"
                + "\"usage\":{\"input_tokens\":3,\"output_tokens\":5,\"total_tokens\":8}}}"));

        assertThat(requireNonNull(played.failure()).code()).isEqualTo("c_1");
        assertThat(requireNonNull(played.translator().usage()).totalTokens()).isEqualTo(8);
    }

    private static Played chat(String answer) {
        return play(new TextOfResponse(Answers.context(), false), answer);
    }
}
