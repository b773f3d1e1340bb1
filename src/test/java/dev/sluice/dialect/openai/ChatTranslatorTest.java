package dev.sluice.dialect.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.relay.Translator.Meaning;
import dev.sluice.sse.SseEncoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatTranslatorTest {
    private static final String FINISH = "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}";

    private boolean finishReasonIsOptional;
    private ChatTranslator translator = newTranslator(false);
    private final SseEncoder out = new SseEncoder();

    @Test
    void content_isAnEventWithoutAType() {
        assertThat(hears("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\" a\\nb\"}}]}"))
                .containsExactly(Meaning.TOKEN);
        assertThat(written()).isEqualTo("data:  a\ndata: b\n\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}",
                "{\"choices\":[{\"index\":0,\"delta\":{}}]}",
                "{\"choices\":[]}",
                "{}",
                "{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"another choice's\"}}]}",
            })
    void event_withoutText_showsLifeAndWritesNothing(String data) {
        assertThat(hears(data)).containsExactly(Meaning.LIFE);
        assertThat(written()).isEmpty();
    }

    @Test
    void lineBreak_cutBetweenTokens_isOne() {
        hears(token("a\\r"), token("\\nb"), token("\\r"), token("\\n"));
        assertThat(written()).isEqualTo("data: a\ndata: \n\ndata: b\n\ndata: \ndata: \n\n");
    }

    @Test
    void character_cutBetweenTokens_isWhole() {
        assertThat(hears(token("\\ud83d"), token("\\ude00"))).containsExactly(Meaning.TOKEN, Meaning.TOKEN);
        assertThat(written()).isEqualTo("data: 😀\n\n");
    }

    @Test
    void character_neverCompleted_isReplacedAtTheEnd() {
        hears(token("a\\ud83d"));
        translator.done(out);
        assertThat(written()).startsWith("data: a\n\ndata: \uFFFD\n\nevent: done\n");
    }

    @Test
    void contentAndReasoning_areCutAndMendedApart() {
        translator = newTranslator(true);
        hears(token("a\\r"), thought("\\nhm\\ud83d"), token("\\nb"), thought("\\ude00"));
        assertThat(written()).isEqualTo("""
                        data: a
                        data:\s

                        event: reasoning
                        data:\s
                        data: hm

                        data: b

                        event: reasoning
                        data: 😀

                        """);
    }

    @Test
    void reasoning_notAskedFor_isATokenThatIsNotWritten() {
        assertThat(hears(thought("hm"))).containsExactly(Meaning.TOKEN);
        assertThat(written()).isEmpty();
    }

    @Test
    void refusal_isText() {
        hears("{\"choices\":[{\"index\":0,\"delta\":{\"refusal\":\"I cannot.\"}}]}");
        assertThat(written()).isEqualTo("data: I cannot.\n\n");
    }

    @Test
    void toolCall_failsAndPointsToTheOtherEndpoint() {
        assertThat(hears("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Let me look.\","
                        + "\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\"}}]}}]}"))
                .containsExactly(Meaning.FAILED);
        assertThat(written()).as("what was said before").isEqualTo("data: Let me look.\n\n");
        assertThat(translator.failure().code()).isEqualTo("tool_call");
        assertThat(translator.failure().message()).contains("/v1/chat/completions");
    }

    @Test
    void doneMark_isTheLastWord() {
        assertThat(hears(token("a"), FINISH, "[DONE]")).containsExactly(Meaning.TOKEN, Meaning.LIFE, Meaning.WHOLE);
        assertThat(written()).isEqualTo("data: a\n\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":null}]}\n\n",
                "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"\"}]}\n\n",
                "data: {\"choices\":[],\"usage\":{\"total_tokens\":1}}\n\n",
                "data: {\"choices\":[{\"index\":1,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
                "{\"note\":\"nobody framed this\"}\n",
            })
    void doneMark_withoutAFinishReason_isNoProof(String before) {
        for (String token : List.of("", "data: " + token("a") + "\n\n")) {
            translator = newTranslator(false);
            if (token.isEmpty() && before.contains("\"stop\"")) {
                continue; // the only choice is complete
            }
            assertThat(reads(token + before + "data: [DONE]\n\n")).endsWith(Meaning.FAILED);
            assertThat(translator.failure().code()).isEqualTo("unfinished");
            assertThat(translator.failure().message()).contains("sluice.upstream.finish-reason=optional");
        }
    }

    @Test
    void doneMark_unterminatedAndWithoutAFinishReason_isNoProof() {
        hears(token("a"));
        reads("data: [DONE]");
        assertThat(Objects.requireNonNull(translator.ends(null, out)).code()).isEqualTo("unfinished");
    }

    @Test
    void doneMark_ofAnUpstreamThatNeverSaysWhy_isTheLastWord() {
        finishReasonIsOptional = true;
        assertThat(hears(token("a"), "[DONE]")).containsExactly(Meaning.TOKEN, Meaning.WHOLE);
    }

    @ParameterizedTest
    @MethodSource("complaints")
    void complaint_withinAnAnswer_isTheReasonWhyItIsNotWhole(String complaint) {
        for (boolean optional : new boolean[] {false, true}) {
            finishReasonIsOptional = optional;
            for (String end : List.of("data: [DONE]\n\n", "data: [DONE]", "")) {
                translator = newTranslator(false);
                List<Meaning> meanings = reads("data: " + token("a") + "\n\n" + complaint + end);
                Failure failure = meanings.contains(Meaning.FAILED)
                        ? translator.failure()
                        : Objects.requireNonNull(translator.ends(null, out), complaint);
                assertThat(failure.message()).as(complaint + end).contains("overloaded");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("complaints")
    void complaint_thenTimeoutOrLoss_isTheReason(String complaint) {
        reads("data: " + token("a") + "\n\n" + complaint);
        Failure lost = Failure.upstream("connection_lost", "lost");
        assertThat(Objects.requireNonNull(translator.ends(lost, out)).message()).contains("overloaded");
    }

    @ParameterizedTest
    @MethodSource("complaints")
    void complaint_inAnAnswerThatIsFinishedAllTheSame_isNone(String complaint) {
        assertThat(reads("data: " + token("a") + "\n\n" + complaint + "data: " + FINISH + "\n\ndata: [DONE]\n\n"))
                .endsWith(Meaning.WHOLE);
    }

    @ParameterizedTest
    @MethodSource("flatErrors")
    void complaint_asTheFirstEvent_isAFailure(String complaint) {
        assertThat(reads("data: " + complaint + "\n\n")).containsExactly(Meaning.FAILED);
        assertThat(translator.failure().message()).contains("overloaded");
    }

    static List<String> flatErrors() {
        return List.of(
                "{\"detail\":\"overloaded\"}",
                "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"overloaded\"}]}",
                "{\"error_type\":\"overload\",\"error_message\":\"overloaded\"}",
                "{\"code\":503,\"message\":\"overloaded\"}",
                "{\"code\":\"busy\",\"message\":\"overloaded\"}",
                "{\"type\":\"error\",\"message\":\"overloaded\"}",
                "[{\"error\":{\"code\":503,\"message\":\"overloaded\"}}]");
    }

    static List<String> complaints() {
        List<String> all = new ArrayList<>(List.of(
                "error: overloaded\n\n",
                "error:{\"error\":\"overloaded\"}\n\n",
                "error: {\"message\":\"overloaded\"}\n\n",
                "error: overloaded\n",
                "{\"error\":{\"message\":\"overloaded\"}}\n",
                "{\"detail\":\"overloaded\"}\n\n",
                "{\n  \"error\": {\n    \"message\": \"overloaded\"\n  }\n}\n",
                "[{\"error\":{\"message\":\"overloaded\"}}]\n"));
        flatErrors().forEach(error -> all.add("data: " + error + "\n\n"));
        return all;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"code\":0,\"message\":\"\"}",
                "{\"code\":0,\"message\":\"success\"}",
                "{\"code\":200,\"message\":\"success\"}",
                "{\"type\":\"ping\",\"message\":\"x\"}",
                "{\"detail\":\"\"}",
                "{\"status\":\"queued\"}",
            })
    void eventOfAnotherKind_isNoComplaint(String data) {
        assertThat(hears(data, token("a"), FINISH, "[DONE]"))
                .containsExactly(Meaning.LIFE, Meaning.TOKEN, Meaning.LIFE, Meaning.WHOLE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"error\":{}",
                "\"error\":{\"code\":0,\"message\":\"\"}",
                "\"error\":{\"code\":\"0\",\"message\":null}",
                "\"error\":[]",
                "\"code\":0,\"message\":\"\"",
            })
    void errorThatSaysNothing_besideAnAnswer_isNone(String member) {
        assertThat(hears(
                        token("a").replaceFirst("}$", "," + member + "}"),
                        "{" + member + "," + FINISH.substring(1),
                        "{" + member + ",\"choices\":[]}",
                        "[DONE]"))
                .containsExactly(Meaning.TOKEN, Meaning.LIFE, Meaning.LIFE, Meaning.WHOLE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"error\":{\"code\":502,\"message\":\"overloaded\"},"
                        + "\"finish_reason\":\"error\"}]}",
                "{\"choices\":[{\"index\":0,\"error\":\"overloaded\",\"delta\":{\"content\":\"\"},\"finish_reason\":null}]}",
                "{\"choices\":[{\"index\":0,\"delta\":{},\"error\":{\"message\":\"overloaded\"}}]}"
            })
    void errorOfAChoice_failsInItsWords(String data) {
        assertThat(hears(token("a"), data)).containsExactly(Meaning.TOKEN, Meaning.FAILED);
        assertThat(translator.failure().message()).contains("overloaded");
    }

    @ParameterizedTest
    @ValueSource(strings = {"overloaded today", "\"overloaded today\"", "{\"message\":\"overloaded today\"}"})
    void eventOfTypeError_withABareMessage_failsInItsWords(String data) {
        assertThat(reads("event: error\ndata: " + data + "\n\n")).containsExactly(Meaning.FAILED);
        assertThat(translator.failure().message()).endsWith("overloaded today");
    }

    @Test
    void answer_ofWhichMoreChoicesWereAskedFor_needsThemAll() {
        translator =
                new ChatTranslator(new AnswerContext(new ProviderWords(List.of()), 64 * 1024, () -> false), 2, false);
        hears(token("a"), FINISH);
        assertThat(translator.isFinished()).isFalse();
        assertThat(isWhole()).as("choice 1 never began").isFalse();
        hears(FINISH.replace("\"index\":0", "\"index\":1"));
        assertThat(translator.isFinished()).isTrue();
        assertThat(isWhole()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[DONE]", "[DONE] ", "[done]", "{}"})
    void lastWord_isTheDoneMarkAlone(String data) {
        finishReasonIsOptional = true;
        translator.feed(ByteBuffer.wrap(("data: " + data).getBytes(UTF_8)));
        assertThat(translator.translate(out)).isEqualTo(Meaning.NOTHING);
        assertThat(translator.ends(null, out) == null).isEqualTo(data.equals("[DONE]"));
    }

    @Test
    void answer_isWholeWhenEveryChoiceHasFinished() {
        assertThat(isWhole()).as("nothing was said").isFalse();
        hears(
                "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}",
                "{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"}}]}");
        assertThat(isWhole()).isFalse();
        hears("{\"choices\":[{\"index\":1,\"delta\":{},\"finish_reason\":\"length\"}]}");
        assertThat(isWhole()).as("choice 0 goes on").isFalse();
        hears("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}");
        assertThat(isWhole()).isTrue();

        translator.done(out);
        assertThat(written()).endsWith("event: done\ndata: {\"finish_reason\":\"stop\",\"usage\":null}\n\n");
    }

    @Test
    void choice_beyondAllReason_isNotKept() {
        hears("{\"choices\":[{\"index\":2147483647,\"delta\":{},\"finish_reason\":\"stop\"}]}");
        assertThat(isWhole()).isFalse();
    }

    @Test
    void done_carriesTheProvidersOwnUsage() {
        String usage = "{\"prompt_tokens\":5,\"completion_tokens\":7,\"total_tokens\":12,\"num_sources_used\":3}";
        hears(
                "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}",
                "{\"choices\":[],\"usage\":" + usage + "}");
        translator.done(out);
        assertThat(written())
                .isEqualTo("event: done\ndata: {\"finish_reason\":\"length\",\"usage\":" + usage + "}\n\n");
    }

    @Test
    void done_withoutReasonOrUsage_saysNull() {
        translator.done(out);
        assertThat(written()).isEqualTo("event: done\ndata: {\"finish_reason\":null,\"usage\":null}\n\n");
    }

    @Test
    void error_reported_failsInTheProvidersWords() {
        assertThat(hears("{\"error\":{\"message\":\"overloaded today\"}}")).containsExactly(Meaning.FAILED);
        assertThat(translator.failure().message()).contains("overloaded today");
    }

    @Test
    void event_thatIsNoChunk_fails() {
        assertThat(hears("<html>")).containsExactly(Meaning.FAILED);
        assertThat(translator.failure().code()).isEqualTo("bad_chunk");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"detail\":\"something\"}", "{\"choices\":[]}"})
    void eventOfTypeError_whateverItsData_fails(String data) {
        assertThat(reads("event: error\ndata: " + data + "\n\n")).containsExactly(Meaning.FAILED);
        assertThat(translator.failure().type()).isEqualTo("upstream_error");
        assertThat(written()).isEmpty();
    }

    @Test
    void eventOfTypeError_withWords_failsInThem() {
        assertThat(reads("event: error\ndata: {\"error\":{\"message\":\"overloaded today\"}}\n\n"))
                .containsExactly(Meaning.FAILED);
        assertThat(translator.failure().message()).contains("overloaded today");
    }

    @Test
    void brokenOff_isAnEventOfTypeError() {
        translator.brokenOff(Failure.timeout(504, "idle_timeout", "Silence \"after\"\n2 s."), out);
        assertThat(written())
                .isEqualTo("event: error\ndata: {\"error\":{\"message\":\"Silence \\\"after\\\"\\n2 s.\","
                        + "\"type\":\"timeout\",\"code\":\"idle_timeout\"}}\n\n");
    }

    private List<Meaning> hears(String... data) {
        List<Meaning> meanings = new ArrayList<>();
        for (String each : data) {
            meanings.addAll(reads("data: " + each + "\n\n"));
        }
        return meanings;
    }

    private List<Meaning> reads(String events) {
        translator.feed(ByteBuffer.wrap(events.getBytes(UTF_8)));
        List<Meaning> meanings = new ArrayList<>();
        Meaning next = translator.translate(out);
        while (next != Meaning.NOTHING) {
            meanings.add(next);
            next = next == Meaning.FAILED ? Meaning.NOTHING : translator.translate(out);
        }
        return meanings;
    }

    private boolean isWhole() {
        return translator.ends(null, out) == null;
    }

    private ChatTranslator newTranslator(boolean wantsReasoning) {
        return new ChatTranslator(
                new AnswerContext(new ProviderWords(List.of()), 64 * 1024, () -> finishReasonIsOptional),
                1,
                wantsReasoning);
    }

    private String written() {
        return new String(out.array(), 0, out.length(), UTF_8);
    }

    private static String token(String json) {
        return "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + json + "\"}}]}";
    }

    private static String thought(String json) {
        return "{\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"" + json + "\"}}]}";
    }
}
