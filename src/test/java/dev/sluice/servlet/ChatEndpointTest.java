package dev.sluice.servlet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.chat.LongestAnswer;
import dev.sluice.config.Settings;
import dev.sluice.dialect.ChatDialect;
import dev.sluice.dialect.PromptCall;
import dev.sluice.dialect.PromptRequest;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.dialect.openai.ChatCompletions;
import dev.sluice.relay.FakeUpstream;
import dev.sluice.relay.Head.Field;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Translator.Meaning;
import dev.sluice.sse.SseEncoder;
import dev.sluice.test.dialect.Parrot;
import dev.sluice.web.FakeExchange;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Prompts in another dialect than chat completions. */
final class ChatEndpointTest {
    private final List<ChatDialect> dialects = new ArrayList<>(List.of(new Parrot()));
    private ChatDialect answers = dialects.get(0);
    private final List<String> asked = new ArrayList<>();
    private final List<Field> passed = new ArrayList<>();
    private final SseEncoder out = new SseEncoder();
    private final ChatEndpoint endpoint = new ChatEndpoint(
            new Settings.Chat("polly", 1024, "max_completion_tokens", null),
            new PromptRouter() {
                @Override
                public List<ChatDialect> dialects(String model, Predicate<String> usable) {
                    return dialects;
                }

                @Override
                public PromptCall route(String model, List<PromptRequest> requests, Runnable letGo) {
                    for (PromptRequest each : requests) {
                        assertThat(each.request().streams()).isTrue();
                        StringBuilder body = new StringBuilder();
                        each.request()
                                .sentAs("macaw", true, RequestDefaults.NONE)
                                .forEach(slice -> body.append(UTF_8.decode(slice)));
                        asked.add(body.toString());
                        passed.addAll(each.passed().headers());
                    }
                    return new PromptCall(new FakeUpstream(), () -> answers);
                }
            },
            new ProviderWords(List.of()),
            64 * 1024);

    @Test
    void prompt_isWrittenAsTheDialectHasIt_withTheHeadersThatPassThere() throws InvalidRequestException {
        Endpoint.Opening opening = ask();

        assertThat(asked).containsExactly("{\"model\":\"macaw\",\"stream\":true,\"hear\":\"who is \\\"pretty\\\"?\"}");
        assertThat(passed).containsExactly(new Field("X-Perch", "7"));
        assertThat(opening.model()).isEqualTo("polly");
    }

    /** So is a prompt in the query string, or one that a filter of the host has read. */
    @Test
    void prompt_isEstimatedByTheLengthOfWhatProvidersAreSent() throws InvalidRequestException {
        Endpoint.Opening opening = ask();

        assertThat(opening.bytes())
                .isEqualTo("{\"model\":\"polly\",\"stream\":true,\"hear\":\"who is \\\"pretty\\\"?\"}".length());
    }

    @Test
    void answer_isReadAsTheDialectHasIt_andToldAsChatTellsIt() throws InvalidRequestException {
        Translator translator = ask().translator();

        assertThat(hears(translator, "data: {\"say\":\"polly\\nis\"}\n\n")).isEqualTo(Meaning.TOKEN);
        assertThat(hears(translator, "event: over\ndata: {\"heard\":3,\"said\":2}\n\n"))
                .isEqualTo(Meaning.WHOLE);
        translator.done(out);

        assertThat(new String(out.array(), 0, out.length(), UTF_8)).isEqualTo("""
                data: polly
                data: is

                event: done
                data: {"finish_reason":"over","usage":{"heard":3,"said":2}}

                """);
    }

    @Test
    void prompt_withoutALongestAnswer_hasTheDefaultOrThatOfThePlanIfItIsLess() throws InvalidRequestException {
        assertThat(longest("{\"prompt\":\"hi\"}", 2000)).isEqualTo(1024);
        assertThat(longest("{\"prompt\":\"hi\"}", 100)).isEqualTo(100);
        assertThat(longest("{\"prompt\":\"hi\",\"max_tokens\":7}", 100)).isEqualTo(7);
        assertThat(asked.get(1)).as("in the field of the dialect").startsWith("{\"words\":100,");
    }

    @Test
    void prompt_thatAsksForALongerAnswerThanThePlanAllows_isRefused() {
        assertThatThrownBy(() -> longest("{\"prompt\":\"hi\",\"max_tokens\":101}", 100))
                .isInstanceOfSatisfying(InvalidRequestException.class, refused -> {
                    assertThat(refused.failure().status()).isEqualTo(400);
                    assertThat(refused.failure().param()).isEqualTo("max_tokens");
                    assertThat(refused.failure().message())
                            .isEqualTo("\"max_tokens\" must be a whole number from 1 to 100: the longest answer of plan"
                                    + " \"team\" is 100 tokens.");
                });
        assertThat(asked).isEmpty();
    }

    @Test
    void answer_withoutTheDialectsEnd_isNotWhole() throws InvalidRequestException {
        Translator translator = ask().translator();

        hears(translator, "data: {\"say\":\"polly\"}\n\n");

        assertThat(translator.ends(null, out)).isNotNull();
    }

    @Test
    void prompt_forProvidersOfSeveralDialects_isWrittenInEach_andReadInThatOfTheAnswer()
            throws InvalidRequestException {
        answers = new ChatCompletions();
        dialects.add(answers);
        Translator translator = ask().translator();

        assertThat(asked)
                .hasSize(2)
                .anyMatch(body -> body.contains("\"hear\""))
                .anyMatch(body -> body.contains("\"messages\""));
        assertThat(hears(translator, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\n"))
                .isEqualTo(Meaning.TOKEN);
        assertThat(new String(out.array(), 0, out.length(), UTF_8)).isEqualTo("data: hi\n\n");
    }

    @Test
    void answer_thatNeverComesFromAnyOfThem_isAFailure() throws InvalidRequestException {
        dialects.add(new ChatCompletions());
        Translator translator = ask().translator();
        Failure lost = Failure.upstream("lost", "It is gone.");

        assertThat(translator.contentType()).isEqualTo("text/event-stream;charset=utf-8");
        assertThat(translator.translate(out)).isEqualTo(Meaning.NOTHING);
        assertThat(translator.ends(lost, out)).isEqualTo(lost);
        translator.brokenOff(lost, out);
        assertThat(new String(out.array(), 0, out.length(), UTF_8)).startsWith("event: error\ndata: ");
    }

    private Endpoint.Opening ask() throws InvalidRequestException {
        return ask("{\"prompt\":\"who is \\\"pretty\\\"?\"}", Allowance.OF_ALL);
    }

    /** What is asked for at most, with a plan whose longest answer is this. */
    private long longest(String json, int ofPlan) throws InvalidRequestException {
        Allowance allowed = new Allowance(model -> true, new LongestAnswer("team", ofPlan));
        return requireNonNull(ask(json, allowed).outputTokens());
    }

    private Endpoint.Opening ask(String json, Allowance allowed) throws InvalidRequestException {
        byte[] body = json.getBytes(UTF_8);
        FakeExchange exchange = new FakeExchange("POST", "/chat")
                .header("Content-Type", "application/json")
                .header("X-Perch", "7")
                .header("Cookie", "no");
        return endpoint.read(exchange.request(), body, body.length, allowed, new Unbounded());
    }

    private Meaning hears(Translator translator, String event) {
        translator.feed(ByteBuffer.wrap(event.getBytes(UTF_8)));
        return translator.translate(out);
    }

    private static final class Unbounded implements Endpoint.Held {
        @Override
        public void work(long more) {}

        @Override
        public void settle(long rest) {}

        @Override
        public void letGo() {}
    }
}
