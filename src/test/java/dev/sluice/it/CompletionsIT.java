package dev.sluice.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code /v1/chat/completions} on the wire: requests and events that pass, those that do not, and failures. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class CompletionsIT {
    private static final String KEY = "sk-the-secret-of-this-test";
    private static final String ASKED =
            "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    private static final String ASKED_WITH_USAGE =
            ASKED.replace("\"stream\":true", "\"stream\":true,\"stream_options\":{\"include_usage\":true}");
    private static final String ASKED_WHOLE = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    private static final String WHOLE =
            "{\"id\":\"c1\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":"
                    + "{\"role\":\"assistant\",\"content\":\"hello\"},\"finish_reason\":\"stop\"}],\"usage\":{\"total_tokens\":9}}";

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    CompletionsIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start();
        container = kind.start(Launch.at(upstream.url())
                .option("-Xmx128m")
                .with("sluice.upstream.key", KEY)
                .with("sluice.heartbeat", "500ms")
                .with("sluice.retry.attempts", "1")
                .with("sluice.models.*", "default/*")
                .with("sluice.models.lax", "lax/m")
                .with("sluice.upstreams.lax.url", upstream.url().toString())
                .with("sluice.upstreams.lax.finish-reason", "optional")
                .with("sluice.models.chatty", "chatty/m")
                .with("sluice.upstreams.chatty.url", upstream.url().toString())
                .with("sluice.upstreams.chatty.token-timeout", "1s")
                .with("sluice.models.hasty", "hasty/m")
                .with("sluice.upstreams.hasty.url", upstream.url().toString())
                .with("sluice.upstreams.hasty.idle-timeout", "1s"));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        String log = container.process().log();
        container.close();
        upstream.close();
        assertThat(log).as("the log").doesNotContain(KEY);
    }

    // ---- Events.

    static List<Path> captures() throws IOException, URISyntaxException {
        return CapturesIT.streams();
    }

    @ParameterizedTest
    @MethodSource("captures")
    void capture_streamed_comesOutByteForByte(Path file) throws IOException {
        String sent = Files.readString(file, ISO_8859_1);
        for (UnaryOperator<String> lineEnds : List.<UnaryOperator<String>>of(s -> s, s -> s.replace("\n", "\r\n"))) {
            byte[] body = lineEnds.apply(sent).getBytes(ISO_8859_1);
            for (int cut : new int[] {body.length, 1, 7, 1000}) {
                upstream.script(Scripts.recorded(body, cut));
                try (RawClient client = RawClient.completions(container.base(), ASKED_WITH_USAGE)) {
                    assertThat(client.keepBytes().bytes())
                            .as("cut every %d bytes", cut)
                            .isEqualTo(new String(body, ISO_8859_1));
                    assertThat(client.end()).isEqualTo(Answer.End.CLEAN);
                }
            }
        }
        container.awaitIdle();
    }

    @Test
    void head_ofAStream_isWhatProxiesNeed() throws IOException {
        upstream.script(Scripts.flood(1));
        try (RawClient client = RawClient.completions(container.base(), ASKED)) {
            HttpHead head = client.head();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.first("Content-Type")).hasValue("text/event-stream;charset=utf-8");
            assertThat(head.first("Cache-Control")).hasValue("no-cache, no-transform");
            assertThat(head.first("X-Accel-Buffering")).hasValue("no");
        }
    }

    @Test
    void event_whole_arrivesBeforeTheNextIsSent() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient client = RawClient.completions(container.base(), ASKED)) {
            Exchange exchange = upstream.next().stream();
            for (int i = 0; i < 20; i++) {
                exchange.token("token " + i);
                assertThat(client.nextEvent().data()).contains("\"token " + i + "\"");
            }
            exchange.finish();
            assertThat(client.rest().end()).isEqualTo(Answer.End.CLEAN);
        }
    }

    @Test
    void silence_isFilledWithCommentsThatBreakNoEvent() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient client = RawClient.completions(container.base(), ASKED)) {
            Exchange exchange = upstream.next();
            client.awaitComments(1); // before the provider has said anything
            exchange.stream().chunk("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a");
            client.awaitComments(2);
            exchange.chunk("b\"}}]}\n\n");
            assertThat(client.nextEvent().data()).endsWith("\"ab\"}}]}");
            exchange.finish();
            client.rest();
            assertThat(client.ids()).isZero();
        }
    }

    // ---- Usage.

    @Test
    void usage_notAskedFor_isAskedUpstreamAndKeptBack() throws IOException {
        container.awaitIdle();
        UsageLines lines = UsageLines.after(container);
        upstream.script(exchange -> {
            exchange.stream().chunk(Completion.token("a") + Completion.usage(3, 5));
            exchange.finish();
        });
        try (RawClient client = RawClient.completions(container.base(), ASKED)) {
            assertThat(client.keepBytes().bytes())
                    .isEqualTo(Completion.token("a") + Completion.finish("stop") + Completion.DONE);
        }
        assertThat(upstream.next().json().at("/stream_options/include_usage").asBoolean())
                .isTrue();
        assertThat(line("whole", lines).at("/tokens/completion").asInt()).isEqualTo(5);
    }

    @Test
    void usage_askedFor_passes() throws IOException {
        upstream.script(exchange -> {
            exchange.stream().chunk(Completion.token("a") + Completion.usage(3, 5));
            exchange.finish();
        });
        try (RawClient client = RawClient.completions(container.base(), ASKED_WITH_USAGE)) {
            assertThat(client.keepBytes().bytes()).contains(Completion.usage(3, 5));
        }
    }

    @Test
    void usage_notAskedForBesideMore_isTakenOutOfItsEvent() throws IOException {
        String more = ",\"timings\":{\"predicted_n\":5},\"citations\":[\"https://a.example\"]}\n\n";
        upstream.script(exchange -> {
            exchange.stream()
                    .chunk(Completion.token("a") + Completion.usage(3, 5).replace("}\n\n", more));
            exchange.finish();
        });
        try (RawClient client = RawClient.completions(container.base(), ASKED)) {
            assertThat(client.keepBytes().bytes())
                    .contains("\"choices\":[]" + more)
                    .doesNotContain("usage");
        }
    }

    // ---- Ends.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "data: {\"detail\":\"overloaded\"}\n\n",
                "data: {\"error_type\":\"overload\",\"error_message\":\"overloaded\"}\n\n",
                "data: {\"code\":503,\"message\":\"overloaded\"}\n\n",
                "data: [{\"error\":{\"message\":\"overloaded\"}}]\n\n",
                "error: {\"message\":\"overloaded\"}\n\n",
                "{\"error\":{\"message\":\"overloaded\"}}\n",
                "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"\"}]}\n\n",
            })
    void doneMark_withoutAFinishReason_passesAndIsToldAsUnfinished(String before) throws IOException {
        container.awaitIdle();
        UsageLines lines = UsageLines.after(container);
        double counted = container.number("sluice_streams_ended_total{outcome=\"unfinished\"}");
        String all = Completion.token("a") + before + Completion.DONE;
        upstream.script(Scripts.recorded(Scripts.utf8(all)));
        try (RawClient client = RawClient.completions(container.base(), ASKED)) {
            assertThat(client.keepBytes().bytes()).isEqualTo(all);
            assertThat(client.end()).isEqualTo(Answer.End.CLEAN);
        }
        assertThat(line("unfinished", lines).get("error").asString()).isEqualTo("unfinished");
        assertThat(container.number("sluice_streams_ended_total{outcome=\"unfinished\"}"))
                .isEqualTo(counted + 1);
    }

    @Test
    void doneMark_ofAnUpstreamThatNeverSaysWhy_isWhole() throws IOException {
        container.awaitIdle();
        UsageLines lines = UsageLines.after(container);
        upstream.script(Scripts.recorded(Scripts.utf8(Completion.token("a") + Completion.DONE)));
        try (RawClient client = RawClient.completions(container.base(), ASKED.replace("\"m\"", "\"lax\""))) {
            client.rest();
        }
        assertThat(lines.first().get("outcome").asString()).isEqualTo("whole");
    }

    @Test
    void choice_askedForThatNeverBegan_isToldAsUnfinished() throws IOException {
        container.awaitIdle();
        UsageLines lines = UsageLines.after(container);
        upstream.script(Scripts.flood(1));
        try (RawClient client =
                RawClient.completions(container.base(), ASKED.replace("\"stream\"", "\"n\":2,\"stream\""))) {
            assertThat(client.rest().end()).isEqualTo(Answer.End.CLEAN);
        }
        line("unfinished", lines);
    }

    @Test
    void flatError_asTheFirstEvent_isAStatus() throws IOException {
        upstream.script(Scripts.recorded(
                Scripts.utf8("data: {\"code\":\"busy\",\"message\":\"overloaded\"}\n\n" + Completion.DONE)));
        try (RawClient client = RawClient.completions(container.base(), ASKED)) {
            assertThat(client.status()).isEqualTo(502);
            assertThat(client.body()).contains("overloaded");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ": ping\n\n"})
    void end_thatNeverComesAfterEveryFinishReason_isWholeAllTheSame(String comment) throws IOException {
        container.awaitIdle();
        UsageLines lines = UsageLines.after(container);
        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient client = RawClient.completions(container.base(), ASKED)) {
            Exchange exchange = upstream.next().stream();
            exchange.chunk(Completion.token("a") + Completion.finish("stop"));
            client.keepBytes().nextEvent();
            if (!comment.isEmpty()) {
                exchange.chunk(comment);
            }
            assertThat(client.bytes()).isEqualTo(Completion.token("a") + Completion.finish("stop") + comment);
            assertThat(client.end()).isEqualTo(Answer.End.CLEAN);
            exchange.awaitClosed(RawClient.PATIENCE);
        }
        line("whole", lines);
    }

    @Test
    void comments_withoutAnotherToken_endByAClockOfTheirOwn() throws IOException {
        upstream.script(exchange -> {
            exchange.stream().token("a");
            while (!exchange.closed().isDone()) {
                exchange.chunk(": " + "x".repeat(1000) + "\n\n");
            }
        });
        try (RawClient client = RawClient.completions(container.base(), ASKED.replace("\"m\"", "\"chatty\""))) {
            Answer answer = client.rest();
            assertThat(Json.read(answer.last().data()).at("/error/code").asString())
                    .isEqualTo("token_timeout");
            assertThat(answer.end()).isEqualTo(Answer.End.BROKEN);
        }
        container.awaitIdle();
    }

    @Test
    void event_longerThanAllowed_passesInPieces() throws IOException {
        String image =
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"images\":[\"" + "A".repeat(3 << 20) + "\"]}}]}\n\n";
        String all = Completion.token("a") + image + Completion.finish("stop") + Completion.DONE;
        for (int cut : new int[] {all.length(), 10_000}) {
            upstream.script(Scripts.recorded(Scripts.utf8(all), cut));
            try (RawClient client = RawClient.completions(container.base(), ASKED)) {
                assertThat(client.keepBytes().bytes().equals(all))
                        .as("all of it, cut every %d bytes", cut)
                        .isTrue();
                assertThat(client.end()).isEqualTo(Answer.End.CLEAN);
            }
        }
    }

    @Test
    void event_longerThanAllowed_isPassedOnWhileItComes() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        String begun = "data: {\"x\":\"" + "A".repeat(2 << 20);
        try (RawClient client = RawClient.completions(container.base(), ASKED)) {
            Exchange exchange = upstream.next().stream();
            exchange.chunk(begun);
            client.keepBytes().take(begun.length());
            assertThat(container.number("sluice_held_bytes")).isLessThan(64 * 1024);
            exchange.chunk("\"}\n\n").finish();
            assertThat(client.bytes().equals(begun + "\"}\n\n" + Completion.finish("stop") + Completion.DONE))
                    .isTrue();
        }
    }

    // ---- Requests.

    @Test
    void request_passesAsItCameButForUsage() throws IOException {
        upstream.script(Scripts.answer(200, WHOLE));
        String odd =
                "{ \"vendor\" : {\"x\":[1e5,\"\\u00e9é🙂\"]},\n\"model\":\"m\",\t\"tools\":[{\"type\":\"function\"}],"
                        + "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AA==\"}}]}],"
                        + "\"seed\":1,\"n\":2,\"response_format\":{\"type\":\"json_object\"} }";
        try (RawClient client = RawClient.completions(container.base(), odd)) {
            assertThat(client.body()).isEqualTo(WHOLE);
        }
        assertThat(upstream.next().body()).isEqualTo(odd);
    }

    @Test
    void headers_ofTheList_passBothWaysAndNoOthers() throws IOException {
        upstream.script(Scripts.answer(
                200,
                WHOLE,
                "x-request-id: up-1",
                "X-RateLimit-Remaining-Tokens: 17",
                "openai-processing-ms: 12",
                "Set-Cookie: a=b",
                "Server: provider",
                "x-ratelimit-secret: " + KEY));
        try (RawClient client = RawClient.completions(
                container.base(),
                ASKED_WHOLE,
                "Authorization: Bearer client-key",
                "Idempotency-Key: i-1",
                "X-Request-Id: r-1",
                "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "tracestate: a=1",
                "Cookie: c=d",
                "OpenAI-Organization: o",
                "X-Other: x")) {
            HttpHead down = client.head();
            assertThat(down.first("x-request-id")).hasValue("up-1");
            assertThat(down.first("x-ratelimit-remaining-tokens")).hasValue("17");
            assertThat(down.first("openai-processing-ms")).hasValue("12");
            assertThat(down.headers()).doesNotContainKeys("set-cookie", "x-ratelimit-secret");
            assertThat(down.first("Server")).isNotEqualTo(Optional.of("provider"));
            client.body();
        }
        HttpHead up = upstream.next().head();
        assertThat(up.first("Authorization")).hasValue("Bearer " + KEY);
        assertThat(up.first("Idempotency-Key")).hasValue("i-1");
        assertThat(up.first("X-Request-Id")).hasValue("r-1");
        assertThat(up.first("traceparent")).hasValue("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        assertThat(up.first("tracestate")).hasValue("a=1");
        assertThat(up.headers()).doesNotContainKeys("cookie", "openai-organization", "x-other");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"model\":\"m\"           | malformed_json",
                "[]                         | malformed_json",
                "{\"model\":7}              | invalid_value",
                "{\"stream\":\"yes\"}       | invalid_value",
                "{\"stream_options\":true}  | invalid_value",
            })
    void request_thatIsWrong_is400(String body, String code) throws IOException {
        try (RawClient client = RawClient.completions(container.base(), body)) {
            assertThat(client.status()).isEqualTo(400);
            JsonNode error = Json.read(client.body()).get("error");
            assertThat(error.get("code").asString()).isEqualTo(code);
            assertThat(error.get("type").asString()).isEqualTo("invalid_request_error");
        }
        container.awaitIdle();
    }

    @Test
    void request_ofAnotherTypeOrMethodOrPath_isRefused() throws IOException {
        try (RawClient client = RawClient.connect(container.base())) {
            client.begin("POST", "/v1/chat/completions", "Content-Type: text/plain", "Content-Length: 2")
                    .send(Scripts.utf8("hi"));
            assertThat(client.status()).isEqualTo(415);
        }
        try (RawClient client = RawClient.connect(container.base()).get("/v1/chat/completions")) {
            assertThat(client.status()).isEqualTo(405);
            assertThat(client.head().first("Allow")).hasValue("POST");
        }
        try (RawClient client = RawClient.connect(container.base()).post("/v1/images/generations", "{}")) {
            assertThat(client.status()).isEqualTo(404);
            assertThat(Json.read(client.body()).at("/error/code").asString()).isEqualTo("not_found");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/chat/completions, gzip, \"gzip\"",
        "/v1/chat/completions, 'identity, br', \"br\"",
        "/v1/chat/completions, <script>, unknown name",
        "/chat, zstd, \"zstd\""
    })
    void request_thatIsCompressed_is415ThatNamesTheCoding(String path, String coding, String named) throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        int before = upstream.acceptedConnections();
        byte[] compressed = Scripts.gzip(ASKED);
        try (RawClient client = RawClient.connect(container.base())) {
            client.begin(
                            "POST",
                            path,
                            "Content-Type: application/json",
                            "Content-Encoding: " + coding,
                            "Content-Length: " + compressed.length)
                    .send(compressed);
            assertThat(client.status()).isEqualTo(415);
            assertThat(client.head().first("Accept-Encoding")).hasValue("identity");
            JsonNode error = Json.read(client.body()).get("error");
            assertThat(error.get("code").asString()).isEqualTo("unsupported_encoding");
            assertThat(error.get("message").asString()).contains(named).doesNotContain("<");
        }
        assertThat(upstream.acceptedConnections()).as("calls").isEqualTo(before);
        upstream.script(Scripts.answer(200, WHOLE));
        try (RawClient client = RawClient.completions(container.base(), ASKED_WHOLE, "Content-Encoding: identity")) {
            assertThat(client.body()).isEqualTo(WHOLE);
        }
    }

    @Test
    void body_large_passesAndIsLetGoWhenTheAnswerBegins() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        String image = "A".repeat(20 << 20);
        String asked = ASKED.replace("\"hi\"", "\"" + image + "\"");
        try (RawClient client = RawClient.completions(container.base(), asked)) {
            Exchange exchange = upstream.next();
            assertThat(container.number("sluice_request_bodies_bytes"))
                    .as("held until an answer comes")
                    .isBetween(20.0 * (1 << 20), 41.0 * (1 << 20));
            exchange.stream().token("a");
            client.nextEvent();
            Eventually.until(
                    "the body is let go",
                    RawClient.PATIENCE,
                    () -> container.number("sluice_request_bodies_bytes") == 0);
            assertThat(exchange.body().length()).isGreaterThan(20 << 20);
            exchange.finish();
            client.rest();
        }
    }

    @Test
    void bodies_ofManyStreams_areNoLongerInTheHeapOnceTheirAnswersHaveBegun() throws IOException {
        CountDownLatch gate = new CountDownLatch(1);
        upstream.script(Scripts.gated(gate, 2));
        String asked = ASKED.replace("\"hi\"", "\"" + "A".repeat(16 << 20) + "\"");
        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 12; i++) { // 192 MiB, in a heap of 128
                RawClient client = RawClient.completions(container.base(), asked);
                clients.add(client);
                client.nextEvent();
            }
            gate.countDown();
            for (RawClient client : clients) {
                assertThat(client.rest().end()).isEqualTo(Answer.End.CLEAN);
            }
        } finally {
            gate.countDown();
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    // ---- One JSON answer.

    @Test
    void answer_notStreamed_passesAsItIs() throws IOException {
        container.awaitIdle();
        UsageLines lines = UsageLines.after(container);
        upstream.script(Scripts.answer(200, WHOLE));
        try (RawClient client = RawClient.completions(container.base(), ASKED_WHOLE)) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.head().first("Content-Type").orElse("")).startsWith("application/json");
            assertThat(client.head().first("Content-Length")).hasValue(Integer.toString(WHOLE.length()));
            assertThat(client.body()).isEqualTo(WHOLE);
        }
        assertThat(upstream.next().body()).isEqualTo(ASKED_WHOLE);
        assertThat(line("whole", lines).at("/tokens/total").asInt()).isEqualTo(9);
        container.awaitIdle();
    }

    @Test
    void answer_withStatus201_isAnAnswer() throws IOException {
        upstream.script(Scripts.answer(201, WHOLE));
        try (RawClient client = RawClient.completions(container.base(), ASKED_WHOLE)) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.body()).isEqualTo(WHOLE);
        }
        String events = Completion.token("a") + Completion.finish("stop") + Completion.DONE;
        upstream.script(exchange -> exchange.answer(201, "text/event-stream", events));
        try (RawClient client = RawClient.completions(container.base(), ASKED)) {
            assertThat(client.keepBytes().bytes()).isEqualTo(events);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"error\":{}", "\"error\":{\"code\":0,\"message\":\"\"}", "\"code\":0,\"message\":\"\""})
    void errorThatSaysNothing_besideAnAnswer_isNone(String member) throws IOException {
        String answer = "{" + member + "," + WHOLE.substring(1);
        upstream.script(Scripts.answer(200, answer));
        try (RawClient client = RawClient.completions(container.base(), ASKED_WHOLE)) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.body()).isEqualTo(answer);
        }
    }

    @Test
    void answer_notStreamedThatOpensLikeAnError_hasItsHeadAllTheSame() throws IOException {
        String odd = "{\"status\":\"" + "x".repeat(40_000) + "\",\"choices\":[]}";
        upstream.script(Scripts.answer(200, odd));
        try (RawClient client = RawClient.completions(container.base(), ASKED_WHOLE)) {
            assertThat(client.head().first("Content-Type").orElse("")).startsWith("application/json");
            assertThat(client.body()).isEqualTo(odd);
        }
    }

    @Test
    void answer_notStreamed_comesInThePiecesInWhichItIsSent() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient client = RawClient.completions(container.base(), ASKED_WHOLE)) {
            Exchange exchange = upstream.next();
            exchange.raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int at = 0; at < WHOLE.length(); at += 20) {
                int to = Math.min(WHOLE.length(), at + 20);
                exchange.chunk(WHOLE.substring(at, to));
                assertThat(client.beginning(to)).isEqualTo(WHOLE.substring(0, to));
            }
            exchange.end();
            assertThat(client.body()).isEqualTo(WHOLE);
            assertThat(client.end()).isEqualTo(Answer.End.CLEAN);
        }
    }

    @Test
    void answer_notStreamedBehindBlankLines_hasThemPassAtOnce() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient client = RawClient.completions(container.base(), ASKED_WHOLE)) {
            Exchange exchange = upstream.next();
            exchange.raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int line = 1; line <= 3; line++) {
                exchange.chunk("\n");
                assertThat(client.beginning(line)).isEqualTo("\n".repeat(line));
            }
            exchange.chunk(WHOLE).end();
            assertThat(client.body()).isEqualTo("\n\n\n" + WHOLE);
            assertThat(client.end()).isEqualTo(Answer.End.CLEAN);
        }
    }

    @Test
    void answer_notStreamedAndCutShort_isNoWholeOne() throws IOException {
        upstream.script(exchange -> {
            exchange.raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
            exchange.chunk(WHOLE.substring(0, 40)).close();
        });
        try (RawClient client = RawClient.completions(container.base(), ASKED_WHOLE)) {
            assertThat(client.body()).isEqualTo(WHOLE.substring(0, 40));
            assertThat(client.end()).isEqualTo(Answer.End.BROKEN);
        }
        container.awaitIdle();
    }

    @Test
    void answer_notStreamedThatEndsProperlyButInTheMiddle_isNoWholeOne() throws IOException {
        upstream.script(exchange -> {
            exchange.raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
            exchange.chunk(WHOLE.substring(0, 40)).end();
        });
        try (RawClient client = RawClient.completions(container.base(), ASKED_WHOLE)) {
            client.body();
            assertThat(client.end()).isEqualTo(Answer.End.BROKEN);
        }
    }

    @Test
    void client_leavesInTheMiddleOfAJsonAnswer_cancelsTheCall() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        Exchange exchange;
        try (RawClient client = RawClient.completions(container.base(), ASKED_WHOLE)) {
            exchange = upstream.next();
            exchange.raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
            exchange.chunk("{\"id\":\"c1\",\"choices\":[");
            client.beginning(5);
            client.reset();
        }
        Exchange writing = exchange;
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            try {
                while (!writing.closed().isDone()) {
                    writing.chunk(" ");
                }
            } catch (IOException closed) {
                // Expected.
            }
        });
        exchange.awaitClosed(RawClient.PATIENCE);
        writer.join();
        container.awaitIdle();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"code\":\"Internal\",\"error\":\"Timed out waiting for first token\"}",
                "{\"error\":{\"message\":\"Timed out waiting for first token\"}}",
                "{\"object\":\"error\",\"message\":\"Timed out waiting for first token\"}"
            })
    void answer_thatIsAnErrorWithStatus200_is502(String error) throws IOException {
        for (String asked : List.of(ASKED_WHOLE, ASKED)) {
            upstream.script(Scripts.answer(200, error));
            try (RawClient client = RawClient.completions(container.base(), asked)) {
                assertThat(client.status()).isEqualTo(502);
                assertThat(client.body()).contains("Timed out waiting for first token");
            }
        }
    }

    // ---- Failures.

    @ParameterizedTest
    @CsvSource({"400, 400", "404, 404", "422, 422", "429, 429", "401, 502", "403, 502", "500, 502", "503, 502"})
    void status_ofTheUpstream_isTheContracts(int theirs, int ours) throws IOException {
        for (String asked : List.of(ASKED, ASKED_WHOLE)) {
            upstream.script(Scripts.answer(
                    theirs,
                    "{\"error\":{\"message\":\"no such thing\",\"type\":\"t\",\"param\":\"messages\",\"code\":\"c_1\"}}",
                    "Retry-After: 7",
                    "x-request-id: up-2"));
            try (RawClient client = RawClient.completions(container.base(), asked)) {
                assertThat(client.status()).isEqualTo(ours);
                assertThat(client.head().first("Retry-After")).hasValue("7");
                assertThat(client.head().first("x-request-id")).hasValue("up-2");
                JsonNode error = Json.read(client.body()).get("error");
                assertThat(error.propertyNames()).containsExactlyInAnyOrder("message", "type", "param", "code");
            }
        }
    }

    @Test
    void error_ofTheUpstreamInTheStream_passesAndNothingBehindIt() throws IOException {
        container.awaitIdle();
        UsageLines lines = UsageLines.after(container);
        String error = "event: error\r\ndata: {\"error\":{\"message\":\"overloaded\",\"code\":null}}\r\n\r\n";
        upstream.script(exchange -> {
            exchange.stream().token("a");
            exchange.chunk(error + Completion.token("b")).end();
        });
        try (RawClient client = RawClient.completions(container.base(), ASKED)) {
            assertThat(client.keepBytes().bytes()).isEqualTo(Completion.token("a") + error);
            assertThat(client.end()).isEqualTo(Answer.End.BROKEN);
        }
        assertThat(line("broken_off", lines).at("/tokens/partial").asBoolean()).isTrue();
    }

    @Test
    void error_ofTheUpstreamAsTheFirstEvent_isAStatus() throws IOException {
        upstream.script(exchange -> {
            exchange.stream().event("{\"error\":{\"message\":\"overloaded\"}}");
            exchange.end();
        });
        try (RawClient client = RawClient.completions(container.base(), ASKED)) {
            assertThat(client.status()).isEqualTo(502);
            assertThat(client.body()).contains("overloaded");
        }
    }

    @Test
    void stream_thatDies_endsWithOneErrorAndNoDone() throws IOException {
        upstream.script(exchange -> {
            exchange.stream().token("a");
            exchange.chunk("data: {\"choi").abort();
        });
        try (RawClient client = RawClient.completions(container.base(), ASKED)) {
            String bytes = client.keepBytes().bytes();
            assertThat(bytes).startsWith(Completion.token("a") + "data: {\"error\":{\"message\":\"");
            assertThat(bytes.split("data: ", -1)).as("events").hasSize(3);
            JsonNode error =
                    Json.read(bytes.substring(bytes.lastIndexOf("data: ") + 6)).get("error");
            assertThat(error.propertyNames()).containsExactlyInAnyOrder("message", "type", "param", "code");
            assertThat(client.end()).isEqualTo(Answer.End.BROKEN);
        }
        container.awaitIdle();
    }

    @Test
    void stream_thatFallsSilent_endsWithATimeout() throws IOException {
        upstream.script(exchange -> exchange.stream().token("a"));
        try (RawClient client = RawClient.completions(container.base(), ASKED.replace("\"m\"", "\"hasty\""))) {
            Answer answer = client.rest();
            assertThat(Json.read(answer.last().data()).at("/error/type").asString())
                    .isEqualTo("timeout");
            assertThat(answer.end()).isEqualTo(Answer.End.BROKEN);
        }
    }

    @ParameterizedTest
    @EnumSource(Leave.class)
    void client_thatLeaves_cancelsTheCall(Leave how) throws IOException {
        container.awaitIdle();
        UsageLines lines = UsageLines.after(container);
        upstream.script(exchange -> exchange.stream().token("a"));
        try (RawClient client = RawClient.completions(container.base(), ASKED)) {
            client.nextEvent();
            how.leave(client);
        }
        upstream.next().awaitClosed(RawClient.PATIENCE);
        assertThat(line("client_gone", lines).at("/tokens/output").asInt()).isEqualTo(1);
        container.awaitIdle();
    }

    private static JsonNode line(String outcome, UsageLines lines) {
        JsonNode line = lines.first();
        assertThat(line.get("outcome").asString()).as("outcome").isEqualTo(outcome);
        assertThat(line.get("upstream").asString()).isEqualTo("default");
        assertThat(line.get("model").asString()).isEqualTo("m");
        assertThat(line.get("attempts").asInt()).isEqualTo(1);
        return line;
    }
}
