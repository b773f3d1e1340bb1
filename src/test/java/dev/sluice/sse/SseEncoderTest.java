package dev.sluice.sse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SseEncoderTest {
    private final SseEncoder encoder = new SseEncoder();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "hi|data: hi;;",
                " leading space|data:  leading space;;",
                "a\\nb|data: a;data: b;;",
                "a\\rb|data: a;data: b;;",
                "a\\r\\nb|data: a;data: b;;",
                "\\n|data: ;data: ;;",
                "\\r\\n\\r\\n|data: ;data: ;data: ;;",
                "a\\n\\rb|data: a;data: ;data: b;;",
                "aé水🙂|data: aé水🙂;;",
            })
    void event_text_isWrittenAsTheStandardReadsIt(String text, String wire) {
        event(text.replace("\\n", "\n").replace("\\r", "\r"));
        assertThat(written()).isEqualTo(wire.replace(";", "\n"));
    }

    @Test
    void event_withType_namesItFirst() {
        encoder.event("done", "{}");
        assertThat(written()).isEqualTo("event: done\ndata: {}\n\n");
    }

    @Test
    void comment_isOneLineWithoutABlankOne() {
        encoder.comment("keep-alive");
        assertThat(written()).isEqualTo(": keep-alive\n");
    }

    @Test
    void event_unpairedSurrogates_becomeReplacementCharacters() {
        event("a\uD83Db\uDE42\uD83D");
        assertThat(written()).isEqualTo("data: a\uFFFDb\uFFFD\uFFFD\n\n");
    }

    @Test
    void event_partOfAnArray_takesNothingFromOutsideIt() {
        // The low surrogate and the LF are after the part that is encoded.
        encoder.event("x\uD83D\uDE42".toCharArray(), 0, 2);
        encoder.event("y\r\n".toCharArray(), 0, 2);
        assertThat(written()).isEqualTo("data: x\uFFFD\n\ndata: y\ndata: \n\n");
    }

    @Test
    void event_anyText_comesBackFromTheDecoder() {
        var random = new Random(7);
        for (int run = 0; run < 5_000; run++) {
            StringBuilder text = new StringBuilder();
            for (int i = 1 + random.nextInt(30); i > 0; i--) {
                int point = random.nextInt(4) == 0 ? "\r\n: \0".charAt(random.nextInt(5)) : random.nextInt(0x110000);
                text.appendCodePoint(Character.isSurrogate((char) point) && point < 0x10000 ? 'x' : point);
            }
            encoder.clear();
            event(text.toString());
            var decoder = new SseDecoder(1 << 20);
            decoder.feed(ByteBuffer.wrap(encoder.array(), 0, encoder.length()));
            assertThat(decoder.next()).isEqualTo(SseDecoder.Next.EVENT);
            assertThat(decoder.text())
                    .isEqualTo(text.toString().replace("\r\n", "\n").replace('\r', '\n'));
            assertThat(decoder.next()).isEqualTo(SseDecoder.Next.NONE);
        }
    }

    @Test
    void clear_whileSomebodyReads_leavesTheArrayAlone() {
        event("being sent");
        byte[] lent = encoder.array();
        encoder.clear();
        var other = new SseEncoder();
        other.event("another stream's".toCharArray(), 0, 16);
        assertThat(other.array()).isNotSameAs(lent);
        assertThat(new String(lent, UTF_8)).startsWith("data: being sent\n\n");
    }

    @Test
    void release_givesTheArrayToTheThreadsNextStream() {
        event("sent");
        byte[] lent = encoder.array();
        encoder.release();
        assertThat(encoder.array()).isEmpty();
        encoder.release(); // without any output
        var next = new SseEncoder();
        next.event("next".toCharArray(), 0, 4);
        assertThat(next.array()).isSameAs(lent);
        event("once more");
        assertThat(encoder.array()).isNotSameAs(lent);
    }

    @Test
    void event_largerThanTheArray_keepsWhatWasWritten() {
        String first = "x".repeat(3_000);
        event(first);
        event("y".repeat(100_000));
        assertThat(written()).isEqualTo("data: " + first + "\n\ndata: " + "y".repeat(100_000) + "\n\n");
    }

    private void event(String text) {
        encoder.event(text.toCharArray(), 0, text.length());
    }

    private String written() {
        return new String(encoder.array(), 0, encoder.length(), UTF_8);
    }
}
