package dev.sluice.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Anthropic's Messages. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class MessagesIT {
    private static final String KEY = "x-api-key: key-of-the-client";
    private static final String VERSION = "anthropic-version: 2023-06-01";
    private static final String PATH = "/v1/messages";
    private static final String ASK =
            "{\"model\":\"opus\",\"max_tokens\":9,\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    private static final String START = event(
            "message_start",
            "{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":3,\"cache_read_input_tokens\":20}}}");
    private static final String STOP = event(
                    "message_delta",
                    "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":12}}")
            + event("message_stop", "{\"type\":\"message_stop\"}");

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    MessagesIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start();
        container = kind.start(Launch.plain()
                .with("sluice.access.keys", "key-of-the-client")
                .with("sluice.callers.limited.key", "key-of-the-limited")
                .with("sluice.callers.limited.plan", "small")
                .with("sluice.plans.small.requests", "1/d")
                .with("sluice.metrics.open", "true")
                .with("sluice.heartbeat", "2s") // longer than the upstream may take for a status
                .with("sluice.upstreams.claude.url", upstream.url().toString())
                .with("sluice.upstreams.claude.key", "key-of-claude")
                .with("sluice.upstreams.claude.auth", "x-api-key")
                .with("sluice.upstreams.claude.chat-dialect", "messages")
                .with("sluice.models.opus", "claude/claude-opus-4")
                .with("sluice.models.*", "claude/*"));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    // ---- Streams.

    @Test
    void stream_passesByteForByteAndAtOnce_andIsCounted() throws IOException {
        UsageLines lines = UsageLines.after(container);
        upstream.script(ScriptedUpstream.BY_HAND);
        String[] headers = {
            KEY,
            "anthropic-version: 2023-06-01",
            "anthropic-beta: claude-code-20250219,interleaved-thinking-2025-05-14",
            "anthropic-beta: fine-grained",
            "anthropic-dangerous-direct-browser-access: true",
            "X-Request-Id: r-7"
        };
        try (RawClient client = RawClient.connect(container.base())
                .post(PATH + "?beta=true&other=1", ASK, headers)
                .keepBytes()) {
            Exchange exchange = upstream.next();
            HttpHead head = exchange.head();
            assertThat(head.startLine()).isEqualTo("POST /v1/messages?beta=true HTTP/1.1");
            assertThat(exchange.body()).isEqualTo(ASK.replace("opus", "claude-opus-4"));
            assertThat(head.all("x-api-key")).containsExactly("key-of-claude");
            assertThat(head.all("Authorization")).isEmpty();
            assertThat(head.all("anthropic-version")).containsExactly("2023-06-01");
            assertThat(head.all("anthropic-beta"))
                    .containsExactly("claude-code-20250219,interleaved-thinking-2025-05-14", "fine-grained");
            assertThat(head.all("anthropic-dangerous-direct-browser-access")).isEmpty();
            assertThat(head.all("X-Request-Id")).containsExactly("r-7");

            exchange.raw(String.join(
                    "\r\n",
                    "HTTP/1.1 200 OK",
                    "Content-Type: text/event-stream; charset=utf-8",
                    "request-id: req_1",
                    "anthropic-ratelimit-requests-remaining: 49",
                    "anthropic-organization-id: org_1",
                    "Transfer-Encoding: chunked",
                    "",
                    ""));
            exchange.chunk(START);
            assertThat(client.head().first("request-id")).hasValue("req_1");
            assertThat(client.head().first("anthropic-ratelimit-requests-remaining"))
                    .hasValue("49");
            assertThat(client.head().first("anthropic-organization-id")).isEmpty();
            assertThat(client.nextEvent().event()).isEqualTo("message_start");
            String ping = event("ping", "{\"type\": \"ping\"}");
            exchange.chunk(ping);
            assertThat(client.nextEvent().event()).isEqualTo("ping");
            exchange.chunk(delta("a"));
            assertThat(client.nextEvent().data()).contains("\"text\":\"a\"");
            client.awaitComments(1); // a heartbeat, while the upstream is silent
            exchange.chunk(delta("b") + STOP).end();
            assertThat(client.rest().end()).isEqualTo(Answer.End.CLEAN);
            assertThat(client.bytes()).isEqualTo(START + ping + delta("a") + delta("b") + STOP);
        }
        JsonNode line = lines.first();
        assertThat(line.get("endpoint").asString()).isEqualTo("messages");
        assertThat(line.get("model").asString()).isEqualTo("opus");
        assertThat(line.get("outcome").asString()).isEqualTo("whole");
        assertThat(line.at("/tokens/prompt").asInt()).isEqualTo(23);
        assertThat(line.at("/tokens/output").asInt()).isEqualTo(12);
    }

    static List<Path> captures() throws IOException, URISyntaxException {
        Path directory = Path.of(Objects.requireNonNull(MessagesIT.class.getResource("/captures/messages"))
                .toURI());
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".sse"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("captures")
    void capture_passesByteForByte(Path file) throws IOException {
        for (String lineEnd : List.of("\n", "\r\n")) {
            String text = Files.readString(file, ISO_8859_1).replace("\n", lineEnd);
            byte[] body = text.getBytes(ISO_8859_1);
            String whole = text.substring(0, text.indexOf(lineEnd + lineEnd, text.lastIndexOf("message_stop")))
                    + lineEnd
                    + lineEnd;
            for (int cut : new int[] {body.length, 1, 7, 1000}) {
                upstream.script(Scripts.recorded(body, cut));
                try (RawClient client = ask(ASK, KEY, VERSION).keepBytes()) {
                    assertThat(client.rest().end()).isEqualTo(Answer.End.CLEAN);
                    assertThat(client.bytes()).as("cut every %d bytes", cut).isEqualTo(whole);
                }
            }
        }
        container.awaitIdle();
    }

    @Test
    void stream_thatEndsWithoutItsEndMark_isBrokenOffWithAnErrorEvent() throws IOException {
        upstream.script(exchange -> exchange.stream().chunk(START + delta("a")).end());
        try (RawClient client = ask(ASK, KEY, VERSION)) {
            Answer answer = client.rest();
            assertThat(answer.end()).isEqualTo(Answer.End.BROKEN);
            assertThat(answer.last().event()).isEqualTo("error");
            assertThat(answer.last().data())
                    .isEqualTo("{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":"
                            + "\"The upstream ended the stream before the answer was whole.\"},\"request_id\":null}");
        }
    }

    @Test
    void errorOfTheUpstream_withinAStream_passesAsItIs() throws IOException {
        String error = "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}";
        upstream.script(exchange -> exchange.stream()
                .chunk(START + delta("a") + event("error", error))
                .end());
        try (RawClient client = ask(ASK, KEY, VERSION)) {
            Answer answer = client.rest();
            assertThat(answer.events()).hasSize(3);
            assertThat(answer.last().data()).isEqualTo(error);
        }
    }

    // ---- /chat.

    @ParameterizedTest
    @MethodSource("captures")
    void capture_throughChat_givesTheTextOfItsJson(Path file) throws IOException {
        StringBuilder text = new StringBuilder();
        boolean tool = false;
        for (String line : Files.readString(file).lines().toList()) {
            if (line.startsWith("data: ")) {
                JsonNode event = Json.read(line.substring(6));
                tool |= event.at("/content_block/type").asString("").equals("tool_use");
                text.append(tool ? "" : event.at("/delta/text").asString(""));
            }
        }
        for (int cut : new int[] {Integer.MAX_VALUE, 7}) {
            upstream.script(Scripts.recorded(Files.readAllBytes(file), cut));
            try (RawClient client = RawClient.connect(container.base())
                    .post(
                            "/chat",
                            "{\"prompt\":\"hi\",\"model\":\"opus\",\"max_tokens\":4096,\"reasoning\":true}",
                            KEY)) {
                Exchange exchange = upstream.next();
                assertThat(exchange.head().startLine()).isEqualTo("POST /v1/messages HTTP/1.1");
                assertThat(exchange.head().all("anthropic-version")).containsExactly("2023-06-01");
                assertThat(exchange.json().at("/thinking/budget_tokens").asInt())
                        .isEqualTo(2048);
                Answer answer = client.rest();
                assertThat(answer.text()).isEqualTo(text.toString());
                assertThat(answer.lastWords()).containsExactly(tool ? "error" : "done");
            }
        }
    }

    // ---- Whole answers.

    @Test
    void wholeAnswer_passesAsItIs_andIsCounted() throws IOException {
        UsageLines lines = UsageLines.after(container);
        String json = "{\"id\":\"msg_1\",\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"}],"
                + "\"usage\":{\"input_tokens\":4,\"cache_creation_input_tokens\":6,\"output_tokens\":1}}";
        upstream.script(exchange -> exchange.answer(200, "application/json", json));
        try (RawClient client = ask(ASK.replace("true", "false"), KEY)) {
            assertThat(upstream.next().head().first("anthropic-version"))
                    .as("which the client has left out")
                    .hasValue("2023-06-01");
            assertThat(client.body()).isEqualTo(json);
        }
        JsonNode line = lines.first();
        assertThat(line.at("/tokens/prompt").asInt()).isEqualTo(10);
        assertThat(line.at("/tokens/output").asInt()).isEqualTo(1);
    }

    @Test
    void tokenCount_passesAsItIs_andCostsNothing() throws IOException {
        UsageLines lines = UsageLines.after(container);
        upstream.script(exchange -> exchange.answer(200, "application/json", "{\"input_tokens\":24}"));
        try (RawClient client = RawClient.connect(container.base())
                .post(PATH + "/count_tokens", "{\"model\":\"opus\",\"messages\":[]}", KEY, VERSION)) {
            Exchange exchange = upstream.next();
            assertThat(exchange.head().startLine()).isEqualTo("POST /v1/messages/count_tokens HTTP/1.1");
            assertThat(exchange.body()).isEqualTo("{\"model\":\"claude-opus-4\",\"messages\":[]}");
            assertThat(client.body()).isEqualTo("{\"input_tokens\":24}");
        }
        JsonNode line = lines.first();
        assertThat(line.get("endpoint").asString()).isEqualTo("count-tokens");
        assertThat(line.at("/tokens/prompt").asInt()).isZero();
        assertThat(line.at("/tokens/output").asInt()).isZero();
    }

    // ---- Errors.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST | /v1/messages              | x-api-key: wrong             | 401 | authentication_error",
                "POST | /v1/messages/count_tokens | Authorization: Bearer wrong  | 401 | authentication_error",
                "GET  | /v1/models                | x-api-key: wrong             | 401 | authentication_error",
                "POST | /v1/messages/batches      | x-api-key: wrong             | 401 | authentication_error",
                "POST | /v1/messages/batches      | x-api-key: key-of-the-client | 404 | not_found_error",
                "POST | /v1/messages              | Origin: http://evil.example  | 403 | permission_error",
                "GET  | /v1/messages              | x-api-key: key-of-the-client | 405 | invalid_request_error",
                "POST | /v1/messages              | x-api-key: key-of-the-client | 400 | invalid_request_error",
            })
    void refusalOfOurs_hasAnthropicsShape(String method, String path, String header, int status, String type)
            throws IOException {
        try (RawClient client = RawClient.connect(container.base())
                .begin(
                        method,
                        path,
                        header,
                        VERSION,
                        "Content-Type: application/json",
                        "Content-Length: 2",
                        "Connection: close")) {
            client.send("[]".getBytes(UTF_8));
            assertThat(client.status()).isEqualTo(status);
            JsonNode body = Json.read(client.body());
            assertThat(body.get("type").asString()).isEqualTo("error");
            assertThat(body.at("/error/type").asString()).isEqualTo(type);
            assertThat(body.at("/error/message").asString()).isNotBlank();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "400, invalid_request_error, 400, invalid_request_error",
        "401, authentication_error,  502, api_error",
        "404, not_found_error,       404, not_found_error",
        "413, request_too_large,     413, request_too_large",
        "429, rate_limit_error,      429, rate_limit_error",
        "500, api_error,             502, api_error",
        "529, overloaded_error,      529, overloaded_error",
    })
    void refusalOfTheUpstream_hasItsStatusAndItsType(int theirs, String said, int ours, String type)
            throws IOException {
        upstream.script(exchange -> exchange.answer(
                theirs,
                "application/json",
                "{\"type\":\"error\",\"error\":{\"type\":\"" + said
                        + "\",\"message\":\"no such thing\"},\"request_id\":\"r\"}",
                "Retry-After: 99"));
        try (RawClient client = ask(ASK, KEY, VERSION)) {
            assertThat(client.status()).isEqualTo(ours);
            assertThat(client.head().first("Retry-After")).hasValue("99");
            JsonNode body = Json.read(client.body());
            assertThat(body.at("/error/type").asString()).isEqualTo(type);
            if (theirs != 401) {
                assertThat(body.at("/error/message").asString()).contains("no such thing");
            }
        }
    }

    @Test
    void overloadedUpstream_isAskedAgain() throws IOException {
        List<Integer> asked = new ArrayList<>();
        upstream.script(exchange -> {
            asked.add(asked.size());
            if (asked.size() == 1) {
                exchange.answer(
                        529,
                        "application/json",
                        "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}");
            } else {
                exchange.stream().chunk(START + delta("a") + STOP).end();
            }
        });
        try (RawClient client = ask(ASK, KEY, VERSION)) {
            assertThat(client.rest().last().event()).isEqualTo("message_stop");
        }
        assertThat(asked).hasSize(2);
    }

    @Test
    void limitOfAPlan_isToldByTheHeadersAndInTheShapeOfAnthropic() throws IOException {
        upstream.script(
                exchange -> exchange.stream().chunk(START + delta("a") + STOP).end());
        try (RawClient client = ask(ASK, "x-api-key: key-of-the-limited", VERSION)) {
            assertThat(client.rest().last().event()).isEqualTo("message_stop");
            assertThat(client.head().first("anthropic-ratelimit-requests-limit"))
                    .hasValue("1");
            assertThat(client.head().first("anthropic-ratelimit-requests-remaining"))
                    .hasValue("0");
            assertThat(client.head().first("x-ratelimit-limit-requests")).isEmpty();
        }
        try (RawClient client = ask(ASK, "x-api-key: key-of-the-limited", VERSION)) {
            assertThat(client.status()).isEqualTo(429);
            assertThat(client.head().first("Retry-After")).isPresent();
            assertThat(Instant.parse(client.head()
                            .first("anthropic-ratelimit-requests-reset")
                            .orElseThrow()))
                    .isAfter(Instant.now());
            JsonNode body = Json.read(client.body());
            assertThat(body.at("/error/type").asString()).isEqualTo("rate_limit_error");
            assertThat(body.at("/error/message").asString()).contains("plan \"small\"");
        }
    }

    // ---- Models.

    @Test
    void models_areListedInAnthropicsShapeForItsClientsOnly() throws IOException {
        upstream.script(exchange -> exchange.answer(
                200,
                "application/json",
                "{\"data\":[{\"type\":\"model\",\"id\":\"claude-opus-4\",\"display_name\":\"Claude Opus 4\","
                        + "\"created_at\":\"2025-05-22T00:00:00Z\"}],\"has_more\":false}"));
        try (RawClient client = get("/v1/models?limit=1&after_id=opus", KEY, VERSION)) {
            assertThat(client.body())
                    .isEqualTo(
                            "{\"data\":[{\"type\":\"model\",\"id\":\"claude-opus-4\",\"display_name\":\"Claude Opus 4\","
                                    + "\"created_at\":\"2025-05-22T00:00:00Z\"}],\"has_more\":false,"
                                    + "\"first_id\":\"claude-opus-4\",\"last_id\":\"claude-opus-4\"}");
        }
        HttpHead head = upstream.next().head();
        assertThat(head.startLine()).isEqualTo("GET /v1/models?limit=1000 HTTP/1.1");
        assertThat(head.all("x-api-key")).containsExactly("key-of-claude");
        assertThat(head.all("Authorization")).isEmpty();
        assertThat(head.all("anthropic-version")).containsExactly("2023-06-01");
        try (RawClient client = get("/v1/models/opus", KEY, VERSION)) {
            JsonNode model = Json.read(client.body());
            assertThat(model.get("type").asString()).isEqualTo("model");
            assertThat(model.get("id").asString()).isEqualTo("opus");
            assertThat(model.get("display_name").asString()).isEqualTo("opus");
        }
        try (RawClient client = get("/v1/models/nobody", KEY, VERSION)) {
            assertThat(client.status()).isEqualTo(404);
            assertThat(Json.read(client.body()).at("/error/type").asString()).isEqualTo("not_found_error");
        }
        try (RawClient client = get("/v1/models", KEY)) {
            assertThat(Json.read(client.body()).get("object").asString()).isEqualTo("list");
        }
    }

    private static RawClient get(String path, String... headers) throws IOException {
        return RawClient.connect(container.base()).begin("GET", path, headers);
    }

    private static RawClient ask(String json, String... headers) throws IOException {
        return RawClient.connect(container.base()).post(PATH, json, headers);
    }

    private static String delta(String text) {
        return event(
                "content_block_delta",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"" + text
                        + "\"}  }");
    }

    private static String event(String type, String data) {
        return "event: " + type + "\ndata: " + data + "\n\n";
    }
}
