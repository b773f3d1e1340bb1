package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults of the upstream: the client gets the documented error, and never a {@code done} for an incomplete answer. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class UpstreamFaultsIT {
    private static final String KEY = "sk-the-secret-of-this-test";

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    /** The upstream's side of {@link #afterOneToken()}. */
    @SuppressWarnings("NullAway.Init")
    private Exchange exchange;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    UpstreamFaultsIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start();
        container = kind.start(Launch.at(upstream.url())
                .with("sluice.upstream.key", KEY)
                .with("sluice.retry.attempts", "1")
                .with("sluice.upstream.first-token-timeout", "1s")
                .with("sluice.upstream.idle-timeout", "1s"));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        String log = container.process().log();
        container.close();
        upstream.close();
        assertThat(log).as("the log").doesNotContain(KEY);
    }

    private enum Death {
        FIN,
        RST;

        void of(Exchange exchange) {
            if (this == FIN) {
                exchange.close();
            } else {
                exchange.abort();
            }
        }
    }

    // After the first token.

    @ParameterizedTest
    @EnumSource(Death.class)
    void upstream_diesMidEvent_isAnError(Death death) throws IOException {
        try (RawClient client = afterOneToken()) {
            exchange.chunk("data: {\"choices\":[{\"index\":0,\"delta\":{\"conte");
            death.of(exchange);
            assertBroken(client, "upstream_error");
        }
    }

    @ParameterizedTest
    @EnumSource(Death.class)
    void upstream_diesBetweenEvents_isAnError(Death death) throws IOException {
        try (RawClient client = afterOneToken()) {
            death.of(exchange);
            assertBroken(client, "upstream_error");
        }
    }

    @Test
    void upstream_endsCleanlyWithoutFinishReason_isAnError() throws IOException {
        try (RawClient client = afterOneToken()) {
            exchange.end();
            assertBroken(client, "upstream_error");
        }
    }

    @Test
    void upstream_diesAfterFinishReason_isAnError() throws IOException {
        try (RawClient client = afterOneToken()) {
            exchange.chunk(Completion.finish("stop")).abort();
            assertBroken(client, "upstream_error");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: {\"choices\":[{\"index\":0,\"del\n\n",
                "data: <html>no</html>\n\n",
                "data: [1,2\n\n",
                "data: \"text\"\n\n"
            })
    void upstream_sendsGarbageEvent_isAnError(String garbage) throws IOException {
        try (RawClient client = afterOneToken()) {
            exchange.chunk(garbage);
            assertBroken(client, "upstream_error");
        }
    }

    @Test
    void upstream_breaksItsChunking_isAnError() throws IOException {
        try (RawClient client = afterOneToken()) {
            exchange.raw("zzz\r\nno chunk\r\n");
            assertBroken(client, "upstream_error");
        }
    }

    @Test
    void upstream_sendsTenMebibyteLine_isAnErrorWithoutGrowth() throws IOException {
        try (RawClient client = afterOneToken()) {
            // In a thread of its own, which a server that neither reads nor closes would block.
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> tenMebibytes(exchange));
            assertBroken(client, "upstream_error");
            writing.join();
        }
    }

    @Test
    void upstream_reportsAnErrorInTheStream_isThatError() throws IOException {
        try (RawClient client = afterOneToken()) {
            exchange.event("{\"error\":{\"message\":\"overloaded today\",\"type\":\"server_error\",\"code\":null}}");
            SseEvent error = assertBroken(client, null);
            assertThat(Json.read(error.data()).at("/error/message").asString()).contains("overloaded today");
        }
    }

    @Test
    void upstream_stopsInTheMiddle_isATimeout() throws IOException {
        try (RawClient client = afterOneToken()) {
            assertBroken(client, "timeout");
            exchange.awaitClosed(RawClient.PATIENCE);
        }
    }

    @Test
    void upstream_saysDoneWithoutAFinishReason_isUnfinished() throws IOException {
        try (RawClient client = afterOneToken()) {
            exchange.chunk(Completion.DONE).end();
            SseEvent error = assertBroken(client, "upstream_error");
            assertThat(Json.read(error.data()).at("/error/code").asString()).isEqualTo("unfinished");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: {\"detail\":\"overloaded today\"}\n\n",
                "data: {\"error_type\":\"t\",\"error_message\":\"overloaded today\"}\n\n",
                "data: {\"code\":503,\"message\":\"overloaded today\"}\n\n",
                "data: [{\"error\":{\"message\":\"overloaded today\"}}]\n\n",
                "error: overloaded today\n\n",
                "{\"error\":{\"message\":\"overloaded today\"}}\n",
                "event: error\ndata: overloaded today\n\n",
                "data: {\"choices\":[{\"index\":0,\"delta\":{},\"error\":{\"message\":\"overloaded today\"}}]}\n\n",
            })
    void upstream_complainsAndSaysDone_isThatComplaint(String complaint) throws IOException {
        try (RawClient client = afterOneToken()) {
            exchange.chunk(complaint + Completion.DONE);
            SseEvent error = assertBroken(client, null);
            assertThat(Json.read(error.data()).at("/error/message").asString()).contains("overloaded today");
        }
    }

    @Test
    void upstream_callsATool_isAnErrorThatPointsElsewhere() throws IOException {
        try (RawClient client = afterOneToken()) {
            exchange.event("{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\","
                    + "\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}}]}");
            SseEvent error = assertBroken(client, null);
            assertThat(error.data()).contains("/v1");
        }
    }

    // Before the first token.

    @ParameterizedTest
    @EnumSource(Death.class)
    void upstream_diesBeforeItsHead_is502(Death death) throws IOException {
        upstream.script(death::of);
        assertStatus(502, "upstream_error");
    }

    @ParameterizedTest
    @EnumSource(Death.class)
    void upstream_diesBeforeItsFirstToken_is502(Death death) throws IOException {
        upstream.script(exchange -> death.of(exchange.stream()));
        assertStatus(502, "upstream_error");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH_9.2\r\n",
                "HTTP/1.1 2x0 Odd\r\n\r\n",
                "\u0000\u0001\u0002\u0003\r\n\r\n",
                "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"
            })
    void upstream_speaksNoHttp_is502(String garbage) throws IOException {
        upstream.script(exchange -> exchange.raw(garbage).close());
        assertStatus(502, "upstream_error");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "a:b\r\n"})
    void upstream_sendsAnEndlessHead_is502ThatSaysSo(String piece) throws IOException {
        String pieces = piece.repeat(16 * 1024);
        upstream.script(exchange -> {
            exchange.raw("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Long: ");
            for (int i = 0; i < 4096; i++) {
                exchange.raw(pieces);
            }
        });
        try (RawClient client = RawClient.chat(container.base(), "fail")) {
            assertThat(client.status()).isEqualTo(502);
            assertThat(Json.read(client.body()).at("/error/code").asString()).isEqualTo("head_too_large");
        }
        upstream.next().awaitClosed(RawClient.PATIENCE);
    }

    @ParameterizedTest
    @CsvSource({"429, 429", "400, 400", "404, 404", "413, 413", "402, 402", "503, 502"})
    void upstream_reportsAnErrorWith200_isTheStatusOfItsCode(int code, int ours) throws IOException {
        String error = "{\"error\":{\"message\":\"m\",\"code\":" + code + ",\"n_ctx\":4096}}";
        List<ScriptedUpstream.Script> ways = List.of(
                Scripts.answer(200, error),
                exchange -> exchange.stream().event(error).end());
        for (ScriptedUpstream.Script way : ways) {
            upstream.script(way);
            try (RawClient client = RawClient.chat(container.base(), "fail")) {
                assertThat(client.status()).isEqualTo(ours);
                assertThat(Json.read(client.body()).at("/error/n_ctx").asInt()).isEqualTo(4096);
            }
        }
    }

    @Test
    void upstream_sendsTenMebibyteLineFirst_is502() throws IOException {
        upstream.script(exchange -> tenMebibytes(exchange.stream()));
        assertStatus(502, "upstream_error");
    }

    @Test
    void upstream_neverAnswers_is504() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        assertStatus(504, "timeout");
        upstream.next().awaitClosed(RawClient.PATIENCE);
    }

    @Test
    void upstream_showsLifeButNoToken_is504() throws IOException {
        upstream.script(exchange ->
                exchange.stream().chunk(Completion.role()).chunk(": ping\n\n").chunk(Completion.empty()));
        assertStatus(504, "timeout");
        upstream.next().awaitClosed(RawClient.PATIENCE);
    }

    @Test
    void upstream_refusesConnections_is502() throws IOException {
        upstream.script(Scripts.flood(1));
        upstream.refuse();
        try {
            assertStatus(502, "upstream_error");
        } finally {
            upstream.acceptAgain();
        }
        assertAnswers();
    }

    @ParameterizedTest
    @CsvSource({
        "400, 400",
        "404, 404",
        "422, 422",
        "429, 429",
        "401, 502",
        "403, 502",
        "500, 502",
        "503, 502",
        "529, 502"
    })
    void upstream_answersAnError_isTheContractsStatus(int theirs, int ours) throws IOException {
        upstream.script(Scripts.answer(
                theirs,
                "{\"error\":{\"message\":\"Words of the provider: sk-the***st\",\"type\":\"t\",\"code\":\"c\"}}",
                "Retry-After: 7"));
        try (RawClient client = RawClient.chat(container.base(), "fail")) {
            assertThat(client.status()).isEqualTo(ours);
            String message = Json.read(client.body()).at("/error/message").asString();
            if (theirs == 401 || theirs == 403) {
                assertThat(message).isNotBlank().doesNotContain("sk-the").doesNotContain("Words of the provider");
            } else {
                assertThat(message).contains("Words of the provider");
            }
            if (ours == 429) {
                assertThat(client.head().first("Retry-After")).contains("7");
            }
            if (ours == 502 && theirs >= 500) {
                assertThat(message).as("their status").contains(Integer.toString(theirs));
            }
        }
    }

    @Test
    void xai_errorWithStatus200_is502() throws IOException {
        upstream.script(Scripts.answer(
                200, "{\"code\":\"The service is unavailable\",\"error\":\"Timed out waiting for first token\"}"));
        try (RawClient client = RawClient.chat(container.base(), "fail")) {
            assertThat(client.status()).isEqualTo(502);
            assertThat(Json.read(client.body()).at("/error/message").asString())
                    .contains("Timed out waiting for first token");
        }
    }

    @Test
    void xai_errorAsTheFirstEvent_is502() throws IOException {
        upstream.script(exchange -> exchange.stream()
                .event("{\"code\":\"The service is unavailable\",\"error\":\"Timed out waiting for first token\"}")
                .end());
        assertStatus(502, null);
    }

    @Test
    void xai_complainsAboutOurKeyWith400_is502InOurWords() throws IOException {
        upstream.script(Scripts.answer(
                400,
                "{\"code\":\"Client specified an invalid argument\","
                        + "\"error\":\"Incorrect API key provided: sk***st. Get one at console.x.ai.\"}"));
        try (RawClient client = RawClient.chat(container.base(), "fail")) {
            assertThat(client.status()).isEqualTo(502);
            assertThat(client.body()).doesNotContain("sk***st");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/html", "application/json"})
    void upstream_answers200ThatIsNoStream_is502(String type) throws IOException {
        upstream.script(exchange -> exchange.answer(200, type, "<html>a captive portal</html>"));
        assertStatus(502, "upstream_error");
    }

    @Test
    void upstream_redirects_is502() throws IOException {
        upstream.script(exchange -> exchange.answer(302, "text/plain", "", "Location: /elsewhere"));
        assertStatus(502, "upstream_error");
    }

    // Behaviour that looks like a fault, but is none.

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n"})
    void upstream_sendsInformation_isNoAnswerYet(String information) throws IOException {
        upstream.script(
                exchange -> exchange.raw(information).stream().token("a").finish());
        assertAnswers();
    }

    @Test
    void upstream_closesAPooledConnection_isRetriedAtOnce() throws IOException {
        upstream.script(Scripts.flood(1));
        assertAnswers();
        upstream.script(exchange -> {
            if (exchange.isFirst()) {
                Scripts.flood(1).answer(exchange);
            } else {
                exchange.close();
            }
        });
        assertAnswers();
    }

    @Test
    void upstream_closesPooledConnectionsTimeAndAgain_leavesNoneOpen() throws IOException {
        upstream.script(exchange -> {
            if (exchange.isFirst()) {
                Scripts.flood(1).answer(exchange);
            } else {
                exchange.close();
            }
        });
        for (int i = 0; i < 20; i++) {
            assertAnswers();
        }
        Eventually.until(
                "connections to the upstream: one may wait for its next call, and a few, opened in vain, for theirs",
                RawClient.PATIENCE,
                upstream::openConnections,
                open -> open <= 5);
    }

    @Test
    void upstream_refusesTimeAndAgain_keepsItsConnection() throws IOException {
        upstream.script(Scripts.answer(429, "{\"error\":{\"message\":\"slowly\"}}"));
        assertStatus(429, null);
        int before = upstream.acceptedConnections();
        for (int i = 0; i < 10; i++) {
            assertStatus(429, null);
        }
        assertThat(upstream.acceptedConnections() - before)
                .as("connections made for ten refusals")
                .isLessThanOrEqualTo(1);
    }

    /** Not every time, because a reset may discard bytes that were sent before it. */
    @Test
    void upstream_cutsARefusalShort_keepsItsStatus() throws IOException {
        upstream.script(exchange -> exchange.raw("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 500\r\n"
                        + "Content-Type: application/json\r\n\r\n{\"error\":{\"mess")
                .close());
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            try (RawClient client = RawClient.chat(container.base(), "fail")) {
                statuses.add(client.status());
            }
        }
        assertThat(statuses).filteredOn(status -> status == 429).hasSizeGreaterThanOrEqualTo(17);
    }

    /** Begins no answer: a second request may arrive before the connection is closed. */
    @Test
    void upstream_closesAfterEachAnswer_neverFails() throws IOException {
        upstream.script(exchange -> {
            if (exchange.isFirst()) {
                Scripts.flood(1).answer(exchange);
            }
            exchange.close();
        });
        for (int i = 0; i < 50; i++) {
            assertAnswers();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"data: [DONE]", "data: [DONE]\n", "data:[DONE]\r\n\r\n", ""})
    void upstream_endsInItsOwnWay_isWhole(String end) throws IOException {
        upstream.script(exchange -> {
            exchange.stream().token("a").chunk(Completion.finish("stop"));
            if (!end.isEmpty()) {
                exchange.chunk(end);
            }
            exchange.end();
        });
        assertAnswers();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ": ping\n\n", "data: [DONE]", "data: {\"choi"})
    void upstream_neverEndsAfterItsFinishReason_isWhole(String last) throws IOException {
        upstream.script(exchange -> exchange.stream().chunk(Completion.token("a") + Completion.finish("stop") + last));
        assertAnswers();
        upstream.next().awaitClosed(RawClient.PATIENCE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/json", "application/octet-stream"})
    void upstream_labelsItsStreamWrongly_isWhole(String type) throws IOException {
        upstream.script(exchange -> exchange.raw(
                        "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nTransfer-Encoding: chunked\r\n\r\n")
                .token("a")
                .finish());
        assertAnswers();
    }

    @Test
    void upstream_compressesItsStream_isWhole() throws IOException {
        byte[] bytes = Scripts.gzip(Completion.token("a") + Completion.finish("stop") + Completion.DONE);
        upstream.script(exchange -> exchange.raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n")
                .raw("Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
                .chunk(bytes)
                .end());
        assertAnswers();
    }

    @Test
    void upstream_compressesWithWhatNobodyReads_is502ThatNamesIt() throws IOException {
        upstream.script(exchange -> exchange.answer(200, "text/event-stream", "xyz", "Content-Encoding: br"));
        try (RawClient client = RawClient.chat(container.base(), "fail")) {
            assertThat(client.status()).isEqualTo(502);
            assertThat(client.body()).contains("compressed with br");
        }
    }

    @Test
    void upstream_endsByClosing_isWhole() throws IOException {
        upstream.script(exchange -> exchange.raw("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
                .raw(Completion.token("a") + Completion.finish("stop") + Completion.DONE)
                .close());
        assertAnswers();
    }

    @Test
    void upstream_lingersAfterDone_theClientDoesNot() throws IOException {
        upstream.script(exchange ->
                exchange.stream().token("a").chunk(Completion.finish("stop")).chunk(Completion.DONE));
        assertAnswers();
        upstream.next().awaitClosed(RawClient.PATIENCE);
    }

    /** Sends a request, answers it with one token, and returns when the client has received the token. */
    private RawClient afterOneToken() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        RawClient client = RawClient.chat(container.base(), "break");
        exchange = upstream.next().stream().token("one");
        assertThat(client.nextEvent().data()).isEqualTo("one");
        return client;
    }

    /** Checks that the stream ends with one error event and nothing else; returns the error. */
    private static SseEvent assertBroken(RawClient client, @Nullable String type) throws IOException {
        Answer answer = client.rest();
        assertThat(answer.events()).extracting(SseEvent::event).containsExactly("error");
        assertThat(answer.end()).as("a client that overlooks the event").isEqualTo(Answer.End.BROKEN);
        if (type != null) {
            assertThat(Json.read(answer.last().data()).at("/error/type").asString())
                    .isEqualTo(type);
        }
        assertThat(Json.read(answer.last().data()).at("/error/message").asString())
                .isNotBlank();
        container.awaitIdle();
        return answer.last();
    }

    /** Checks that no stream was begun, and that the status is that of the error. */
    private static void assertStatus(int status, @Nullable String type) throws IOException {
        try (RawClient client = RawClient.chat(container.base(), "fail")) {
            assertThat(client.status())
                    .as(() -> "the status of " + bodyOf(client))
                    .isEqualTo(status);
            assertThat(client.head().first("Content-Type").orElse("")).startsWith("application/json");
            var error = Json.read(client.body()).get("error");
            assertThat(error.get("message").asString()).isNotBlank().doesNotContain(KEY);
            assertThat(error.propertyNames())
                    .containsExactlyInAnyOrderElementsOf(List.of("message", "type", "param", "code"));
            if (type != null) {
                assertThat(error.get("type").asString()).isEqualTo(type);
            }
        }
        container.awaitIdle();
    }

    private static String bodyOf(RawClient client) {
        try {
            return client.body();
        } catch (IOException unreadable) {
            return unreadable.toString();
        }
    }

    private static void assertAnswers() throws IOException {
        try (RawClient client = RawClient.chat(container.base(), "work")) {
            Answer answer = client.rest();
            assertThat(answer.tokens()).hasSize(1);
            assertThat(answer.lastWords()).containsExactly("done");
            assertThat(answer.end()).isEqualTo(Answer.End.CLEAN);
        }
    }

    /** Sends ten mebibytes without a line break, or as much as the server accepts. */
    private static void tenMebibytes(Exchange exchange) {
        byte[] piece = "x".repeat(64 * 1024).getBytes(StandardCharsets.US_ASCII);
        try {
            exchange.chunk("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"");
            for (int i = 0; i < 160; i++) {
                exchange.chunk(piece);
            }
        } catch (IOException enough) {
            // The server should close the connection.
        }
    }
}
