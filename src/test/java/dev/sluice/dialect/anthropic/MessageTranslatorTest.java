package dev.sluice.dialect.anthropic;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.chat.Usage;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ApiRequest;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.relay.Outcome;
import dev.sluice.relay.RandomReading;
import dev.sluice.relay.RandomReading.Failed;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Translator.Meaning;
import dev.sluice.sse.SseEncoder;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageTranslatorTest {
    private static final int RUNS = 3_000;
    private static final String SECRET = "local-secret-0123456789";
    private static final String[] LINE_ENDS = {"\n", "\r\n", "\r"};
    private static final String[] WORDS = {
        "a", " token", "é", "🙂", "\\n", "\\\"", "message_stop", "event: error", "data: ", "\\u00e9", "]}", "error"
    };
    private static final String START = event(
            "message_start",
            "{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":3,\"cache_read_input_tokens\":20,"
                    + "\"cache_creation_input_tokens\":7,\"output_tokens\":1}}}");
    private static final String DELTA = event(
            "content_block_delta",
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}");
    private static final String END = event(
            "message_delta",
            "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":12}}");
    private static final String STOP = event("message_stop", "{\"type\":\"message_stop\"}");
    private static final String ERROR =
            event("error", "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}");

    static List<Path> captures() throws IOException, URISyntaxException {
        return Recordings.streams();
    }

    // ---- Recordings.

    @ParameterizedTest
    @MethodSource("captures")
    void capture_atEveryChunking_passesByteForByteAndIsWhole(Path file) throws Exception {
        for (String lineEnd : LINE_ENDS) {
            byte[] bytes = Recordings.text(file).replace("\n", lineEnd).getBytes(ISO_8859_1);
            int sent = whole(bytes, lineEnd);
            for (int cut = 1; cut < bytes.length; cut++) {
                SseEncoder out = new SseEncoder();
                Translator translator = translator();
                Meaning last = pump(translator, bytes, 0, cut, out);
                last = last == Meaning.WHOLE ? last : pump(translator, bytes, cut, bytes.length, out);
                assertThat(last).as("cut at %d", cut).isEqualTo(Meaning.WHOLE);
                assertThat(written(out)).as("cut at %d", cut).isEqualTo(new String(bytes, 0, sent, ISO_8859_1));
            }
            SseEncoder out = new SseEncoder();
            Translator translator = translator();
            for (int at = 0; at < bytes.length; at++) {
                if (pump(translator, bytes, at, at + 1, out) == Meaning.WHOLE) {
                    break;
                }
            }
            assertThat(written(out)).as("byte by byte").isEqualTo(new String(bytes, 0, sent, ISO_8859_1));
        }
    }

    /** The length of the stream up to the end of its last event. */
    private static int whole(byte[] bytes, String lineEnd) {
        String text = new String(bytes, ISO_8859_1);
        return text.indexOf(lineEnd + lineEnd, text.lastIndexOf("message_stop")) + 2 * lineEnd.length();
    }

    @ParameterizedTest
    @MethodSource("captures")
    void capture_isCounted(Path file) throws Exception {
        Recordings.Content content = Recordings.Content.of(file);
        RandomReading reading =
                RandomReading.of(Recordings.text(file).getBytes(ISO_8859_1), translator(), new Random(1));

        Usage usage = Objects.requireNonNull(reading.summary().usage());
        assertThat(usage.promptTokens()).isEqualTo(content.input());
        assertThat(usage.outputTokens()).isEqualTo(content.output());
        assertThat(reading.summary().tokens())
                .isEqualTo(Recordings.text(file)
                        .lines()
                        .filter("event: content_block_delta"::equals)
                        .count());
    }

    // ---- Random events.

    @Test
    void stream_random_passesByteForByte_andIsWholeOnlyAtItsEndMark() throws Exception {
        for (int seed = 0; seed < RUNS; seed++) {
            Random random = new Random(seed);
            String lineEnd = LINE_ENDS[random.nextInt(3)];
            StringBuilder sent = new StringBuilder(random.nextBoolean() ? START : "");
            for (int i = random.nextInt(30); i >= 0; i--) {
                sent.append(part(random));
            }
            boolean whole = random.nextInt(3) > 0;
            String answer = (sent + (whole ? END + STOP : random.nextBoolean() ? END : "")).replace("\n", lineEnd);

            RandomReading reading = RandomReading.of(
                    (answer + (whole ? "data: never" + lineEnd + lineEnd : "")).getBytes(UTF_8), translator(), random);

            if (whole) {
                assertThat(reading.taken()).as("seed %d", seed).isEqualTo(answer);
                assertThat(reading.summary().outcome()).as("seed %d", seed).isEqualTo(Outcome.WHOLE);
            } else {
                assertThat(reading.taken())
                        .as("seed %d", seed)
                        .startsWith(answer)
                        .endsWith(
                                "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":"
                                        + "\"The upstream ended the stream before the answer was whole.\"},\"request_id\":null}"
                                        + "\n\n");
                assertThat(reading.summary().outcome()).as("seed %d", seed).isEqualTo(Outcome.BROKEN_OFF);
            }
        }
    }

    private static String part(Random random) {
        return switch (random.nextInt(12)) {
            case 0 -> ": " + "ping".repeat(random.nextInt(3)) + "\n";
            case 1 -> event("ping", "{\"type\": \"ping\"}");
            case 2 -> event("content_block_start", "{\"type\":\"content_block_start\",\"content_block\":{}}");
            case 3 -> event("content_block_stop", "{\"type\":\"content_block_stop\",\"index\":0  }");
            case 4 -> event("unheard_of", "{\"type\":\"unheard_of\",\"error\":{\"message\":\"of a tool\"}}");
            case 5 -> event("content_block_delta", "{\"type\":\ndata: \"content_block_delta\"}");
            case 6 -> "data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"b\"}}\n\n"; // without its name
            case 7 -> event("message_delta", "no JSON");
            case 8 -> "\n".repeat(1 + random.nextInt(2));
            default -> {
                StringBuilder text = new StringBuilder();
                for (int i = random.nextInt(20); i >= 0; i--) {
                    text.append(WORDS[random.nextInt(WORDS.length)]);
                }
                yield event(
                        "content_block_delta",
                        "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\""
                                + text + "\"}" + " ".repeat(random.nextInt(4)) + "}");
            }
        };
    }

    // ---- The end.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
                "event: message_stop\ndata: {\"type\":\"message_stop\"  }\n",
                "event: message_stop\ndata: {\"type\":\"message_stop\"}",
                "data: {\"type\":\"message_stop\"}\n\n",
                "data: {\"index\":1,\"type\":\"message_stop\"}\n\n",
                "event: message\ndata: {\"type\":\"message_stop\"}\n\n"
            })
    void endMark_howeverItIsWritten_endsAWholeAnswer(String end) {
        RandomReading reading =
                RandomReading.of((START + DELTA + END + end).getBytes(UTF_8), translator(), new Random(7));
        assertThat(reading.summary().outcome()).isEqualTo(Outcome.WHOLE);
        assertThat(reading.taken()).isEqualTo(START + DELTA + END + end);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "event: message_stop\n",
                "event: message_stop\ndata: {\"type\":\"message_st",
                "event: message_stop\ndata: {\"type\":\"message_stop\"",
                "event: content_block_delta\ndata: {\"type\":\"message_stop\"}\n\n",
                "data: [DONE]\n\n",
                "data: message_stop\n\n"
            })
    void answer_withoutItsEndMark_isBrokenOff(String end) {
        RandomReading reading =
                RandomReading.of((START + DELTA + END + end).getBytes(UTF_8), translator(), new Random(7));
        assertThat(reading.summary().outcome()).isEqualTo(Outcome.BROKEN_OFF);
        assertThat(reading.taken()).contains("event: error\ndata: {\"type\":\"error\"");
    }

    /** Such an event passes in pieces, so that what it is remains unknown. */
    @Test
    void answer_thatEndsWithAnEventLongerThanTheLimit_isBrokenOff() {
        String longEvent = event("content_block_delta", "{\"delta\":{\"text\":\"" + "x".repeat(2 << 20) + "\"}}");
        RandomReading reading = RandomReading.of((START + longEvent).getBytes(UTF_8), translator(), new Random(7));
        assertThat(reading.summary().outcome()).isEqualTo(Outcome.BROKEN_OFF);
        assertThat(reading.taken()).startsWith(START + longEvent + "event: error\n");
    }

    // ---- Errors.

    @Test
    void error_withinTheStream_passesAsItIs_withNoneOfOurs() {
        RandomReading reading = RandomReading.of((START + DELTA + ERROR).getBytes(UTF_8), translator(), new Random(3));
        assertThat(reading.taken()).isEqualTo(START + DELTA + ERROR);
        assertThat(reading.summary().outcome()).isEqualTo(Outcome.BROKEN_OFF);
        assertThat(reading.summary().failure()).isNotNull().satisfies(failure -> assertThat(failure.status())
                .isEqualTo(529));
    }

    @Test
    void error_withAKeyInIt_isNotPassed() {
        RandomReading reading = RandomReading.of(
                (START + ERROR.replace("Overloaded", "no " + SECRET)).getBytes(UTF_8), translator(), new Random(3));
        assertThat(reading.taken())
                .startsWith(START + "event: error\ndata: {\"type\":\"error\"")
                .doesNotContain(SECRET);
    }

    @ParameterizedTest
    @CsvSource({
        "overloaded_error, 529, overloaded_error",
        "rate_limit_error, 429, upstream_429",
        "not_found_error, 404, upstream_404",
        "invalid_request_error, 400, upstream_400",
        "request_too_large, 413, request_too_large",
        "authentication_error, 502, upstream_key_refused",
        "permission_error, 502, upstream_key_refused",
        "api_error, 502, upstream_error",
        "something_new, 502, something_new",
    })
    void error_asTheFirstEvent_isAStatus(String type, int status, String code) {
        RandomReading reading =
                RandomReading.of(ERROR.replace("overloaded_error", type).getBytes(UTF_8), translator(), new Random(3));
        assertThat(reading.refused()).isEqualTo(new Failed(status, code));
    }

    /** As llama.cpp sends it. Clients ignore events without a type, so they are told again. */
    @Test
    void error_withoutAType_isToldAgainAsClientsKnowIt() {
        String theirs = "data: {\"error\":{\"code\":500,\"message\":\"no slot\",\"type\":\"server_error\"}}\n\n";
        RandomReading reading = RandomReading.of((START + DELTA + theirs).getBytes(UTF_8), translator(), new Random(3));
        assertThat(reading.taken())
                .startsWith(START + DELTA + theirs + "event: error\ndata: {\"type\":\"error\"")
                .contains("no slot\"},\"request_id\":null}");
    }

    private static Translator translator() {
        byte[] body = "{\"model\":\"m\",\"stream\":true}".getBytes(UTF_8);
        try {
            ApiRequest request = new Messages().read(body, body.length);
            return request.translator(new AnswerContext(new ProviderWords(List.of(SECRET)), 1 << 20, () -> false));
        } catch (InvalidRequestException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static Meaning pump(Translator translator, byte[] bytes, int from, int to, SseEncoder out) {
        translator.feed(ByteBuffer.wrap(bytes, from, to - from));
        Meaning meaning = translator.translate(out);
        Meaning last = meaning;
        while (meaning != Meaning.NOTHING && meaning != Meaning.WHOLE && meaning != Meaning.FAILED) {
            meaning = translator.translate(out);
            last = meaning;
        }
        return last;
    }

    private static String written(SseEncoder out) {
        return new String(out.array(), 0, out.length(), ISO_8859_1);
    }

    private static String event(String type, String data) {
        return "event: " + type + "\ndata: " + data + "\n\n";
    }
}
