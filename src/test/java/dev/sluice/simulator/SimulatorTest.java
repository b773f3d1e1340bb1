package dev.sluice.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.eclipse.jetty.client.DuplexConnectionPool;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.StringRequestContent;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a client of the simulator sees, through Jetty's HttpClient; the time is the test's own. */
@Timeout(60)
class SimulatorTest {
    private static final String URL = "http://simulator/v1/chat/completions";
    private static final Pattern NUMBER = Pattern.compile("\"content\":\"(\\d+)(?: |\\\\n)\"");
    private static final Duration ON_TIME = Duration.ZERO;

    private final ManualClock clock = new ManualClock();
    private final Simulator simulator = new Simulator(clock, clock::nanoTime);
    private final HttpClient client = new HttpClient();

    @BeforeEach
    void start() throws Exception {
        client.setMaxConnectionsPerDestination(1_000);
        client.setIdleTimeout(0);
        client.start();
        simulator.start();
    }

    @AfterEach
    void stop() throws Exception {
        client.stop();
        simulator.close();
        clock.shutdownNow();
    }

    @Test
    void fast_anyPrompt_saysFirstThatNoModelWasAskedAndHowToSetAKey() throws Exception {
        Reception answer = complete(ask("sim/fast", "Hello 水\n- **you** 🙂", ""));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header(HttpHeader.CONTENT_TYPE)).startsWith("text/event-stream");
        assertThat(answer.header(HttpHeader.SERVER)).as("the server's version").isEqualTo("null");
        assertThat(answer.content())
                .startsWith("This is Sluice’s built-in simulator: no language model was asked.")
                .contains("`XAI_API_KEY`", "`sluice.upstream.url`")
                .contains("> Hello 水\n> - **you** 🙂\n")
                .contains("--data-raw 'Hello 水\n- **you** 🙂'\n```");
        assertThat(answer.finishReasons()).containsExactly("stop");
        assertThat(answer.data()).as("the last event").last().isEqualTo("[DONE]");
    }

    @Test
    void fast_stream_isMadeOfCompletionChunks() throws Exception {
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
    void stream_timersOnTime_setsOneForEachTokenAtTheModelsPace(String model, long interval) throws Exception {
        Reception answer = complete(ask(model, "Hello", "\"max_tokens\": 20"));

        // The first token comes at once; the next nineteen, and the end, come at their times.
        assertThat(answer.deltas("content").size()
                        + answer.deltas("reasoning_content").size())
                .isEqualTo(20);
        assertThat(clock.delays()).hasSize(20).containsOnly(Duration.ofMillis(interval));
    }

    @Test
    void stream_timerLate_doesNotDelayTheTokensAfter() throws Exception {
        ask("sim/fast", "Hello", "");

        clock.fireNext(Duration.ofMillis(10));
        clock.fireNext(ON_TIME);
        clock.fireNext(ON_TIME);

        assertThat(clock.delays()).startsWith(Duration.ofMillis(25), Duration.ofMillis(15), Duration.ofMillis(25));
    }

    @Test
    void stream_farBehind_goesOnAtItsPaceWithoutCatchingUp() throws Exception {
        ask("sim/fast", "Hello", "");

        clock.fireNext(Duration.ofSeconds(10));
        clock.fireNext(ON_TIME);
        clock.fireNext(ON_TIME);

        assertThat(clock.delays()).startsWith(Duration.ofMillis(25), Duration.ofMillis(25), Duration.ofMillis(25));
    }

    @Test
    void stream_maxTokens_endsWithLength() throws Exception {
        Reception answer = complete(ask("sim/fast", "Hello", "\"max_completion_tokens\": 3"));

        assertThat(answer.deltas("content")).containsExactly("This", " is", " Sluice’s");
        assertThat(answer.finishReasons()).containsExactly("length");
        assertThat(answer.data()).last().isEqualTo("[DONE]");
    }

    @Test
    void stream_usageAskedFor_comesInALastChunkWithoutChoices() throws Exception {
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
    void completion_noStream_isOneObjectAfterOneDelay() throws Exception {
        Reception streamed = complete(ask("sim/reasoning", "Hello", ""));
        int timers = clock.delays().size();

        Reception answer = complete(send(body("sim/reasoning", "Hello", "\"stream\": false")));

        assertThat(answer.header(HttpHeader.CONTENT_TYPE)).isEqualTo("application/json");
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
    void reasoning_stream_thinksThenSendsEmptyDeltasThenAnswers() throws Exception {
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
    void long_stream_counts5000TokensInOrder() throws Exception {
        Reception answer = complete(ask("sim/long", "Hello", "\"max_tokens\": 7"));

        assertThat(answer.deltas("content").stream().map(String::strip))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 5_000)
                        .mapToObj(String::valueOf)
                        .toList());
        assertThat(answer.finishReasons()).containsExactly("stop");
    }

    @Test
    void endless_readerStops_standsStillThenGoesOnWithoutALoss() throws Exception {
        CompletableFuture<Content.Source> source = new CompletableFuture<>();
        Request request = request(body("sim/endless", "Hello", "\"stream\": true, \"max_tokens\": 1"));
        request.onResponseContentSource((response, content) -> source.complete(content))
                .send(result -> {});
        Content.Source content = source.get(10, TimeUnit.SECONDS);

        long stalled = awaitStandstill();
        // The pipe, and what the client reads ahead for the response's head.
        assertThat(stalled).as("bytes sent to a reader who takes nothing").isBetween(1L, 128L * 1024);

        String text = read(content, 1_000_000);
        assertThat(awaitStandstill()).as("bytes sent after the next stall").isBetween(1_000_000L, 1_128L * 1024);
        assertThat(numbers(text))
                .isEqualTo(
                        IntStream.rangeClosed(1, numbers(text).size()).boxed().toList());

        leave(request);
        assertThat(ManualClock.await(() -> simulator.traffic().open().get() == 0))
                .as("the aborted stream has ended")
                .isTrue();
    }

    @Test
    void silent_clientLeaves_saysNothingAndNoticesAtOnce() throws Exception {
        Request request = request(body("sim/silent", "Hello", "\"stream\": true"));
        Reception answer = new Reception();
        request.send(answer);
        assertThat(ManualClock.await(() -> simulator.traffic().open().get() == 1))
                .isTrue();

        leave(request);

        assertThat(answer.result().getResponse().getStatus()).as("status").isZero();
        assertThat(answer.bytes()).isEmpty();
        assertThat(ManualClock.await(() -> simulator.traffic().open().get() == 0))
                .as("the simulator has noticed")
                .isTrue();
    }

    @Test
    void stream_clientLeavesBetweenTokens_cancelsTheTimer() throws Exception {
        Request request = request(body("sim/slow", "Hello", "\"stream\": true"));
        request.send(result -> {});
        clock.fireNext(ON_TIME);
        assertThat(ManualClock.await(() -> clock.timers() == 1))
                .as("the next token's timer is set")
                .isTrue();

        leave(request);

        assertThat(ManualClock.await(() -> simulator.traffic().open().get() == 0))
                .as("the stream has ended")
                .isTrue();
        assertThat(clock.timers()).as("timers left").isZero();
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void dies_anyPrompt_breaksTheConnectionInTheMiddle(boolean stream) throws Exception {
        Reception answer = complete(send(body("sim/dies", "Hello", "\"stream\": " + stream)));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.result().getFailure()).as("the broken connection").isNotNull();
        if (stream) {
            assertThat(answer.text())
                    .contains("\"content\":\"This\"")
                    .endsWith("\"object\":\"chat.comp")
                    .doesNotContain("[DONE]");
        } else {
            assertThat(answer.text()).startsWith("{").doesNotEndWith("}");
        }
    }

    @ParameterizedTest
    @CsvSource({"sim/error-429, 429, rate_limit_exceeded, 7", "sim/error-500, 500, server_error, null"})
    void error_anyPrompt_isOpenAisShape(String model, int status, String code, String retryAfter) throws Exception {
        Reception answer = complete(ask(model, "Hello", ""));

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header(HttpHeader.RETRY_AFTER)).isEqualTo(retryAfter);
        assertThat(answer.json().at("/error/code").asString()).isEqualTo(code);
        assertThat(answer.json().at("/error/message").asString()).isNotBlank();
        assertThat(answer.json().at("/error/param").isNull()).isTrue();
    }

    @Test
    void errorIn200_anyPrompt_isXaisShape() throws Exception {
        Reception answer = complete(ask("sim/error-in-200", "Hello", ""));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header(HttpHeader.CONTENT_TYPE)).isEqualTo("application/json");
        assertThat(answer.json().path("code").isString()).isTrue();
        assertThat(answer.json().path("error").asString()).isEqualTo("Timed out waiting for first token");
    }

    @Test
    void garbage_stream_endsInWhatIsNoEvent() throws Exception {
        Reception answer = complete(ask("sim/garbage", "Hello", ""));

        assertThat(answer.result().getFailure()).as("HTTP itself is sound").isNull();
        assertThat(answer.text()).contains("\"content\":\"This\"", "data: this is no JSON\n\n");
        String bytes = new String(answer.bytes(), StandardCharsets.ISO_8859_1);
        assertThat(bytes).as("bytes that are no UTF-8").endsWith("\u00fd\u00fe\u00ff");
        assertThat(bytes).doesNotContain("[DONE]");
    }

    @Test
    void models_get_listsThem() throws Exception {
        Reception answer = complete(send(client.newRequest("http://simulator/v1/models")));

        assertThat(answer.json().path("object").asString()).isEqualTo("list");
        assertThat(answer.json().path("data").valueStream().map(model -> model.path("id")
                        .asString()))
                .containsExactlyElementsOf(Simulator.models())
                .contains("sim/fast", "sim/endless", "sim/error-in-200");
    }

    @Test
    void request_unknownModel_isA404ThatListsTheKnown() throws Exception {
        Reception answer = complete(ask("grok-4", "Hello", ""));

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().at("/error/code").asString()).isEqualTo("model_not_found");
        assertThat(answer.json().at("/error/message").asString()).contains(Simulator.models());
    }

    @Test
    void request_wrongPathOrMethod_is404Or405() throws Exception {
        Reception path = complete(send(client.POST("http://simulator/v1/embeddings")));
        Reception method = complete(send(client.newRequest(URL)));

        assertThat(path.status()).isEqualTo(404);
        assertThat(path.json().at("/error/type").asString()).isEqualTo("invalid_request_error");
        assertThat(method.status()).isEqualTo(405);
        assertThat(method.header(HttpHeader.ALLOW)).isEqualTo("POST");
    }

    @Test
    void request_longBody_flowsThroughTheBoundedPipe() throws Exception {
        Reception answer = complete(ask("sim/fast", "word ".repeat(1_000_000), "\"max_tokens\": 100"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.finishReasons()).containsExactly("length");
    }

    @Test
    void request_oneAfterAnother_shareAConnection() throws Exception {
        complete(ask("sim/fast", "Hello", "\"max_tokens\": 2"));
        complete(ask("sim/fast", "Hello", "\"max_tokens\": 2"));
        complete(ask("sim/error-500", "Hello", ""));

        assertThat(client.getDestinations())
                .singleElement()
                .extracting(
                        destination -> ((DuplexConnectionPool) destination.getConnectionPool()).getConnectionCount())
                .isEqualTo(1);
    }

    @Test
    void streams_many_holdNoThreadEach() throws Exception {
        List<Reception> answers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            answers.add(ask("sim/fast", "Hello " + i, ""));
        }
        assertThat(ManualClock.await(() -> clock.timers() == 200))
                .as("all wait for their next token")
                .isTrue();

        assertThat(ours()).as("threads").hasSizeLessThanOrEqualTo(4);

        clock.fireUntil(() -> answers.stream().allMatch(Reception::isOver));
        for (int i = 0; i < 200; i++) {
            assertThat(answers.get(i).content()).contains("> Hello " + i + "\n");
        }
        assertThat(ManualClock.await(() -> simulator.traffic().open().get() == 0))
                .as("all have ended")
                .isTrue();
    }

    @Test
    void close_openStreams_breaksThemOffAndLeavesNoThread() throws Exception {
        Reception slow = ask("sim/slow", "Hello", "");
        Reception silent = ask("sim/silent", "Hello", "");
        assertThat(ManualClock.await(() -> simulator.traffic().open().get() == 2))
                .isTrue();

        simulator.close();

        assertThat(slow.result().getFailure()).isNotNull();
        assertThat(silent.result().getFailure()).isNotNull();
        assertThat(simulator.traffic().open().get()).as("open streams").isZero();
        assertThat(clock.timers()).as("timers").isZero();
        assertThat(ours()).as("threads").isEmpty();
        assertThat(clock.isShutdown()).as("the shared clock was stopped").isFalse();
        assertThat(ask("sim/fast", "Hello", "").result().getFailure()).hasMessage("the simulator is not running");
    }

    private static List<String> ours() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("sluice-simulator"))
                .toList();
    }

    private Reception ask(String model, String prompt, String more) {
        return send(body(model, prompt, more.isEmpty() ? "\"stream\": true" : "\"stream\": true, " + more));
    }

    private static String body(String model, String prompt, String more) {
        String quoted = new JsonMapper().writeValueAsString(prompt);
        return "{\"model\": \"%s\", \"messages\": [{\"role\": \"user\", \"content\": %s}], %s}"
                .formatted(model, quoted, more);
    }

    private Reception send(String body) {
        return send(request(body));
    }

    private Reception send(Request request) {
        Reception reception = new Reception();
        request.transport(simulator.transport()).send(reception);
        return reception;
    }

    private Request request(String body) {
        return client.POST(URL)
                .transport(simulator.transport())
                .body(new StringRequestContent("application/json", body, UTF_8));
    }

    private static void leave(Request request) throws Exception {
        assertThat(request.abort(new CancellationException("enough")).get(10, TimeUnit.SECONDS))
                .as("the client has left before the end")
                .isTrue();
    }

    private Reception complete(Reception reception) throws InterruptedException {
        clock.fireUntil(reception::isOver);
        return reception;
    }

    /** Waits until no byte was sent for 200 ms, and says how many were by then. */
    private long awaitStandstill() throws InterruptedException {
        long[] seen = {-1, 0};
        assertThat(ManualClock.await(() -> {
                    long sent = simulator.traffic().sent().sum();
                    seen[1] = sent == seen[0] && sent > 0 ? seen[1] + 1 : 0;
                    seen[0] = sent;
                    return seen[1] == 40;
                }))
                .as("bytes sent stand still")
                .isTrue();
        return seen[0];
    }

    private static String read(Content.Source content, int bytes) throws Exception {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        while (text.size() < bytes) {
            Content.Chunk chunk = content.read();
            if (chunk == null) {
                CompletableFuture<Boolean> there = new CompletableFuture<>();
                content.demand(() -> there.complete(true));
                there.get(10, TimeUnit.SECONDS);
                continue;
            }
            assertThat(chunk.getFailure()).isNull();
            ByteBuffer buffer = chunk.getByteBuffer();
            byte[] copy = new byte[buffer.remaining()];
            buffer.get(copy);
            text.writeBytes(copy);
            chunk.release();
        }
        return text.toString(UTF_8);
    }

    private static List<Integer> numbers(String events) {
        return NUMBER.matcher(events)
                .results()
                .map(number -> Integer.valueOf(number.group(1)))
                .toList();
    }
}
