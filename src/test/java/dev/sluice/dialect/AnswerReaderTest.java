package dev.sluice.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Usage;
import dev.sluice.dialect.AnswerReader.AnswerKind;
import dev.sluice.dialect.openai.UsageObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerReaderTest {
    private static final String USAGE = "{\"prompt_tokens\" : 3,\n\"completion_tokens\":5,\"total_tokens\":15,"
            + "\"completion_tokens_details\":{\"reasoning_tokens\":7,\"vendor\":\"é\"}}";
    private static final String ANSWER =
            " {\"id\":\"é🙂\",\"choices\":[{\"message\":{\"content\":\"a \\\"usage\\\": {\",\"usage\":{}}}],"
                    + "\"usage\":" + USAGE + " ,\"x\":[]}\n";

    @Test
    void usage_atEveryCut_isReadWhole() {
        byte[] answer = ANSWER.getBytes(UTF_8);
        for (int first = 0; first <= answer.length; first++) {
            for (int second = first; second <= answer.length; second += 7) {
                AnswerReader reader = read(answer, first, second);
                Usage usage = Objects.requireNonNull(reader.usage(), "cut at " + first + " and " + second);
                assertThat(usage).isEqualTo(new Usage(3, 5, 7, 15, USAGE));
                assertThat(usage.outputTokens()).as("thought ones included").isEqualTo(12);
                assertThat(reader.isWhole()).isTrue();
                assertThat(reader.kind()).isEqualTo(AnswerKind.COMPLETION);
            }
        }
    }

    @Test
    void usage_ofARecording_isRead() throws IOException {
        try (InputStream in = AnswerReaderTest.class.getResourceAsStream("/captures/llamacpp-nonstream.json")) {
            byte[] answer = Objects.requireNonNull(in).readAllBytes();
            AnswerReader reader = read(answer, answer.length / 3, answer.length / 2);
            assertThat(Objects.requireNonNull(reader.usage()).totalTokens()).isPositive();
            assertThat(reader.isWhole()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{                                  | UNKNOWN",
                "{\"id                              | UNKNOWN",
                "{\"id\":                           | COMPLETION",
                "{\"choices\":[                     | COMPLETION",
                "{\"error\":                        | ERROR",
                "{\"code\":\"x\",\"error\":\"y\"}   | ERROR",
                "{\"message\":\"x\"}                | ERROR",
                "{\"object\":\"chat.comp            | UNKNOWN",
                "{\"object\":\"chat.completion\"    | COMPLETION",
                "{\"object\":\"error\"              | ERROR",
                "{}                                 | UNKNOWN",
                "no JSON                            | COMPLETION",
            })
    void kind_isToldByTheFirstField(String beginning, AnswerKind kind) {
        byte[] bytes = beginning.getBytes(UTF_8);
        for (int cut = 0; cut <= bytes.length; cut++) {
            assertThat(read(bytes, cut, cut).kind()).isEqualTo(kind);
        }
    }

    @Test
    void answer_cutShort_isNotWhole() {
        byte[] answer = ANSWER.strip().getBytes(UTF_8);
        for (int length = 0; length < answer.length; length++) {
            AnswerReader reader = new AnswerReader(UsageObject::read);
            reader.feed(answer, 0, length);
            assertThat(reader.isWhole()).as("after %d bytes", length).isFalse();
        }
    }

    @Test
    void usage_longBeyondReason_isNotKept() {
        byte[] answer =
                ("{\"id\":1,\"usage\":{\"prompt_tokens\":1,\"x\":\"" + "y".repeat(20_000) + "\"}}").getBytes(UTF_8);
        AnswerReader reader = read(answer, 100, 200);
        assertThat(reader.usage()).isNull();
        assertThat(reader.isWhole()).isTrue();
    }

    /** An image is such a string. The escapes in it are cut at every place. */
    @Test
    void usage_behindAStringOfManyBytes_isRead() {
        for (int shift = 0; shift < 8; shift++) {
            String text = "x".repeat(StringCutter.LONGEST - shift) + "\\u00e9é🙂\\\"\\\\".repeat(80_000);
            byte[] answer = ("{\"data\":[{\"b64_json\":\"" + text + "\",\"y\":\"" + text + "\"}],\"usage\":" + USAGE
                            + "}")
                    .getBytes(UTF_8);
            AnswerReader reader = read(answer, StringCutter.LONGEST + 24, answer.length - 20);
            assertThat(reader.usage()).as("shift %d", shift).isEqualTo(new Usage(3, 5, 7, 15, USAGE));
            assertThat(reader.isWhole()).isTrue();
        }
    }

    private static AnswerReader read(byte[] answer, int first, int second) {
        AnswerReader reader = new AnswerReader(UsageObject::read);
        byte[] elsewhere = new byte[answer.length + 9];
        System.arraycopy(answer, 0, elsewhere, 5, answer.length);
        reader.feed(elsewhere, 5, first);
        reader.feed(elsewhere, 5 + first, second - first);
        reader.feed(elsewhere, 5 + second, answer.length - second);
        return reader;
    }
}
