package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.RateLimitException;
import com.openai.errors.SseException;
import com.openai.errors.UnprocessableEntityException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.CompletionUsage;
import com.openai.models.models.Model;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** OpenAI's own SDK for Java. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class OpenAiJavaIT extends SdkScenarios {
    private static final ChatCompletionCreateParams ASKED =
            ChatCompletionCreateParams.builder().model("m").addUserMessage("hi").build();
    private static final ChatCompletionCreateParams ASKED_WITH_USAGE = ASKED.toBuilder()
            .streamOptions(
                    ChatCompletionStreamOptions.builder().includeUsage(true).build())
            .build();

    private final OpenAIClient sdk = OpenAIOkHttpClient.builder()
            .baseUrl(base())
            .apiKey("any")
            .maxRetries(0)
            .timeout(RawClient.PATIENCE)
            .build();

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    OpenAiJavaIT(Container.Kind kind) {}

    @AfterEach
    void close() {
        sdk.close();
    }

    @Override
    Told stream(Consumer<String> pieces) {
        return stream(ASKED_WITH_USAGE, pieces);
    }

    @Override
    void leave() {
        try (StreamResponse<ChatCompletionChunk> answer =
                sdk.chat().completions().createStreaming(ASKED)) {
            assertThat(texts(answer.stream()).findFirst()).contains(Scripts.numbered(0));
        }
    }

    @Override
    Told whole() {
        return told(sdk.chat().completions().create(ASKED));
    }

    @Override
    List<String> models() {
        return sdk.models().list().data().stream().map(Model::id).toList();
    }

    @Override
    Class<? extends Throwable> exception(int status) {
        return switch (status) {
            case 400 -> BadRequestException.class;
            case 404 -> NotFoundException.class;
            case 422 -> UnprocessableEntityException.class;
            case 429 -> RateLimitException.class;
            case 502 -> InternalServerException.class;
            default -> throw new AssertionError("Status " + status);
        };
    }

    @Override
    int status(Throwable failure) {
        return ((OpenAIServiceException) failure).statusCode();
    }

    @Override
    Class<? extends Throwable> broken() {
        return SseException.class;
    }

    @Test
    void usage_notAskedFor_isNotTold() {
        upstream().script(withUsage());
        assertThat(stream(ASKED, piece -> {}).usage()).isEmpty();
    }

    @Test
    void retryAfter_ofTheUpstream_isTold() {
        upstream()
                .script(Scripts.answer(429, "{\"error\":{\"message\":\"slowly\",\"code\":\"c_1\"}}", "Retry-After: 7"));
        RateLimitException failure = catchThrowableOfType(RateLimitException.class, this::whole);
        assertThat(failure.headers().values("Retry-After")).containsExactly("7");
        assertThat(failure.code()).contains("c_1");
    }

    @Test
    void error_inTheStream_isToldWithItsWords() {
        upstream().script(exchange -> {
            exchange.stream().token("a");
            exchange.event("{\"error\":{\"message\":\"overloaded\"}}").end();
        });
        assertThat(catchThrowableOfType(SseException.class, () -> stream(ASKED, piece -> {})))
                .hasMessageContaining("overloaded");
    }

    @Test
    void accumulator_ofTheSdk_putsTheAnswerTogether() throws IOException {
        replay("xai-grok-4-fast-tool-call.sse", 7);
        ChatCompletionAccumulator whole = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> answer =
                sdk.chat().completions().createStreaming(ASKED_WITH_USAGE)) {
            answer.stream().forEach(whole::accumulate);
        }
        assertThat(told(whole.chatCompletion()))
                .isEqualTo(new Told(
                        "",
                        "tool_calls",
                        List.of(new Call("weather", "{\"location\":\"Florence, Italy\"}")),
                        Optional.of(new Usage(361, 26))));
    }

    /** Without a slash in the id: the SDK encodes it as {@code %2F}, which the containers refuse by default. */
    @Test
    void model_isRetrieved() {
        offerModels();
        assertThat(sdk.models().retrieve("m-1").ownedBy()).isEqualTo("someone");
        assertThat(catchThrowableOfType(
                        NotFoundException.class, () -> sdk.models().retrieve("m-3")))
                .hasMessageContaining("m-3");
    }

    /** Joins the chunks here, because the SDK's accumulator rejects a chunk with both choices and usage, as z.ai sends it. */
    private Told stream(ChatCompletionCreateParams asked, Consumer<String> pieces) {
        List<ChatCompletionChunk> chunks = new ArrayList<>();
        try (StreamResponse<ChatCompletionChunk> answer =
                sdk.chat().completions().createStreaming(asked)) {
            texts(answer.stream().peek(chunks::add)).forEach(pieces);
        }
        return new Told(
                texts(chunks.stream()).collect(Collectors.joining()),
                choices(chunks.stream())
                        .flatMap(choice -> choice.finishReason().stream())
                        .map(ChatCompletionChunk.Choice.FinishReason::asString)
                        .collect(Collectors.joining()),
                calls(chunks),
                chunks.stream()
                        .flatMap(chunk -> chunk.usage().stream())
                        .map(OpenAiJavaIT::usage)
                        .findFirst());
    }

    private static Stream<ChatCompletionChunk.Choice> choices(Stream<ChatCompletionChunk> chunks) {
        return chunks.flatMap(chunk -> chunk.choices().stream());
    }

    private static Stream<String> texts(Stream<ChatCompletionChunk> chunks) {
        return choices(chunks)
                .flatMap(choice -> choice.delta().content().stream())
                .filter(text -> !text.isEmpty());
    }

    private static List<Call> calls(List<ChatCompletionChunk> chunks) {
        Map<Long, Call> calls = new TreeMap<>();
        choices(chunks.stream())
                .flatMap(choice -> choice.delta().toolCalls().stream().flatMap(List::stream))
                .forEach(piece -> calls.merge(
                        piece.index(),
                        piece.function()
                                .map(function -> new Call(
                                        function.name().orElse(""),
                                        function.arguments().orElse("")))
                                .orElseThrow(),
                        (begun, more) -> new Call(begun.name() + more.name(), begun.arguments() + more.arguments())));
        return List.copyOf(calls.values());
    }

    private static Told told(ChatCompletion answer) {
        ChatCompletion.Choice choice = answer.choices().get(0);
        List<Call> calls = choice.message().toolCalls().stream()
                .flatMap(List::stream)
                .map(call -> call.asFunction().function())
                .map(function -> new Call(function.name(), function.arguments()))
                .toList();
        return new Told(
                choice.message().content().orElse(""),
                choice.finishReason().asString(),
                calls,
                answer.usage().map(OpenAiJavaIT::usage));
    }

    private static Usage usage(CompletionUsage usage) {
        return new Usage(usage.promptTokens(), usage.completionTokens());
    }
}
