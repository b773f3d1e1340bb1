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

/** An ordinary token, from the provider's bytes to the client's, leaves no garbage. */
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
                ByteBuffer token = TOKENS.get(i);
                token.rewind();
                translator.feed(token);
                if (translator.translate(out) != Meaning.TOKEN || translator.translate(out) != Meaning.NOTHING) {
                    throw new AssertionError("Not one token: " + UTF_8.decode(token.rewind()));
                }
                out.clear();
            }
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }
}
