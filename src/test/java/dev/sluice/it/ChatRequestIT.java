package dev.sluice.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.Charset;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The request bodies of {@code /chat}: their types, how they may arrive, and the refusals of others. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class ChatRequestIT {
    private static final int MAX_BYTES = 64 * 1024;
    private static final int MAX_TOTAL_BYTES = 2 * MAX_BYTES + MAX_BYTES / 2;
    private static final int MAX_STREAMS = 2;

    /** Long enough to read a body on a loaded machine, short enough for a test to wait for it. */
    private static final Duration BODY_TIMEOUT = Duration.ofSeconds(4);

    private static final String PROMPT = "why \"ü€😀\" & so+on?";
    private static final String JSON = "{\"prompt\":" + Json.quote(PROMPT) + "}";

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    ChatRequestIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start();
        container = kind.start(Launch.at(upstream.url())
                .with("sluice.request.max-bytes", Integer.toString(MAX_BYTES))
                .with("sluice.request.max-total-bytes", Integer.toString(MAX_TOTAL_BYTES))
                .with("sluice.request.timeout", BODY_TIMEOUT.toMillis() + "ms")
                .with("sluice.upstream.max-streams", Integer.toString(MAX_STREAMS)));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    @BeforeEach
    void forget() {
        upstream.script(ScriptedUpstream.BY_HAND);
    }

    @AfterEach
    void nothingIsLeft() {
        container.awaitIdle();
    }

    // The three kinds of bodies.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "application/json               | UTF-8      | {\"prompt\":\"grün € 😀\"} | grün € 😀",
                "application/json;charset=utf-8 | UTF-8      | {\"prompt\":\"gr\\u00fcn\"} | grün",
                "text/plain                     | UTF-8      | grün € 😀                  | grün € 😀",
                "text/plain;charset=iso-8859-1  | ISO-8859-1 | grün & {\"prompt\":1}      | grün & {\"prompt\":1}",
                "application/x-www-form-urlencoded | UTF-8   | _csrf=1&prompt=gr%C3%BCn+%26+so&x=%3F | grün & so",
                "application/x-www-form-urlencoded;charset=windows-1252 | windows-1252 | prompt=%80+gr%FCn | € grün",
            })
    void body_ofEachType_reachesTheUpstream(String type, String charset, String body, String prompt)
            throws IOException {
        upstream.script(Scripts.flood(1));
        try (RawClient client = send(type, body.getBytes(Charset.forName(charset)))) {
            assertThat(client.status()).as(type).isEqualTo(200);
            assertThat(upstream.next().prompt()).isEqualTo(prompt);
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
    }

    @Test
    void form_fields_areTheSameAsInJson() throws IOException {
        upstream.script(Scripts.flood(1));
        String form = "prompt=Hi&system=be+brief&model=other&max_tokens=9&temperature=0.5&reasoning=on&_csrf=x";
        try (RawClient client = send("application/x-www-form-urlencoded", form.getBytes(US_ASCII))) {
            assertThat(client.status()).isEqualTo(200);
            JsonNode asked = upstream.next().json();
            assertThat(asked.get("model").asString()).isEqualTo("other");
            assertThat(asked.get("max_tokens").asInt()).isEqualTo(9);
            assertThat(asked.get("temperature").asDouble()).isEqualTo(0.5);
            assertThat(asked.at("/messages/0/content").asString()).isEqualTo("be brief");
            assertThat(asked.at("/messages/1/content").asString()).isEqualTo("Hi");
        }
    }

    // How they come.

    private enum Framing {
        LENGTH,
        CHUNKED
    }

    @ParameterizedTest
    @EnumSource(Framing.class)
    void body_thatComesByteByByte_isRead(Framing framing) throws IOException {
        upstream.script(Scripts.flood(1));
        byte[] body = JSON.getBytes(UTF_8);
        try (RawClient client = RawClient.connect(container.base())) {
            if (framing == Framing.LENGTH) {
                begin(client, "application/json", "Content-Length: " + body.length);
                for (byte b : body) {
                    client.send(new byte[] {b});
                }
            } else {
                begin(client, "application/json", "Transfer-Encoding: chunked");
                for (byte b : body) {
                    for (byte piece : chunk(new byte[] {b})) {
                        client.send(new byte[] {piece});
                    }
                }
                client.send("0\r\n\r\n".getBytes(US_ASCII));
            }
            assertThat(client.status()).isEqualTo(200);
            assertThat(upstream.next().prompt()).isEqualTo(PROMPT);
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
    }

    @ParameterizedTest
    @EnumSource(Leave.class)
    void client_leavesWithinItsBody_nothingIsAskedUpstream(Leave how) throws IOException {
        upstream.script(Scripts.flood(1));
        RawClient client = RawClient.connect(container.base());
        begin(client, "application/json", "Content-Length: " + JSON.length() * 2);
        client.send(JSON.getBytes(UTF_8));
        Eventually.until("its stream waits for it", RawClient.PATIENCE, () -> bodiesHeld() > 0);
        how.leave(client);
        container.awaitIdle();
        assertNothingWasAsked();
    }

    /** The connection stays open after refusals whose request body was read completely. */
    @Test
    void connection_isKeptAfterEveryKindOfAnswer() throws IOException {
        try (RawClient first = RawClient.connect(container.base())) {
            upstream.script(Scripts.flood(2));
            first.post("/chat", JSON);
            assertThat(first.rest().lastWords()).containsExactly("done");

            upstream.script(Scripts.answer(500, "{\"error\":{\"message\":\"no\"}}"));
            RawClient second = first.again().post("/chat", JSON);
            assertRefused(second, 502);

            RawClient third = second.again().begin("GET", "/chat");
            assertRefused(third, 405);

            upstream.script(Scripts.flood(1));
            RawClient fourth = third.again().post("/chat", JSON);
            assertThat(fourth.rest().lastWords()).containsExactly("done");

            RawClient fifth = fourth.again().post("/chat", "{\"prompt\":7}");
            assertRefused(fifth, 400);
            if (container instanceof TomcatContainer) {
                // This container closes the connection after every 400, with Connection: close.
                assertThat(fifth.head().first("Connection")).contains("close");
            } else {
                RawClient sixth = fifth.again().post("/chat", JSON);
                assertThat(sixth.rest().lastWords()).containsExactly("done");
            }
        }
    }

    // What is refused.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "application/json | {\"prompt\":\"private\",\"max_tokens\":\"many\"} | max_tokens",
                "application/json | {\"promt\":\"private\"}                          | promt",
                "application/json | {}                                               | prompt",
                "application/x-www-form-urlencoded | prompt=private&temperature=hot  | temperature",
                "application/x-www-form-urlencoded | _csrf=private                   | prompt",
                "application/x-www-form-urlencoded | ``                              | prompt",
                "text/plain       | ``                                               | prompt",
            })
    void field_atFault_isNamed(String type, String body, String field) throws IOException {
        try (RawClient client = send(type, body.getBytes(UTF_8))) {
            JsonNode error = assertRefused(client, 400);
            assertThat(error.get("param").asString()).isEqualTo(field);
            assertThat(error.get("message").asString())
                    .contains("\"" + field + "\"")
                    .doesNotContain("private");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "application/json | {\"prompt\":\"private",
                "application/json | private",
                "application/json | {\"prompt\":\"Hi\"} {}",
                "application/x-www-form-urlencoded | prompt=%zzprivate",
            })
    void body_thatIsMalformed_is400(String type, String body) throws IOException {
        try (RawClient client = send(type, body.getBytes(UTF_8))) {
            assertThat(assertRefused(client, 400).get("message").asString()).doesNotContain("private");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "text/plain", "application/x-www-form-urlencoded"})
    void body_thatIsNotInItsCharset_is400(String type) throws IOException {
        String body = type.endsWith("json") ? JSON : type.startsWith("text") ? "ü" : "prompt=ü";
        try (RawClient client = send(type, body.getBytes(ISO_8859_1))) {
            assertThat(assertRefused(client, 400).get("message").asString()).contains("UTF-8");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "DELETE", "OPTIONS"})
    void method_thatIsNotPost_is405(String method) throws IOException {
        try (RawClient client = RawClient.connect(container.base()).begin(method, "/chat", "Content-Length: 0")) {
            assertRefused(client, 405);
            assertThat(client.head().first("Allow")).contains("POST");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "text/html", "multipart/form-data; boundary=x", "text/plain; charset=klingon"})
    void type_thatIsUnknown_is415(String type) throws IOException {
        try (RawClient client = send(type, JSON.getBytes(UTF_8))) {
            assertThat(assertRefused(client, 415).get("message").asString()).contains("application/json");
        }
    }

    @Test
    void body_thatSaysItIsFarTooLarge_is413AtOnce() throws IOException {
        try (RawClient client = RawClient.connect(container.base())) {
            begin(client, "text/plain", "Content-Length: 1000000000000");
            assertTooLarge(client);
        }
    }

    /** The client reads only after it has sent everything. If the connection were closed before, it would see a reset. */
    @ParameterizedTest
    @EnumSource(Framing.class)
    void body_thatIsTooLarge_is413ForAClientThatIsStillSending(Framing framing) throws IOException {
        byte[] piece = "x".repeat(16 * 1024).getBytes(US_ASCII);
        int pieces = 256;
        try (RawClient client = RawClient.connect(container.base())) {
            if (framing == Framing.LENGTH) {
                begin(client, "text/plain", "Content-Length: " + pieces * piece.length);
            } else {
                begin(client, "text/plain", "Transfer-Encoding: chunked");
            }
            for (int i = 0; i < pieces; i++) {
                client.send(framing == Framing.LENGTH ? piece : chunk(piece));
            }
            if (framing == Framing.CHUNKED) {
                client.send("0\r\n\r\n".getBytes(US_ASCII));
            }
            assertTooLarge(client);
        }
        container.awaitIdle();
        assertNothingWasAsked();
    }

    @Test
    void body_atItsLimit_isTaken() throws IOException {
        upstream.script(Scripts.flood(1));
        try (RawClient client = send("text/plain", "x".repeat(MAX_BYTES).getBytes(US_ASCII))) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(upstream.next().prompt()).hasSize(MAX_BYTES);
        }
        try (RawClient client = send("text/plain", "x".repeat(MAX_BYTES + 1).getBytes(US_ASCII))) {
            assertTooLarge(client);
        }
    }

    @Test
    void body_thatStopsArriving_is408() throws IOException {
        try (RawClient client = RawClient.connect(container.base())) {
            begin(client, "application/json", "Content-Length: 1000");
            client.send(JSON.getBytes(UTF_8));
            assertRefused(client, 408);
            assertThat(client.head().first("Connection")).contains("close");
        }
        container.awaitIdle();
        assertNothingWasAsked();
    }

    // No room.

    @Test
    void bodies_thatTakeAllRoom_leave503ToTheNextAndAreAnswered() throws IOException {
        upstream.script(Scripts.flood(1));
        byte[] most = "x".repeat(MAX_BYTES - 1).getBytes(US_ASCII);
        try (RawClient first = RawClient.connect(container.base());
                RawClient second = RawClient.connect(container.base())) {
            begin(first, "text/plain", "Content-Length: " + MAX_BYTES);
            first.send(most);
            begin(second, "text/plain", "Content-Length: " + MAX_BYTES);
            second.send(most);
            Eventually.until("most room is taken", RawClient.PATIENCE, () -> bodiesHeld() == 2 * MAX_BYTES);

            try (RawClient third =
                    send("text/plain", "x".repeat(MAX_BYTES * 3 / 4).getBytes(US_ASCII))) {
                assertThat(assertRefused(third, 503).get("message").asString())
                        .contains("sluice.request.max-total-bytes");
                assertThat(third.head().first("Retry-After")).contains("1");
            }

            // One at a time, because the conversion of each needs more than the memory that is left.
            first.send(new byte[] {'x'});
            assertThat(first.rest().lastWords()).containsExactly("done");
            second.send(new byte[] {'x'});
            assertThat(second.rest().lastWords()).containsExactly("done");
        }
    }

    @Test
    void streams_thatTakeAllOfTheUpstream_leave503ToTheNext() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient first = RawClient.chat(container.base(), "one")) {
            Exchange one = upstream.next().stream().token("one");
            assertThat(first.nextEvent().data()).isEqualTo("one");
            try (RawClient second = RawClient.chat(container.base(), "two")) {
                Exchange two = upstream.next().stream().token("two");
                assertThat(second.nextEvent().data()).isEqualTo("two");
                try (RawClient third = RawClient.chat(container.base(), "three")) {
                    assertThat(assertRefused(third, 503).get("message").asString())
                            .contains("sluice.upstream.max-streams");
                    assertThat(third.head().first("Retry-After")).contains("1");
                }
                two.finish();
                assertThat(second.rest().lastWords()).containsExactly("done");
            }
            Eventually.until(
                    "one stream is left",
                    RawClient.PATIENCE,
                    () -> container.number("sluice_upstream_exchanges_open") == 1);
            upstream.script(Scripts.flood(1));
            try (RawClient fourth = RawClient.chat(container.base(), "four")) {
                assertThat(fourth.rest().lastWords()).containsExactly("done");
            }
            one.finish();
            assertThat(first.rest().lastWords()).containsExactly("done");
        }
    }

    /** An empty type sends no {@code Content-Type} at all. */
    private static RawClient send(String type, byte[] body) throws IOException {
        RawClient client = RawClient.connect(container.base());
        begin(client, type, "Content-Length: " + body.length);
        client.send(body);
        return client;
    }

    private static void begin(RawClient client, String type, String framing) throws IOException {
        if (type.isEmpty()) {
            client.begin("POST", "/chat", framing);
        } else {
            client.begin("POST", "/chat", "Content-Type: " + type, framing);
        }
    }

    private static byte[] chunk(byte[] bytes) {
        return (Integer.toHexString(bytes.length) + "\r\n" + new String(bytes, ISO_8859_1) + "\r\n")
                .getBytes(ISO_8859_1);
    }

    private static double bodiesHeld() {
        return container.number("sluice_request_bodies_bytes");
    }

    private static void assertTooLarge(RawClient client) throws IOException {
        assertThat(assertRefused(client, 413).get("message").asString()).contains("sluice.request.max-bytes");
    }

    /** Checks the status and the form of the error, and returns the error. */
    private static JsonNode assertRefused(RawClient client, int status) throws IOException {
        assertThat(client.status()).isEqualTo(status);
        assertThat(client.head().first("Content-Type").orElse("")).startsWith("application/json");
        JsonNode error = Json.read(client.body()).get("error");
        assertThat(error.propertyNames()).containsExactlyInAnyOrder("message", "type", "param", "code");
        return error;
    }

    /** A source that has ended. */
    private static void assertNothingWasAsked() {
        assertThatThrownBy(() -> upstream.next(Duration.ZERO)).hasMessageContaining("No request reached the upstream");
    }
}
