package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.catalog.ModelDescription;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiModelCatalog;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * LangChain4j's client for OpenAI, on the JDK's HTTP client. It always requests the usage, does not report {@code
 * Retry-After}, and cannot retrieve a single model, so these cases are not tested here.
 */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class LangChain4jIT extends SdkScenarios {
    private static final ChatRequest ASKED =
            ChatRequest.builder().messages(UserMessage.from("hi")).build();

    private final StreamingChatModel streaming = OpenAiStreamingChatModel.builder()
            .baseUrl(base())
            .apiKey("any")
            .modelName("m")
            .timeout(RawClient.PATIENCE)
            .build();
    private final ChatModel plain = OpenAiChatModel.builder()
            .baseUrl(base())
            .apiKey("any")
            .modelName("m")
            .timeout(RawClient.PATIENCE)
            .maxRetries(0)
            .build();

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    LangChain4jIT(Container.Kind kind) {}

    @Override
    Told stream(Consumer<String> pieces) throws Exception {
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
            return told(end.get(RawClient.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof Exception failure ? failure : failed;
        }
    }

    @Override
    void leave() throws Exception {
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
    }

    @Override
    Told whole() {
        return told(plain.chat(ASKED));
    }

    @Override
    List<String> models() {
        return OpenAiModelCatalog.builder().baseUrl(base()).apiKey("any").build().listModels().stream()
                .map(ModelDescription::name)
                .toList();
    }

    @Override
    Class<? extends Throwable> exception(int status) {
        return switch (status) {
            case 400, 422 -> InvalidRequestException.class;
            case 404 -> ModelNotFoundException.class;
            case 429 -> RateLimitException.class;
            case 502 -> InternalServerException.class;
            default -> throw new AssertionError("Status " + status);
        };
    }

    @Override
    int status(Throwable failure) {
        return ((HttpException) Objects.requireNonNull(failure.getCause())).statusCode();
    }

    @Override
    Class<? extends Throwable> broken() {
        // It ignores the error event, which has no choices, and reports the aborted connection instead.
        return LangChain4jException.class;
    }

    private static Told told(ChatResponse answer) {
        List<Call> calls = answer.aiMessage().toolExecutionRequests().stream()
                .map(call -> new Call(call.name(), call.arguments()))
                .toList();
        return new Told(
                Objects.requireNonNullElse(answer.aiMessage().text(), ""),
                answer.finishReason().name(),
                calls,
                Optional.ofNullable(answer.tokenUsage())
                        .map(usage -> new Usage(usage.inputTokenCount(), usage.outputTokenCount())));
    }
}
