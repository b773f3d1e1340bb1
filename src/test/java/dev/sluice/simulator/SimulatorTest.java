package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.relay.Upstream;
import dev.sluice.relay.Upstream.Reading;
import dev.sluice.simulator.SimulatedAnswer.Begun;
import dev.sluice.simulator.SimulatedAnswer.Refused;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a stream reads of the simulator; the time is the test's own. */
class SimulatorTest {
    private static final Pattern NUMBER = Pattern.compile("\"content\":\"(\\d+)(?: |\\\\n)\"");
    private static final Duration ON_TIME = Duration.ZERO;

    private final ManualClock clock = new ManualClock();
    private final Simulator simulator = new Simulator(clock);

    @Test
    void fast_anyPrompt_saysFirstThatNoModelWasAskedAndHowToSetAKey() {
        Reception answer = complete(ask("sim/fast", "Hello 水\n- **you** 🙂", ""));

        assertThat(answer.content())
                .startsWith("This is Sluice’s built-in simulator: no language model was asked.")
                .contains("`XAI_API_KEY`", "`sluice.upstream.url`")
                .contains("> Hello 水\n> - **you** 🙂\n")
                .contains("--data-raw 'Hello 水\n- **you** 🙂'\n```");
        assertThat(answer.finishReasons()).containsExactly("stop");
        assertThat(answer.data()).as("the last event").last().isEqualTo("[DONE]");
    }

    @Test
    void fast_stream_isMadeOfCompletionChunks() {
        Reception answer = complete(ask("sim/fast", "Hello", ""));

        List<JsonNode> chunks = answer.chunks();
        assertThat(chunks.get(0).at("/choices/0/delta/role").asString()).isEqualTo("assistant");
        assertThat(chunks).allSatisfy(chunk -> {
            assertThat(chunk.path("id").asString())
                    .isEqualTo(chunks.get(0).path("id").asString())
                    .startsWith("chatcmpl-");
            assertThat(chunk.path("object").asString()).isEqualTo("chat.completion.chunk");
            assertThat(chunk.path("created").asLong()).isPositive();
            assertThat(chunk.path("model").asString()).isEqualTo("sim/fast");
            assertThat(chunk.at("/choices/0/index").asInt()).isZero();
            assertThat(chunk.has("usage")).as("usage, which was not asked for").isFalse();
        });
        assertThat(answer.deltas("content")).as("tokens with line breaks").anyMatch(token -> token.contains("\n"));
    }

    @ParameterizedTest
    @CsvSource({"sim/fast, 25", "sim/slow, 500", "sim/reasoning, 25"})
    void stream_timersOnTime_setsOneForEachTokenAtTheModelsPace(String model, long interval) {
        Reception answer = complete(ask(model, "Hello", "\"max_tokens\": 20"));

        // The first token comes at once; the next nineteen, and the end, come at their times.
        assertThat(answer.deltas("content").size()
                        + answer.deltas("reasoning_content").size())
                .isEqualTo(20);
        assertThat(clock.delays()).hasSize(20).containsOnly(Duration.ofMillis(interval));
    }

    @Test
    void stream_timerLate_doesNotDelayTheTokensAfter() {
        ask("sim/fast", "Hello", "");

        clock.fireNext(Duration.ofMillis(10));
        clock.fireNext(ON_TIME);
        clock.fireNext(ON_TIME);

        assertThat(clock.delays()).startsWith(Duration.ofMillis(25), Duration.ofMillis(15), Duration.ofMillis(25));
    }

    @Test
    void stream_farBehind_goesOnAtItsPaceWithoutCatchingUp() {
        ask("sim/fast", "Hello", "");

        clock.fireNext(Duration.ofSeconds(10));
        clock.fireNext(ON_TIME);
        clock.fireNext(ON_TIME);

        assertThat(clock.delays()).startsWith(Duration.ofMillis(25), Duration.ofMillis(25), Duration.ofMillis(25));
    }

    @Test
    void stream_maxTokens_endsWithLength() {
        Reception answer = complete(ask("sim/fast", "Hello", "\"max_completion_tokens\": 3"));

        assertThat(answer.deltas("content")).containsExactly("This", " is", " Sluice’s");
        assertThat(answer.finishReasons()).containsExactly("length");
        assertThat(answer.data()).last().isEqualTo("[DONE]");
    }

    @Test
    void stream_usageAskedFor_comesInALastChunkWithoutChoices() {
        Reception answer = complete(ask("sim/reasoning", "Two words", "\"stream_options\": {\"include_usage\": true}"));

        List<JsonNode> chunks = answer.chunks();
        JsonNode last = chunks.get(chunks.size() - 1);
        assertThat(chunks.subList(0, chunks.size() - 1))
                .allSatisfy(chunk -> assertThat(chunk.path("usage").isNull()).isTrue());
        assertThat(last.path("choices").isEmpty()).isTrue();
        int said = answer.deltas("content").size();
        int thought = answer.deltas("reasoning_content").size();
        JsonNode usage = last.path("usage");
        assertThat(usage.path("prompt_tokens").asInt()).isEqualTo(2);
        assertThat(usage.path("completion_tokens").asInt()).isEqualTo(said);
        assertThat(usage.at("/completion_tokens_details/reasoning_tokens").asInt())
                .isEqualTo(thought);
        assertThat(usage.path("total_tokens").asInt()).isEqualTo(2 + said + thought);
    }

    @Test
    void completion_noStream_isOneObjectAfterOneDelay() {
        Reception streamed = complete(ask("sim/reasoning", "Hello", ""));
        int timers = clock.delays().size();

        Reception answer = complete(begun(body("sim/reasoning", "Hello", "\"stream\": false")));

        JsonNode json = answer.json();
        assertThat(json.path("object").asString()).isEqualTo("chat.completion");
        assertThat(json.at("/choices/0/message/content").asString()).isEqualTo(streamed.content());
        assertThat(json.at("/choices/0/message/reasoning_content").asString())
                .isEqualTo(String.join("", streamed.deltas("reasoning_content")));
        assertThat(json.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
        assertThat(json.at("/usage/total_tokens").asInt()).isPositive();
        assertThat(clock.delays().subList(timers, clock.delays().size()))
                .as("one delay, as long as the stream")
                .containsExactly(Duration.ofMillis(25).multipliedBy(timers));
    }

    @Test
    void reasoning_stream_thinksThenSendsEmptyDeltasThenAnswers() {
        Reception answer = complete(ask("sim/reasoning", "Hello", ""));

        String order = String.join(
                "",
                answer.chunks().stream()
                        .skip(1)
                        .map(chunk -> chunk.at("/choices/0/delta"))
                        .map(delta -> delta.has("reasoning_content") ? "r" : delta.has("content") ? "c" : "-")
                        .toList());
        assertThat(order).matches("r{10,}-{30}c{10,}-");
        assertThat(answer.content()).startsWith("This is Sluice’s built-in simulator");
    }

    @Test
    void long_stream_counts5000TokensInOrder() {
        Reception answer = complete(ask("sim/long", "Hello", "\"max_tokens\": 7"));

        assertThat(answer.deltas("content").stream().map(String::strip))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 5_000)
                        .mapToObj(String::valueOf)
                        .toList());
        assertThat(answer.finishReasons()).containsExactly("stop");
    }

    @Test
    void endless_stream_hasTheNextNumberForEachReadAndNoEnd() {
        String text = Reception.beginning(
                begun(body("sim/endless", "Hello", "\"stream\": true, \"max_tokens\": 1")), 1_000_000);

        List<Integer> numbers = NUMBER.matcher(text)
                .results()
                .map(number -> Integer.valueOf(number.group(1)))
                .toList();
        assertThat(numbers)
                .hasSizeGreaterThan(5_000)
                .isEqualTo(IntStream.rangeClosed(1, numbers.size()).boxed().toList());
        assertThat(clock.delays())
                .as("alarms of a stream that is read as fast as it is taken")
                .isEmpty();
    }

    @Test
    void endless_noStream_isRefused() {
        Refused answer = refused(body("sim/endless", "Hello", "\"stream\": false"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(json(answer).at("/error/param").asString()).isEqualTo("stream");
    }

    @Test
    void silent_anyPrompt_saysNothingAndSetsNoAlarm() {
        Reception answer = ask("sim/silent", "Hello", "");

        assertThat(answer.isOver()).isFalse();
        assertThat(answer.bytes()).isEmpty();
        assertThat(clock.pending()).as("alarms").isZero();
    }

    @Test
    void stream_clientLeavesBetweenTokens_cancelsTheAlarm() {
        Reception answer = ask("sim/slow", "Hello", "");
        clock.fireNext(ON_TIME);
        assertThat(clock.pending()).as("the next token's alarm").isEqualTo(1);

        answer.leave();

        assertThat(clock.pending()).as("alarms left").isZero();
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void dies_anyPrompt_breaksTheConnectionInTheMiddle(boolean stream) {
        Reception answer = complete(begun(body("sim/dies", "Hello", "\"stream\": " + stream)));

        assertThat(answer.ending()).as("the broken connection").isEqualTo(Reading.FAILED);
        if (stream) {
            assertThat(answer.text())
                    .contains("\"content\":\"This\"")
                    .doesNotContain("[DONE]")
                    .doesNotEndWith("\n");
        } else {
            assertThat(answer.text()).startsWith("{").doesNotEndWith("}");
        }
    }

    @ParameterizedTest
    @CsvSource({"sim/error-429, 429, rate_limit_exceeded, 7", "sim/error-500, 500, server_error,"})
    void error_anyPrompt_isOpenAisShape(String model, int status, String code, @Nullable String retryAfter) {
        Refused answer = refused(body(model, "Hello", "\"stream\": true"));

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.retryAfter()).isEqualTo(retryAfter);
        assertThat(json(answer).at("/error/code").asString()).isEqualTo(code);
        assertThat(json(answer).at("/error/message").asString()).isNotBlank();
        assertThat(json(answer).at("/error/param").isNull()).isTrue();
    }

    @Test
    void errorIn200_anyPrompt_isXaisShape() {
        Refused answer = refused(body("sim/error-in-200", "Hello", "\"stream\": true"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(json(answer).path("code").isString()).isTrue();
        assertThat(json(answer).path("error").asString()).isEqualTo("Timed out waiting for first token");
    }

    @Test
    void garbage_stream_endsInWhatIsNoEvent() {
        Reception answer = complete(ask("sim/garbage", "Hello", ""));

        assertThat(answer.ending()).as("HTTP itself is sound").isEqualTo(Reading.END);
        assertThat(answer.text()).contains("\"content\":\"This\"", "data: this is no JSON\n\n");
        String bytes = new String(answer.bytes(), StandardCharsets.ISO_8859_1);
        assertThat(bytes).as("bytes that are no UTF-8").endsWith("\u00fd\u00fe\u00ff");
        assertThat(bytes).doesNotContain("[DONE]");
    }

    @Test
    void modelList_always_namesThemAll() {
        JsonNode list = new JsonMapper().readTree(Simulator.modelList());

        assertThat(list.path("object").asString()).isEqualTo("list");
        assertThat(list.path("data").valueStream().map(model -> model.path("id").asString()))
                .containsExactlyElementsOf(Simulator.models())
                .contains("sim/fast", "sim/endless", "sim/error-in-200");
    }

    @Test
    void request_unknownModel_isA404ThatListsTheKnown() {
        Refused answer = refused(body("grok-4", "Hello", "\"stream\": true"));

        assertThat(answer.status()).isEqualTo(404);
        assertThat(json(answer).at("/error/code").asString()).isEqualTo("model_not_found");
        assertThat(json(answer).at("/error/message").asString()).contains(Simulator.models());
    }

    @Test
    void request_unreadableBody_isA400ThatNamesTheField() {
        Refused answer = refused("{\"model\": 7}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(json(answer).at("/error/param").asString()).isEqualTo("model");
    }

    @Test
    void request_longPrompt_isAnsweredWithItsBeginning() {
        Reception answer = complete(ask("sim/fast", "word ".repeat(1_000_000), "\"max_tokens\": 100"));

        assertThat(answer.finishReasons()).containsExactly("length");
    }

    private Reception ask(String model, String prompt, String more) {
        return new Reception(
                begun(body(model, prompt, more.isEmpty() ? "\"stream\": true" : "\"stream\": true, " + more)));
    }

    private Upstream begun(String body) {
        return ((Begun) simulator.answer(SimulatedDialect.CHAT_COMPLETIONS, body.getBytes(StandardCharsets.UTF_8)))
                .upstream();
    }

    private Refused refused(String body) {
        return (Refused) simulator.answer(SimulatedDialect.CHAT_COMPLETIONS, body.getBytes(StandardCharsets.UTF_8));
    }

    private static JsonNode json(Refused answer) {
        return new JsonMapper().readTree(answer.json());
    }

    private static String body(String model, String prompt, String more) {
        String quoted = new JsonMapper().writeValueAsString(prompt);
        return "{\"model\": \"%s\", \"messages\": [{\"role\": \"user\", \"content\": %s}], %s}"
                .formatted(model, quoted, more);
    }

    private Reception complete(Upstream upstream) {
        return complete(new Reception(upstream));
    }

    private Reception complete(Reception reception) {
        while (!reception.isOver()) {
            clock.fireNext(ON_TIME);
        }
        return reception;
    }
}
