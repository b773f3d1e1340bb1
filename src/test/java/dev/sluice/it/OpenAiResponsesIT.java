package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.OpenAIException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.SseException;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseFunctionToolCall;
import com.openai.models.responses.ResponseStreamEvent;
import com.openai.models.responses.ResponseTextDeltaEvent;
import com.openai.models.responses.ResponseUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** OpenAI's own SDK for Java, with its Responses API. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class OpenAiResponsesIT {
    private static final ResponseCreateParams ASKED =
            ResponseCreateParams.builder().model("m").input("hi").build();

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    private final OpenAIClient sdk = OpenAIOkHttpClient.builder()
            .baseUrl(container.base() + "/v1")
            .apiKey("any")
            .maxRetries(0)
            .timeout(RawClient.PATIENCE)
            .build();

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    OpenAiResponsesIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start();
        container = kind.start(
                Launch.at(upstream.url()).with("sluice.retry.attempts", "1").with("sluice.heartbeat", "200ms"));
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

    static List<Path> captures() throws Exception {
        // The SDK's accumulator requires sequence numbers and output indexes, which llama.cpp does not send.
        return ResponsesIT.captures().stream()
                .filter(file -> !file.getFileName().toString().startsWith("llamacpp"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("captures")
    void stream_recorded_isPutTogetherByTheSdksAccumulator(Path file) throws IOException {
        byte[] body = Files.readAllBytes(file);
        String end = Files.readAllLines(file).stream()
                .filter(line -> line.startsWith("data: {\"type\":\"response.completed\""))
                .findFirst()
                .orElseThrow()
                .substring(6);
        for (int cut : new int[] {body.length, 7}) {
            upstream.script(Scripts.recorded(body, cut));
            ResponseAccumulator whole = ResponseAccumulator.create();
            try (StreamResponse<ResponseStreamEvent> answer = sdk.responses().createStreaming(ASKED)) {
                answer.stream().forEach(whole::accumulate);
            }
            Response response = whole.response();
            assertThat(response.id())
                    .isEqualTo(Json.read(end).at("/response/id").asString());
            assertThat(response.usage().map(ResponseUsage::outputTokens).orElse(0L))
                    .isEqualTo(
                            Json.read(end).at("/response/usage/output_tokens").asLong());
            List<String> calls = response.output().stream()
                    .flatMap(item -> item.functionCall().stream())
                    .map(ResponseFunctionToolCall::callId)
                    .toList();
            assertThat(calls)
                    .isEqualTo(Json.read(end)
                            .at("/response/output")
                            .valueStream()
                            .filter(item -> item.get("type").asString().equals("function_call"))
                            .map(item -> item.get("call_id").asString())
                            .toList());
        }
    }

    @Test
    void stream_withHeartbeats_isReadPieceByPiece() throws Exception {
        upstream.script(ScriptedUpstream.BY_HAND);
        List<String> pieces = new ArrayList<>();
        try (StreamResponse<ResponseStreamEvent> answer = sdk.responses().createStreaming(ASKED);
                RawClient witness = RawClient.connect(container.base())
                        .post("/v1/responses", "{\"model\":\"m\",\"stream\":true,\"input\":\"hi\"}")) {
            List<Exchange> both = List.of(upstream.next(), upstream.next());
            for (Exchange exchange : both) {
                exchange.stream().chunk(text("a", 0));
            }
            witness.awaitComments(3); // both are silent, and get heartbeats at the same interval
            for (Exchange exchange : both) {
                exchange.chunk(text("b", 1)).chunk(completed()).end();
            }
            answer.stream()
                    .flatMap(event -> event.outputTextDelta().stream())
                    .map(ResponseTextDeltaEvent::delta)
                    .forEach(pieces::add);
        }
        assertThat(pieces).containsExactly("a", "b");
    }

    @Test
    void stream_leftHalfWay_closesTheUpstreamsConnection() {
        upstream.script(exchange -> {
            exchange.stream();
            for (int number = 0; !exchange.closed().isDone(); number++) {
                exchange.chunk(text("a", number));
            }
        });
        try (StreamResponse<ResponseStreamEvent> answer = sdk.responses().createStreaming(ASKED)) {
            assertThat(answer.stream().limit(3)).hasSize(3);
        }
        upstream.next().awaitClosed(RawClient.PATIENCE);
        container.awaitIdle();
    }

    @Test
    void response_notStreamed_isRead() {
        upstream.script(Scripts.answer(
                200,
                "{\"id\":\"resp_1\",\"object\":\"response\",\"created_at\":1,\"status\":\"completed\",\"model\":\"m\","
                        + "\"output\":[{\"type\":\"message\",\"id\":\"msg_1\",\"role\":\"assistant\",\"status\":\"completed\","
                        + "\"content\":[{\"type\":\"output_text\",\"text\":\"héllo\",\"annotations\":[]}]}]}"));
        Response response = sdk.responses().create(ASKED);
        assertThat(response.output().stream()
                        .flatMap(item -> item.message().stream())
                        .flatMap(message -> message.content().stream())
                        .map(content -> content.asOutputText().text()))
                .containsExactly("héllo");
        assertThat(upstream.next().json().get("store").asBoolean()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"400, 400", "401, 502", "404, 404", "422, 422", "429, 429", "500, 502"})
    void status_ofTheUpstream_isTheSdksException(int theirs, int ours) {
        upstream.script(Scripts.answer(theirs, "{\"error\":{\"message\":\"no such thing\",\"code\":\"c_1\"}}"));
        OpenAIServiceException streamed = catchThrowableOfType(
                OpenAIServiceException.class, () -> sdk.responses().createStreaming(ASKED));
        OpenAIServiceException whole = catchThrowableOfType(
                OpenAIServiceException.class, () -> sdk.responses().create(ASKED));
        assertThat(streamed.statusCode()).isEqualTo(ours);
        assertThat(whole.statusCode()).isEqualTo(ours);
        assertThat(whole.getClass()).isEqualTo(streamed.getClass());
    }

    @Test
    void state_thatIsRefused_isTheSdksExceptionWithTheField() {
        OpenAIServiceException refused = catchThrowableOfType(OpenAIServiceException.class, () -> sdk.responses()
                .create(ASKED.toBuilder().store(true).build()));
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.param()).contains("store");
        assertThat(refused).hasMessageContaining("sluice.responses.state=allow");
    }

    @Test
    void error_ofOursInTheStream_isTheSdksException() {
        upstream.script(exchange -> exchange.stream().chunk(text("a", 0)).end());
        assertThat(catchThrowableOfType(SseException.class, this::read))
                .hasMessageContaining("ended the stream before the answer was whole");
    }

    @Test
    void error_ofTheUpstreamsInTheStream_isNoEnd() {
        upstream.script(exchange -> exchange.stream()
                .chunk(text("a", 0))
                .chunk("event: error\ndata: {\"type\":\"error\",\"code\":\"c\",\"message\":\"m\",\"param\":null,"
                        + "\"sequence_number\":1}\n\n")
                .end());
        assertThat(catchThrowable(this::read)).isInstanceOf(OpenAIException.class);
    }

    private void read() {
        try (StreamResponse<ResponseStreamEvent> answer = sdk.responses().createStreaming(ASKED)) {
            answer.stream().forEach(event -> {});
        }
    }

    private static String text(String delta, int number) {
        return "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"content_index\":0,"
                + "\"item_id\":\"msg_1\",\"output_index\":0,\"logprobs\":[],\"delta\":\"" + delta
                + "\",\"sequence_number\":" + number + "}\n\n";
    }

    private static String completed() {
        return "event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":9,"
                + "\"response\":{\"id\":\"resp_1\",\"status\":\"completed\"}}\n\n";
    }
}
