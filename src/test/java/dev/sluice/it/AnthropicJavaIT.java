package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.AnthropicServiceException;
import com.anthropic.errors.BadRequestException;
import com.anthropic.errors.InternalServerException;
import com.anthropic.errors.NotFoundException;
import com.anthropic.errors.RateLimitException;
import com.anthropic.errors.SseException;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.TextBlock;
import com.anthropic.models.messages.TextDelta;
import com.anthropic.models.messages.ToolUseBlock;
import com.anthropic.models.models.ModelInfo;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Anthropic's own SDK for Java against {@code /v1/messages}: it needs another base URL only. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class AnthropicJavaIT {
    private static final MessageCreateParams ASKED = MessageCreateParams.builder()
            .model("m")
            .maxTokens(99)
            .addUserMessage("hi")
            .build();

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    private final AnthropicClient sdk = AnthropicOkHttpClient.builder()
            .baseUrl(container.base().toString())
            .apiKey("any")
            .maxRetries(0)
            .timeout(RawClient.PATIENCE)
            .build();

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    AnthropicJavaIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start();
        container = kind.start(
                Launch.at(upstream.url()).with("sluice.retry.attempts", "1").with("sluice.heartbeat", "2s"));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    @AfterEach
    void close() {
        sdk.close();
    }

    @Test
    void stream_isCollected_andHeartbeatsAreSkipped() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        List<String> pieces = new ArrayList<>();
        try (StreamResponse<RawMessageStreamEvent> answer = sdk.messages().createStreaming(ASKED);
                RawClient witness = RawClient.connect(container.base())
                        .post("/v1/messages", "{\"model\":\"m\",\"max_tokens\":9,\"stream\":true,\"messages\":[]}")) {
            List<Exchange> both = List.of(upstream.next(), upstream.next());
            for (Exchange exchange : both) {
                exchange.stream().chunk(MessageEvents.START + MessageEvents.text("a"));
            }
            witness.awaitComments(1); // both streams are silent, and get heartbeats at the same interval
            for (Exchange exchange : both) {
                exchange.chunk(MessageEvents.PING + MessageEvents.text("b") + MessageEvents.END)
                        .end();
            }
            MessageAccumulator whole = MessageAccumulator.create();
            answer.stream().peek(whole::accumulate).forEach(collectTo(pieces));
            assertThat(pieces).containsExactly("a", "b");
            assertThat(text(whole.message())).isEqualTo("ab");
            assertThat(whole.message().stopReason()).contains(StopReason.END_TURN);
            assertThat(whole.message().usage().outputTokens()).isEqualTo(12);
        }
    }

    @Test
    void stream_leftHalfWay_closesTheUpstreamsConnection() {
        upstream.script(exchange -> {
            exchange.stream().chunk(MessageEvents.START);
            for (int number = 0; !exchange.closed().isDone(); number++) {
                exchange.chunk(MessageEvents.text(Scripts.numbered(number)));
            }
        });
        try (StreamResponse<RawMessageStreamEvent> answer = sdk.messages().createStreaming(ASKED)) {
            assertThat(answer.stream()
                            .flatMap(event -> event.contentBlockDelta().stream())
                            .findFirst())
                    .isPresent();
        }
        upstream.next().awaitClosed(RawClient.PATIENCE);
        container.awaitIdle();
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE, 7})
    void toolCalls_recorded_arePutTogether(int cut) throws IOException {
        byte[] body;
        try (InputStream in = Objects.requireNonNull(
                AnthropicJavaIT.class.getResourceAsStream("/captures/messages/claude-sonnet-4-tool-calls.sse"))) {
            body = in.readAllBytes();
        }
        upstream.script(Scripts.recorded(body, cut));
        MessageAccumulator whole = MessageAccumulator.create();
        try (StreamResponse<RawMessageStreamEvent> answer = sdk.messages().createStreaming(ASKED)) {
            answer.stream().forEach(whole::accumulate);
        }
        Message message = whole.message();
        assertThat(text(message)).isEqualTo("I'll add and multiply the numbers 2 and 3 for you.");
        assertThat(message.content().stream()
                        .flatMap(block -> block.toolUse().stream())
                        .map(ToolUseBlock::name))
                .containsExactly("add", "multiply");
        assertThat(message.stopReason()).contains(StopReason.TOOL_USE);
        assertThat(message.usage().inputTokens()).isEqualTo(502);
    }

    @Test
    void message_notStreamed_isRead() {
        upstream.script(Scripts.answer(
                200,
                "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":"
                        + "[{\"type\":\"text\",\"text\":\"héllo 🙂\",\"citations\":null}],\"stop_reason\":\"end_turn\","
                        + "\"stop_sequence\":null,\"usage\":{\"input_tokens\":3,\"output_tokens\":5}}"));
        Message message = sdk.messages().create(ASKED);
        assertThat(text(message)).isEqualTo("héllo 🙂");
        assertThat(message.usage().inputTokens()).isEqualTo(3);
    }

    @Test
    void tokens_areCounted() {
        upstream.script(Scripts.answer(200, "{\"input_tokens\":24}"));
        assertThat(sdk.messages()
                        .countTokens(MessageCountTokensParams.builder()
                                .model("m")
                                .addUserMessage("hi")
                                .build())
                        .inputTokens())
                .isEqualTo(24);
    }

    @Test
    void models_areListed() {
        upstream.script(
                Scripts.answer(200, "{\"object\":\"list\",\"data\":[{\"id\":\"m-1\"},{\"id\":\"vendor/m-2\"}]}"));
        assertThat(sdk.models().list().autoPager().stream().map(ModelInfo::id)).containsExactly("m-1", "vendor/m-2");
        assertThat(sdk.models().retrieve("m-1").displayName()).isEqualTo("m-1");
    }

    @ParameterizedTest
    @CsvSource({
        "400, 400, BadRequestException",
        "404, 404, NotFoundException",
        "429, 429, RateLimitException",
        "401, 502, InternalServerException",
        "529, 529, InternalServerException",
    })
    void status_ofTheUpstream_isTheSdksOwnException(int theirs, int ours, String name) {
        upstream.script(Scripts.answer(
                theirs, "{\"type\":\"error\",\"error\":{\"type\":\"t\",\"message\":\"no such thing\"}}"));
        Class<? extends Throwable> expected = List.of(
                        BadRequestException.class,
                        NotFoundException.class,
                        RateLimitException.class,
                        InternalServerException.class)
                .stream()
                .filter(type -> type.getSimpleName().equals(name))
                .findAny()
                .orElseThrow();
        for (Runnable call : List.<Runnable>of(() -> sdk.messages().create(ASKED), () -> stream(piece -> {}))) {
            Throwable failure = catchThrowable(call::run);
            assertThat(failure).isInstanceOf(expected);
            assertThat(((AnthropicServiceException) failure).statusCode()).isEqualTo(ours);
            if (theirs == ours) {
                assertThat(failure).hasMessageContaining("no such thing");
            }
        }
    }

    @Test
    void error_inTheMiddleOfAStream_isRaised() {
        upstream.script(exchange -> exchange.stream()
                .chunk(MessageEvents.START
                        + MessageEvents.text("a")
                        + MessageEvents.error("overloaded_error", "Overloaded"))
                .end());
        assertThat(catchThrowable(() -> stream(piece -> {})))
                .isInstanceOf(SseException.class)
                .hasMessageContaining("Overloaded");
    }

    @Test
    void connection_thatDiesInTheMiddleOfAStream_isRaised() {
        upstream.script(exchange -> exchange.stream()
                .chunk(MessageEvents.START + MessageEvents.text("a") + "event: content_block_delta\ndata: {\"ty")
                .abort());
        List<String> pieces = new ArrayList<>();
        assertThat(catchThrowable(() -> stream(pieces::add))).isInstanceOf(SseException.class);
        assertThat(pieces).containsExactly("a");
    }

    private void stream(Consumer<String> pieces) {
        try (StreamResponse<RawMessageStreamEvent> answer = sdk.messages().createStreaming(ASKED)) {
            answer.stream()
                    .flatMap(event -> event.contentBlockDelta().stream())
                    .flatMap(delta -> delta.delta().text().stream())
                    .map(TextDelta::text)
                    .forEach(pieces);
        }
    }

    private static Consumer<RawMessageStreamEvent> collectTo(List<String> pieces) {
        return event -> event.contentBlockDelta()
                .flatMap(delta -> delta.delta().text())
                .ifPresent(text -> pieces.add(text.text()));
    }

    private static String text(Message message) {
        return message.content().stream()
                .flatMap(block -> block.text().stream())
                .map(TextBlock::text)
                .collect(Collectors.joining());
    }
}
