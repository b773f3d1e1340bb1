package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** LangChain4j's client for Anthropic against {@code /v1/messages}. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class LangChain4jAnthropicIT {
    private static final ChatRequest ASKED =
            ChatRequest.builder().messages(UserMessage.from("hi")).build();

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    private final StreamingChatModel streaming = AnthropicStreamingChatModel.builder()
            .baseUrl(container.base() + "/v1/")
            .apiKey("any")
            .modelName("m")
            .timeout(RawClient.PATIENCE)
            .build();
    private final ChatModel plain = AnthropicChatModel.builder()
            .baseUrl(container.base() + "/v1/")
            .apiKey("any")
            .modelName("m")
            .timeout(RawClient.PATIENCE)
            .maxRetries(0)
            .build();

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    LangChain4jAnthropicIT(Container.Kind kind) {}

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

    @Test
    void stream_isCollected() throws Exception {
        upstream.script(exchange -> exchange.stream()
                .chunk(MessageEvents.START
                        + MessageEvents.text("a")
                        + MessageEvents.PING
                        + MessageEvents.text("b")
                        + MessageEvents.END)
                .end());
        List<String> pieces = new ArrayList<>();
        ChatResponse whole = stream(pieces::add);
        assertThat(pieces).containsExactly("a", "b");
        assertThat(whole.aiMessage().text()).isEqualTo("ab");
        assertThat(whole.finishReason()).isEqualTo(FinishReason.STOP);
        assertThat(whole.tokenUsage().outputTokenCount()).isEqualTo(12);
    }

    @Test
    void stream_leftHalfWay_closesTheUpstreamsConnection() throws Exception {
        upstream.script(exchange -> {
            exchange.stream().chunk(MessageEvents.START);
            for (int number = 0; !exchange.closed().isDone(); number++) {
                exchange.chunk(MessageEvents.text(Scripts.numbered(number)));
            }
        });
        CompletableFuture<String> first = new CompletableFuture<>();
        streaming.chat(ASKED, new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
                first.complete(piece.text());
                context.streamingHandle().cancel();
            }

            @Override
            public void onCompleteResponse(ChatResponse whole) {
                first.completeExceptionally(new AssertionError("Ended"));
            }

            @Override
            public void onError(Throwable failure) {
                first.completeExceptionally(failure);
            }
        });
        assertThat(first.get(RawClient.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(Scripts.numbered(0));
        upstream.next().awaitClosed(RawClient.PATIENCE);
        container.awaitIdle();
    }

    @Test
    void message_notStreamed_isRead() {
        upstream.script(Scripts.answer(
                200,
                "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":"
                        + "[{\"type\":\"text\",\"text\":\"héllo 🙂\"}],\"stop_reason\":\"end_turn\","
                        + "\"stop_sequence\":null,\"usage\":{\"input_tokens\":3,\"output_tokens\":5}}"));
        assertThat(plain.chat(ASKED).aiMessage().text()).isEqualTo("héllo 🙂");
    }

    @Test
    void status_ofTheUpstream_isTheClientsOwnException() {
        upstream.script(Scripts.answer(
                429, "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"slowly\"}}"));
        assertThat(catchThrowable(() -> plain.chat(ASKED))).isInstanceOf(RateLimitException.class);
        assertThat(catchThrowable(() -> stream(piece -> {}))).isInstanceOf(RateLimitException.class);
    }

    @Test
    void connection_thatDiesInTheMiddleOfAStream_isRaised() {
        upstream.script(exchange -> exchange.stream()
                .chunk(MessageEvents.START + MessageEvents.text("a"))
                .abort());
        assertThat(catchThrowable(() -> stream(piece -> {}))).isInstanceOf(LangChain4jException.class);
    }

    private ChatResponse stream(Consumer<String> pieces) throws Exception {
        CompletableFuture<ChatResponse> end = new CompletableFuture<>();
        streaming.chat(ASKED, new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String text) {
                pieces.accept(text);
            }

            @Override
            public void onCompleteResponse(ChatResponse whole) {
                end.complete(whole);
            }

            @Override
            public void onError(Throwable failure) {
                end.completeExceptionally(failure);
            }
        });
        try {
            return end.get(RawClient.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof Exception failure ? failure : failed;
        }
    }
}
