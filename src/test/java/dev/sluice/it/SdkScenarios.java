package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The scenarios in which every SDK for OpenAI must work with {@code /v1}, with another base URL only. A subclass makes the
 * calls of its SDK. The SDK's own retries are switched off.
 */
abstract class SdkScenarios {
    /**
     * The content of an answer, as the SDK returns it.
     *
     * @param text empty if there was none
     * @param finishReason in the SDK's own words
     * @param usage empty if the SDK has not received any
     */
    record Told(String text, String finishReason, List<Call> calls, Optional<Usage> usage) {}

    record Call(String name, String arguments) {}

    /** Tokens. */
    record Usage(long prompt, long completion) {}

    private static final String LIST = "{\"object\":\"list\",\"data\":["
            + "{\"id\":\"m-1\",\"object\":\"model\",\"created\":1700000000,\"owned_by\":\"someone\"},"
            + "{\"id\":\"vendor/m-2\",\"object\":\"model\",\"created\":1700000000,\"owned_by\":\"vendor\"}]}";
    private static final String WHOLE = "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1700000000,"
            + "\"model\":\"test\",\"choices\":[{\"index\":0,\"message\":"
            + "{\"role\":\"assistant\",\"content\":\"héllo 🙂\"},"
            + "\"logprobs\":null,\"finish_reason\":\"stop\"}],"
            + "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5,\"total_tokens\":8}}";

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start();
        container = kind.start(Launch.at(upstream.url()).with("sluice.retry.attempts", "1"));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    static String base() {
        return container.base() + "/v1";
    }

    static ScriptedUpstream upstream() {
        return upstream;
    }

    // ---- The calls of the SDK. Each throws the exceptions of the SDK.

    /** Requests a stream and reads it to its end. */
    abstract Told stream(Consumer<String> pieces) throws Exception;

    /** Requests a stream and closes or cancels it at the first piece of text. */
    abstract void leave() throws Exception;

    abstract Told whole() throws Exception;

    abstract List<String> models() throws Exception;

    /** The SDK's exception for this status. */
    abstract Class<? extends Throwable> exception(int status);

    /** The HTTP status of an exception of the SDK. */
    abstract int status(Throwable failure);

    /** The SDK's exception for a stream that broke off. */
    abstract Class<? extends Throwable> broken();

    // ---- Answers.

    @Test
    void stream_thatEndsWell_isCollected() throws Exception {
        upstream.script(Scripts.flood(500));
        List<String> pieces = new ArrayList<>();
        Told told = stream(pieces::add);

        assertThat(pieces).hasSize(500).startsWith(Scripts.numbered(0)).endsWith(Scripts.numbered(499));
        assertThat(told.text()).isEqualTo(String.join("", pieces));
        assertThat(told.finishReason()).isEqualToIgnoringCase("stop");
        container.awaitIdle();
    }

    @Test
    void stream_leftHalfWay_closesTheUpstreamsConnection() throws Exception {
        upstream.script(exchange -> {
            exchange.stream();
            // Further tokens, so that a write fails even if the client does not close its connection at once.
            for (int number = 0; !exchange.closed().isDone(); number++) {
                exchange.token(Scripts.numbered(number));
            }
        });
        leave();
        upstream.next().awaitClosed(RawClient.PATIENCE);
        container.awaitIdle();
    }

    @Test
    void completion_notStreamed_isRead() throws Exception {
        upstream.script(Scripts.answer(200, WHOLE));
        Told told = whole();
        assertThat(told.text()).isEqualTo("héllo 🙂");
        assertThat(told.finishReason()).isEqualToIgnoringCase("stop");
        assertThat(told.usage()).contains(new Usage(3, 5));
    }

    // ---- Tool calls.

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, 7})
    void toolCall_recorded_isPutTogether(int cut) throws Exception {
        replay("xai-grok-4-fast-tool-call.sse", cut);
        Told told = stream(piece -> {});
        assertThat(told.calls()).containsExactly(new Call("weather", "{\"location\":\"Florence, Italy\"}"));
        assertThat(told.finishReason()).isIn("tool_calls", "TOOL_EXECUTION");
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, 7})
    void toolCalls_twoRecorded_arePutTogether(int cut) throws Exception {
        replay("zai-glm-tool-calls.sse", cut);
        assertThat(stream(piece -> {}).calls())
                .containsExactly(new Call("add", "{\"a\":2,\"b\":3}"), new Call("multiply", "{\"a\":2,\"b\":3}"));
    }

    /** As OpenAI sends it; the recorded ones have their arguments in one piece. */
    @Test
    void toolCall_inPieces_isPutTogether() throws Exception {
        upstream.script(exchange -> {
            exchange.stream();
            exchange.event(piece("\"id\":\"call_1\",\"type\":\"function\",", "\"name\":\"weather\",", ""));
            for (String part : List.of("{\"loc", "ation\":", "\"Flörenz\"", "}")) {
                exchange.event(piece("", "", part));
            }
            exchange.chunk(Completion.finish("tool_calls") + Completion.DONE);
            exchange.end();
        });
        assertThat(stream(piece -> {}).calls()).containsExactly(new Call("weather", "{\"location\":\"Flörenz\"}"));
    }

    // ---- Usage.

    @Test
    void usage_askedFor_isTold() throws Exception {
        upstream.script(withUsage());
        assertThat(stream(piece -> {}).usage()).contains(new Usage(3, 5));
        assertThat(upstream.next().json().at("/stream_options/include_usage").asBoolean())
                .isTrue();
    }

    // ---- Failures.

    @ParameterizedTest
    @CsvSource({"400, 400", "404, 404", "422, 422", "429, 429", "401, 502", "403, 502", "500, 502", "503, 502"})
    void status_ofTheUpstream_isTheSdksException(int theirs, int ours) {
        upstream.script(Scripts.answer(
                theirs,
                "{\"error\":{\"message\":\"no such thing\",\"type\":\"t\",\"param\":\"messages\",\"code\":\"c_1\"}}",
                "Retry-After: 7"));
        assertRefused(catchThrowable(() -> stream(piece -> {})), "streamed", theirs, ours);
        assertRefused(catchThrowable(this::whole), "whole", theirs, ours);
    }

    @Test
    void error_ofTheUpstreamInTheStream_isNoEnd() {
        assertBrokenBy(exchange ->
                exchange.event("{\"error\":{\"message\":\"overloaded\"}}").end());
    }

    @Test
    void stream_thatDies_isNoEnd() {
        assertBrokenBy(Exchange::abort);
    }

    // ---- Models.

    @Test
    void models_areListed() throws Exception {
        offerModels();
        assertThat(models()).containsExactly("m-1", "vendor/m-2");
    }

    static void offerModels() {
        upstream.script(exchange -> {
            boolean asked = exchange.head().startLine().equals("GET /v1/models HTTP/1.1");
            exchange.answer(asked ? 200 : 404, "application/json", asked ? LIST : "{}");
        });
    }

    static ScriptedUpstream.Script withUsage() {
        return exchange -> {
            exchange.stream().chunk(Completion.token("a") + Completion.finish("stop"));
            exchange.chunk(Completion.usage(3, 5) + Completion.DONE).end();
        };
    }

    private void assertRefused(@Nullable Throwable failure, String asked, int theirs, int ours) {
        assertThat(failure).as(asked).isExactlyInstanceOf(exception(ours));
        assertThat(status(Objects.requireNonNull(failure))).as(asked).isEqualTo(ours);
        if (theirs == ours) {
            assertThat(failure).as(asked).hasMessageContaining("no such thing");
        }
    }

    private void assertBrokenBy(ScriptedUpstream.Script end) {
        // A client may discard unread bytes when its connection is aborted.
        CountDownLatch arrived = new CountDownLatch(2);
        upstream.script(exchange -> {
            exchange.stream().token("a").token("b");
            arrived.await();
            end.answer(exchange);
        });
        List<String> pieces = new ArrayList<>();
        Throwable failure = catchThrowable(() -> stream(piece -> {
            pieces.add(piece);
            arrived.countDown();
        }));
        assertThat(failure).isExactlyInstanceOf(broken());
        assertThat(pieces).containsExactly("a", "b");
        container.awaitIdle();
    }

    static void replay(String capture, int cut) throws IOException {
        try (InputStream in = SdkScenarios.class.getResourceAsStream("/captures/" + capture)) {
            upstream.script(Scripts.recorded(Objects.requireNonNull(in, capture).readAllBytes(), cut));
        }
    }

    private static String piece(String call, String function, String arguments) {
        return "{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"test\","
                + "\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0," + call + "\"function\":{"
                + function + "\"arguments\":" + Json.quote(arguments) + "}}]},\"finish_reason\":null}]}";
    }
}
