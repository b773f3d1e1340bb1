package dev.sluice.dialect.responses;

import static dev.sluice.dialect.responses.Answers.COMPLETED;
import static dev.sluice.dialect.responses.Answers.CREATED;
import static dev.sluice.dialect.responses.Answers.event;
import static dev.sluice.dialect.responses.Answers.play;
import static dev.sluice.dialect.responses.Answers.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.dialect.responses.Answers.Played;
import dev.sluice.relay.Translator.Meaning;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PassedResponseTest {
    private final PassedResponse translator = new PassedResponse(Answers.context());

    // ---- Tokens.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "response.output_text.delta",
                "response.refusal.delta",
                "response.reasoning_text.delta",
                "response.reasoning_summary_text.delta",
                "response.function_call_arguments.delta",
                "response.custom_tool_call_input.delta",
                "response.code_interpreter_call_code.delta",
                "response.audio.delta",
                "response.something_new.delta",
            })
    void delta_ofAnyKind_isAToken(String type) {
        assertThat(meaning("{\"type\":\"" + type + "\",\"delta\":\"a\"}")).isEqualTo(Meaning.TOKEN);
        assertThat(meaning("{\"delta\":{\"a\":1},\"x\":[],\"type\":\"" + type + "\"}"))
                .isEqualTo(Meaning.TOKEN);
        assertThat(meaning("{\"type\":\"" + type + "\",\"delta\":\"\"}"))
                .as("empty")
                .isEqualTo(Meaning.LIFE);
    }

    @Test
    void otherEvents_areNoTokens() {
        assertThat(meaning("{\"type\":\"response.output_item.added\",\"item\":{\"type\":\"message\"}}"))
                .isEqualTo(Meaning.LIFE);
        assertThat(meaning("{\"type\":\"response.output_text.done\",\"text\":\"abc\"}"))
                .isEqualTo(Meaning.LIFE);
        assertThat(meaning("{\"type\":\"keepalive\",\"sequence_number\":3}")).isEqualTo(Meaning.COMMENT);
        assertThat(meaning("{\"type\":\"of_a_vendor\"}")).isEqualTo(Meaning.LIFE);
    }

    @Test
    void type_inTheData_countsAndNotTheEventsName() {
        Played played = play(
                translator,
                "event: response.completed\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"a\"}\n\n");

        assertThat(played.meanings()).containsExactly(Meaning.TOKEN);
        assertThat(requireNonNull(played.failure()).code()).isEqualTo("incomplete");
    }

    @Test
    void type_thatTheDataLack_isTheEventsName() {
        assertThat(play(translator, "event: response.completed\ndata: {\"response\":{}}\n\n")
                        .failure())
                .isNull();
    }

    // ---- Ends.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"error\":null}}",
                "{\"type\":\"response.completed\"}",
                "{\"response\":{\"status\":\"incomplete\"},\"type\":\"response.incomplete\"}",
                "{\"type\":\"response.done\",\"response\":{}}",
                "[DONE]"
            })
    void end_thatTheProviderSays_isWhole(String data) {
        for (String name : List.of("", "event: response.completed\n")) {
            String answer = CREATED + name + "data: " + data + "\n\n";
            Played played = play(new PassedResponse(Answers.context()), answer);
            assertThat(played.failure()).isNull();
            assertThat(played.written()).isEqualTo(answer);
        }
    }

    @Test
    void event_thatComesBehindTheEnd_isPassedOn() {
        String answer = CREATED + COMPLETED + "data: {\"type\":\"of_a_vendor\"}\n\ndata: [DONE]";
        Played played = play(translator, answer);

        assertThat(played.failure()).isNull();
        assertThat(played.written()).isEqualTo(answer);
        assertThat(translator.isFinished()).isTrue();
    }

    @Test
    void connection_thatBreaksBehindTheEnd_takesNothingAway() {
        Failure lost = Failure.upstream("connection_lost", "lost");

        assertThat(play(translator, (CREATED + COMPLETED).getBytes(UTF_8), 5, lost)
                        .failure())
                .isNull();
        assertThat(play(new PassedResponse(Answers.context()), CREATED.getBytes(UTF_8), 5, lost)
                        .failure())
                .isEqualTo(lost);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "event: response.completed\ndata: {\"type\":\"response.completed\",\"resp\n\n", // malformed
                "data: {\"type\":\"response.completed\"}", // no blank line ends it
                "data: {\"type\":\"response.completed.soon\"}\n\n",
                "data: {\"type\":\"response.output_text.delta\",\"delta\":\"response.completed\"}\n\n",
            })
    void stream_withoutAnEnd_isBrokenOff(String last) {
        Played played = play(translator, CREATED + last);

        assertThat(requireNonNull(played.failure()).code()).isEqualTo("incomplete");
        assertThat(played.written()).contains("event: error\ndata: {\"type\":\"error\",\"sequence_number\":1,");
    }

    @Test
    void usage_ofTheEnd_isCounted() {
        play(translator, CREATED + COMPLETED);
        Usage usage = requireNonNull(translator.usage());

        assertThat(usage.promptTokens()).isEqualTo(3);
        assertThat(usage.completionTokens()).isEqualTo(5);
        assertThat(usage.reasoningTokens()).isEqualTo(4);
        assertThat(usage.totalTokens()).isEqualTo(8);
        assertThat(usage.json()).startsWith("{\"input_tokens\":3,").contains("\"cached_tokens\":2");
    }

    @Test
    void usage_ofAFailedResponse_isCountedToo() {
        Played played = play(
                translator,
                event("{\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"server_error\","
                        + "\"message\":\"m\"},\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}"));

        assertThat(requireNonNull(played.failure()).message()).endsWith(": m");
        assertThat(requireNonNull(translator.usage()).promptTokens()).isEqualTo(3);
    }

    // ---- Failures of the provider's.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"error\",\"code\":\"rate_limit_exceeded\",\"message\":\"slowly\",\"param\":null}",
                "{\"type\":\"error\",\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"slowly\"}}",
                "{\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"slowly\"}}",
                "{\"type\":\"response.failed\",\"response\":{\"status\":\"failed\","
                        + "\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"slowly\"}}}",
                "{\"type\":\"response.done\",\"response\":{\"status\":\"failed\","
                        + "\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"slowly\"}}}",
            })
    void error_inTheStream_passesAsItIsAndIsNoEnd(String data) {
        String answer = CREATED + "event: any\ndata: " + data + "\n\n";
        Played played = play(translator, answer);

        assertThat(played.written()).as("none of ours follows").isEqualTo(answer);
        Failure failure = requireNonNull(played.failure());
        assertThat(failure.status()).as("if it is the first event").isEqualTo(429);
        assertThat(failure.code()).isEqualTo("rate_limit_exceeded");
        assertThat(failure.message()).endsWith("slowly");
    }

    @Test
    void error_inAnotherFormat_isRecognizedByTheEventsName() {
        Played played = play(translator, CREATED + "event: error\ndata: overloaded\n\n");

        assertThat(requireNonNull(played.failure()).message()).endsWith("overloaded");
    }

    @Test
    void response_thatWasCancelled_isNotWhole() {
        Played played = play(
                translator,
                CREATED + event("{\"type\":\"response.completed\",\"response\":{\"status\":\"cancelled\"}}"));

        assertThat(requireNonNull(played.failure()).code()).isEqualTo("response_cancelled");
    }

    @Test
    void error_withAKeyInIt_isToldInOurWords() {
        Played played = play(
                translator,
                CREATED + event("{\"type\":\"error\",\"message\":\"no a-secret-key here\",\"sequence_number\":1}"));

        assertThat(played.written()).doesNotContain("a-secret-key").endsWith("\n\n");
        assertThat(json(played).get("sequence_number").asInt()).isEqualTo(2);
    }

    @Test
    void complaint_beforeTheResponse_isAFailure_andLaterPasses() {
        String complaint = "data: {\"code\":\"overloaded\",\"message\":\"no room\"}\n\n";

        assertThat(requireNonNull(play(translator, complaint).failure()).code()).isEqualTo("overloaded");
        Played later = play(new PassedResponse(Answers.context()), CREATED + complaint + COMPLETED);
        assertThat(later.failure()).isNull();
        assertThat(later.written()).isEqualTo(CREATED + complaint + COMPLETED);
    }

    // ---- Our own failures.

    @Test
    void failureOfOurs_hasTheNextNumberAndBothShapes() {
        Failure reason = new Failure(400, "some_type", "some_code", "Words.", "input", null, "\"more\":1");
        Played played = play(translator, (CREATED + text("\"a\"", 41)).getBytes(UTF_8), 9, reason);

        assertThat(json(played).toString())
                .isEqualTo("{\"type\":\"error\",\"sequence_number\":42,\"code\":\"some_code\",\"message\":\"Words.\","
                        + "\"param\":\"input\",\"error\":{\"type\":\"some_type\",\"code\":\"some_code\","
                        + "\"message\":\"Words.\",\"param\":\"input\",\"more\":1}}");
    }

    @Test
    void failureOfOurs_whereNothingWasNumbered_isNumberedFromZero() {
        Played played = play(translator, "data: {\"type\":\"response.output_text.delta\",\"delta\":\"a\"}\n\n");

        assertThat(json(played).get("sequence_number").asInt()).isZero();
    }

    // ---- Events that are longer than the limit.

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100, Integer.MAX_VALUE})
    void longEvent_thatIsNoEnd_passesAndProvesNothing(int cut) {
        String image = event("{\"type\":\"response.output_item.done\",\"item\":{\"result\":\"" + "A".repeat(5000)
                + "\"},\"sequence_number\":1}");
        Played played = play(new PassedResponse(Answers.context(1000)), (CREATED + image).getBytes(UTF_8), cut, null);

        assertThat(requireNonNull(played.failure()).code()).isEqualTo("incomplete");
        assertThat(played.written()).startsWith(CREATED + image + "event: error\n");
        assertThat(json(played).get("sequence_number").asInt()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100, Integer.MAX_VALUE})
    void longEvent_thatIsTheEnd_isWhole(int cut) {
        String image = event("{\"type\":\"response.output_item.done\",\"result\":\"" + "A".repeat(5000) + "\"}");
        String end = event("{\"type\":\"response.completed\",\"response\":{\"result\":\"" + "A".repeat(5000) + "\"}}");
        Played played =
                play(new PassedResponse(Answers.context(1000)), (CREATED + image + end).getBytes(UTF_8), cut, null);

        assertThat(played.failure()).isNull();
        assertThat(played.written()).isEqualTo(CREATED + image + end);
        assertThat(played.meanings()).contains(Meaning.TOKEN);
    }

    private static Meaning meaning(String data) {
        Played played = play(new PassedResponse(Answers.context()), "data: " + data + "\n\n");
        assertThat(played.meanings()).hasSize(1);
        return played.meanings().get(0);
    }

    private static JsonNode json(Played played) {
        String written = played.written();
        return JsonMapper.shared().readTree(written.substring(written.lastIndexOf("data: ") + 6));
    }
}
