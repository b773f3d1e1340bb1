package dev.sluice.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.ModelList;
import dev.sluice.it.Completion;
import dev.sluice.it.Exchange;
import dev.sluice.it.ScriptedUpstream;
import dev.sluice.relay.Upstream.Reading;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers with another content type than the requested one, and compressed ones. */
@Timeout(120)
final class AnswerContentTest {
    private static final String EVENTS = Completion.token("a") + Completion.finish("stop") + Completion.DONE;
    private static final String JSON = "{\"object\":\"chat.completion\",\"choices\":[]}";
    private static final String HTML = "<!DOCTYPE html><html>a captive portal</html>";

    @SuppressWarnings("NullAway.Init")
    private CallRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = new CallRig();
    }

    @AfterEach
    void stop() throws Exception {
        rig.stop();
    }

    // ---- Types.

    private static Exchange head(Exchange exchange, int status, String... fields) throws IOException {
        String all = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
        return exchange.raw("HTTP/1.1 " + status + " X\r\n" + all + "Transfer-Encoding: chunked\r\n\r\n");
    }

    private static ScriptedUpstream.Script typed(String type, String body, int cut) {
        return exchange -> {
            head(exchange, 200, type.isEmpty() ? "X-A: b" : "Content-Type: " + type);
            byte[] bytes = body.getBytes(UTF_8);
            for (int at = 0; at < bytes.length; at += cut) {
                exchange.chunk(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + cut)));
            }
            exchange.end();
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/json", "application/octet-stream", "", "text/html"})
    void events_ofAnotherType_areEvents(String type) throws Exception {
        for (String before : new String[] {"", ": ping\n\n", "\r\n\n", "\uFEFF", "event: x\n", "id: 1\nretry:1\n"}) {
            for (int cut : new int[] {1, 3, 10_000}) {
                try (CallRig.Call call = rig.call(true, typed(type, before + EVENTS, cut))) {
                    assertThat(call.toTheEnd()).as("%s, cut %d", before, cut).isEqualTo(Reading.END);
                    assertThat(call.text()).isEqualTo(before + EVENTS);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"text/plain", "text/html; charset=utf-8", "application/octet-stream", "", "text/event-stream"})
    void json_ofAnotherType_isJson(String type) throws Exception {
        for (String before : new String[] {"", "\n\n", "\uFEFF"}) {
            for (int cut : new int[] {1, 10_000}) {
                try (CallRig.Call call = rig.call(false, typed(type, before + JSON, cut))) {
                    assertThat(call.toTheEnd()).isEqualTo(Reading.END);
                    assertThat(call.text()).isEqualTo(before + JSON);
                }
            }
        }
    }

    @Test
    void firstEvent_ofAnotherType_comesAtOnce() throws Exception {
        try (CallRig.Call call = rig.call(true, ScriptedUpstream.BY_HAND)) {
            Exchange exchange = head(rig.upstream.next(), 200, "Content-Type: text/plain");
            exchange.token("a");
            assertThat(call.until(Completion.token("a"))).isEqualTo(Completion.token("a"));
            exchange.finish();
            assertThat(call.toTheEnd()).isEqualTo(Reading.END);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "true,  text/html",
        "true,  application/json",
        "true,  text/plain",
        "false, text/html",
        "false, text/plain",
        "false, ''",
    })
    void html_isAnError(boolean streams, String type) throws Exception {
        try (CallRig.Call call = rig.call(streams, typed(type, HTML, 2))) {
            assertThat(call.failure().code()).isEqualTo("upstream_no_event_stream");
            assertThat(call.failure().status()).isEqualTo(502);
            assertThat(call.text()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dat", "dater: 1", "", "  \n", "\u0001\u0002"})
    void whatIsNeither_isAnError(String body) throws Exception {
        for (boolean streams : new boolean[] {true, false}) {
            try (CallRig.Call call = rig.call(streams, typed("text/plain", body, 1))) {
                assertThat(call.failure().status()).isEqualTo(502);
            }
        }
    }

    @Test
    void oneThing_whereTheOtherWasAskedFor_isAnError() throws Exception {
        try (CallRig.Call call = rig.call(true, typed("text/plain", JSON, 1000))) {
            assertThat(call.failure().code()).isEqualTo("upstream_no_event_stream");
        }
        try (CallRig.Call call = rig.call(false, typed("text/plain", EVENTS, 1000))) {
            assertThat(call.failure().code()).isEqualTo("upstream_no_event_stream");
        }
    }

    @Test
    void errorInJson_ofAnotherType_isThatError() throws Exception {
        String error = "\n{\"error\":{\"message\":\"slow down\",\"code\":429}}";
        try (CallRig.Call call = rig.call(true, typed("text/plain", error, 5))) {
            assertThat(call.failure().status()).isEqualTo(429);
            assertThat(call.failure().message()).contains("slow down");
            assertThat(call.upstream.retryClass()).isEqualTo(RetryClass.BUSY);
        }
    }

    // ---- Codings.

    private enum Coding {
        GZIP("gzip"),
        X_GZIP("x-gzip"),
        DEFLATE("deflate"),
        RAW_DEFLATE("deflate");

        final String field;

        Coding(String name) {
            this.field = "Content-Encoding: " + name;
        }

        OutputStream to(OutputStream out) throws IOException {
            return switch (this) {
                case GZIP, X_GZIP -> new GZIPOutputStream(out, true);
                case DEFLATE -> new DeflaterOutputStream(out, true);
                case RAW_DEFLATE -> new DeflaterOutputStream(out, new Deflater(9, true), true);
            };
        }

        byte[] of(String text) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (OutputStream out = to(bytes)) {
                out.write(text.getBytes(UTF_8));
            }
            return bytes.toByteArray();
        }
    }

    @ParameterizedTest
    @EnumSource(Coding.class)
    void answer_compressed_isReadAsItComes(Coding coding) throws Exception {
        byte[] bytes = coding.of(EVENTS.repeat(50));
        for (int cut : new int[] {1, 7, 100_000}) {
            ScriptedUpstream.Script script = exchange -> {
                head(exchange, 200, "Content-Type: text/event-stream", coding.field);
                for (int at = 0; at < bytes.length; at += cut) {
                    exchange.chunk(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + cut)));
                }
                exchange.end();
            };
            try (CallRig.Call call = rig.call(true, script)) {
                assertThat(call.toTheEnd()).as("cut %d", cut).isEqualTo(Reading.END);
                assertThat(call.text()).isEqualTo(EVENTS.repeat(50));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Coding.class)
    void token_compressedAndFlushed_comesBeforeTheNextIsSent(Coding coding) throws Exception {
        try (CallRig.Call call = rig.call(true, ScriptedUpstream.BY_HAND)) {
            Exchange exchange = head(rig.upstream.next(), 200, "Content-Type: text/event-stream", coding.field);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            OutputStream out = coding.to(bytes);
            StringBuilder said = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                said.append(Completion.token("token " + i));
                out.write(Completion.token("token " + i).getBytes(UTF_8));
                out.flush();
                exchange.chunk(bytes.toByteArray());
                bytes.reset();
                assertThat(call.until(said.toString())).isEqualTo(said.toString());
            }
            out.close();
            exchange.chunk(bytes.toByteArray()).end();
            assertThat(call.toTheEnd()).isEqualTo(Reading.END);
        }
    }

    /** An answer of 256 MiB is compressed to a quarter of a MiB. */
    @Test
    void answer_thatGrowsManyfold_isReadInPieces() throws Exception {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream out = Coding.GZIP.to(compressed)) {
            byte[] piece = new byte[1 << 20];
            for (int i = 0; i < 256; i++) {
                out.write(piece);
            }
        }
        byte[] bytes = compressed.toByteArray();
        ScriptedUpstream.Script script = exchange -> {
            head(exchange, 200, "Content-Type: text/event-stream", Coding.GZIP.field);
            exchange.chunk(bytes).end();
        };
        try (CallRig.Call call = rig.call(true, script)) {
            assertThat(call.toTheEnd()).isEqualTo(Reading.END);
            assertThat(call.mostAtOnce()).isLessThanOrEqualTo(8 * 1024);
        }
    }

    @Test
    void answer_compressedAndOfAnotherType_isLookedAtUncompressed() throws Exception {
        ScriptedUpstream.Script script = exchange -> {
            head(exchange, 200, "Content-Type: text/plain", Coding.GZIP.field);
            exchange.chunk(Coding.GZIP.of(EVENTS)).end();
        };
        try (CallRig.Call call = rig.call(true, script)) {
            assertThat(call.toTheEnd()).isEqualTo(Reading.END);
            assertThat(call.text()).isEqualTo(EVENTS);
            assertThat(call.upstream.head().length()).isEqualTo(-1);
        }
    }

    @Test
    void json_compressed_hasNotTheLengthThatIsSaid() throws Exception {
        byte[] bytes = Coding.DEFLATE.of(JSON);
        ScriptedUpstream.Script script = exchange -> {
            exchange.raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: deflate\r\n"
                            + "Content-Length: " + bytes.length + "\r\n\r\n")
                    .raw(bytes);
        };
        try (CallRig.Call call = rig.call(false, script)) {
            assertThat(call.toTheEnd()).isEqualTo(Reading.END);
            assertThat(call.text()).isEqualTo(JSON);
            assertThat(call.upstream.head().length()).isEqualTo(-1);
        }
    }

    @Test
    void error_compressed_isReadAndKeepsItsStatus() throws Exception {
        ScriptedUpstream.Script script = exchange -> {
            head(exchange, 429, "Content-Type: application/json", Coding.GZIP.field);
            exchange.chunk(Coding.GZIP.of("{\"error\":{\"message\":\"slow down\"}}"))
                    .end();
        };
        try (CallRig.Call call = rig.call(true, script)) {
            assertThat(call.failure().status()).isEqualTo(429);
            assertThat(call.failure().message()).contains("slow down");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "gzip, br", "compress"})
    void coding_thatIsNotUnderstood_is502ThatNamesIt(String coding) throws Exception {
        ScriptedUpstream.Script script = exchange -> {
            head(exchange, 200, "Content-Type: text/event-stream", "Content-Encoding: " + coding);
            exchange.chunk(new byte[] {1, 2, 3}).end();
        };
        try (CallRig.Call call = rig.call(true, script)) {
            Failure failure = call.failure();
            assertThat(failure.status()).isEqualTo(502);
            assertThat(failure.code()).isEqualTo("upstream_encoding");
            assertThat(failure.message()).contains("compressed with " + coding + ",");
        }
    }

    @Test
    void error_inACodingThatIsNotUnderstood_keepsItsStatus() throws Exception {
        ScriptedUpstream.Script script = exchange -> {
            head(exchange, 404, "Content-Type: application/json", "Content-Encoding: br");
            exchange.chunk(new byte[] {1, 2, 3}).end();
        };
        try (CallRig.Call call = rig.call(true, script)) {
            assertThat(call.failure().status()).isEqualTo(404);
        }
    }

    @ParameterizedTest
    @EnumSource(Coding.class)
    void answer_compressedAndCutShort_isNoWholeOne(Coding coding) throws Exception {
        byte[] bytes = coding.of(EVENTS);
        ScriptedUpstream.Script script = exchange -> {
            head(exchange, 200, "Content-Type: text/event-stream", coding.field);
            exchange.chunk(Arrays.copyOf(bytes, bytes.length - 3)).end();
        };
        try (CallRig.Call call = rig.call(true, script)) {
            assertThat(call.failure().code()).isEqualTo("connection_lost");
        }
    }

    @ParameterizedTest
    @EnumSource(Coding.class)
    void answer_thatIsNotCompressedAsItSays_isAnErrorThatSaysSo(Coding coding) throws Exception {
        ScriptedUpstream.Script script = exchange -> {
            head(exchange, 200, "Content-Type: text/event-stream", coding.field);
            exchange.chunk("x".repeat(1000));
        };
        try (CallRig.Call call = rig.call(true, script)) {
            assertThat(call.failure().code()).isEqualTo("bad_encoding");
            rig.upstream.next().awaitClosed(Duration.ofSeconds(30));
        }
    }

    @Test
    void listOfModels_compressed_isRead() throws Exception {
        byte[] bytes = Coding.GZIP.of("{\"object\":\"list\",\"data\":[{\"id\":\"a\"}]}");
        rig.upstream.script(exchange -> {
            head(exchange, 200, "Content-Type: application/json", Coding.GZIP.field);
            exchange.chunk(bytes).end();
        });
        BlockingQueue<ModelList.Answer> answers = new ArrayBlockingQueue<>(1);
        new ModelListCall(rig.provider, "main", answers::add).start();

        assertThat(answers.poll(30, TimeUnit.SECONDS)).isInstanceOf(ModelList.Models.class);
    }
}
