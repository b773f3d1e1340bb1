package dev.sluice.dialect.anthropic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Translator.Meaning;
import dev.sluice.sse.SseEncoder;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Passing an ordinary piece of a message from the provider's bytes to the client's allocates nothing. */
class SteadyMessagesTest {
    private static final int ROUNDS = 5_000;

    /** With the padding by which Anthropic hides how long a piece is. */
    private static final List<ByteBuffer> PIECES = Stream.of(
                    "{\"type\":\"text_delta\",\"text\":\" token\"}",
                    "{\"type\":\"text_delta\",\"text\":\" café\"}     ",
                    "{\"type\":\"text_delta\",\"text\":\"\\u00e9\\n\\n\\\"\\ud83d\\ude00\\\\ \\t\"}  ",
                    "{\"text\":\"other order\",\"type\":\"text_delta\"}  ",
                    "{\"type\":\"thinking_delta\",\"thinking\":\"hm\\n\"}   ")
            .map(delta -> "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
                    + delta + "}\n\n")
            .map(event -> ByteBuffer.wrap(event.getBytes(UTF_8)))
            .toList();

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final AnswerContext context = new AnswerContext(new ProviderWords(List.of()), 1 << 20, () -> false);
    private final SseEncoder out = new SseEncoder();

    @Test
    void pieces_passedVerbatim_leaveNoGarbage() {
        assertLeavesNoGarbage(new MessageTranslator(context));
    }

    @Test
    void pieces_writtenForChat_leaveNoGarbage() {
        assertLeavesNoGarbage(new MessageTextTranslator(context, true));
    }

    private void assertLeavesNoGarbage(Translator translator) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 8 && least > 0; i++) { // at first, classes are loaded, buffers grow, and code is compiled
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int round = 0; round < ROUNDS; round++) {
                for (int piece = 0; piece < PIECES.size(); piece++) {
                    pass(PIECES.get(piece), translator);
                }
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as("bytes for %d pieces", ROUNDS * PIECES.size()).isZero();
    }

    private void pass(ByteBuffer bytes, Translator translator) {
        translator.feed(bytes.rewind());
        if (translator.translate(out) != Meaning.TOKEN || translator.translate(out) != Meaning.NOTHING) {
            throw new AssertionError("Not one piece: " + UTF_8.decode(bytes.rewind()));
        }
        out.clear();
    }
}
