package dev.sluice.dialect.openai;

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

/** Passing an ordinary token from the provider's bytes to the client's allocates nothing. */
class SteadyTokensTest {
    private static final int ROUNDS = 5_000;

    private static final List<ByteBuffer> TOKENS = Stream.of(
                    "\"content\":\" token\"",
                    "\"content\":\" café\"",
                    "\"content\":\"\\u00e9\\n\\n\\\"\\ud83d\\ude00\\\\ \\t\"",
                    "\"content\":\"\",\"reasoning_content\":\"hm\\n\"")
            .map(member ->
                    "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{"
                            + member + "},\"finish_reason\":null}],\"usage\":null}\n\n")
            .map(event -> ByteBuffer.wrap(event.getBytes(UTF_8)))
            .toList();

    private static final int FLOOD = 20;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final ProviderWords words = new ProviderWords(List.of());
    private final SseEncoder out = new SseEncoder();

    @Test
    void tokens_passedVerbatim_leaveNoGarbage() {
        assertLeavesNoGarbage(new VerbatimTranslator(new AnswerContext(words, 1 << 20, () -> false), 1, true));
    }

    @Test
    void tokens_writtenForChat_leaveNoGarbage() {
        assertLeavesNoGarbage(new ChatTranslator(new AnswerContext(words, 1 << 20, () -> false), 1, true));
    }

    @Test
    void floodOfTokens_passedVerbatim_leavesNoGarbage() {
        assertFloodLeavesNoGarbage(new VerbatimTranslator(new AnswerContext(words, 1 << 20, () -> false), 1, true));
    }

    @Test
    void floodOfTokens_writtenForChat_leavesNoGarbage() {
        assertFloodLeavesNoGarbage(new ChatTranslator(new AnswerContext(words, 1 << 20, () -> false), 1, true));
    }

    /** A network buffer full of tokens. The client takes their bytes before the next buffer is received. */
    private void assertFloodLeavesNoGarbage(Translator translator) {
        ByteBuffer flood = ByteBuffer.allocate(16 * 1024);
        for (int i = 0; i < FLOOD; i++) {
            TOKENS.forEach(token -> flood.put(token.rewind()));
        }
        flood.flip();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 8 && least > 0; i++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int round = 0; round < ROUNDS / FLOOD; round++) {
                pass(flood, translator, FLOOD * TOKENS.size());
                out.release();
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }

        assertThat(least).as("bytes for %d tokens", ROUNDS * TOKENS.size()).isZero();
    }

    private void assertLeavesNoGarbage(Translator translator) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 8 && least > 0; i++) { // at first, classes are loaded, buffers grow, and code is compiled
            least = Math.min(least, allocatedBy(translator));
        }

        assertThat(least).as("bytes for %d tokens", ROUNDS * TOKENS.size()).isZero();
    }

    private long allocatedBy(Translator translator) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < TOKENS.size(); i++) {
                pass(TOKENS.get(i), translator, 1);
                out.clear();
            }
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private void pass(ByteBuffer bytes, Translator translator, int tokens) {
        bytes.rewind();
        translator.feed(bytes);
        for (int i = 0; i < tokens; i++) {
            if (translator.translate(out) != Meaning.TOKEN) {
                throw new AssertionError("Not " + tokens + " tokens: " + UTF_8.decode(bytes.rewind()));
            }
        }
        if (translator.translate(out) != Meaning.NOTHING) {
            throw new AssertionError("More than " + tokens + " tokens: " + UTF_8.decode(bytes.rewind()));
        }
    }
}
