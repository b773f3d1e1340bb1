package dev.sluice.dialect.responses;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Translator.Meaning;
import dev.sluice.sse.SseEncoder;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Passing an ordinary token of a response from the provider's bytes to the client's allocates nothing. */
class SteadyResponseTest {
    private static final int ROUNDS = 5_000;

    private static final List<ByteBuffer> TOKENS = Stream.of(
                    "{\"type\":\"response.output_text.delta\",\"content_index\":0,\"delta\":\" token\",\"item_id\":\"m\","
                            + "\"logprobs\":[],\"obfuscation\":\"CsGoBBsuRWFDB\",\"sequence_number\":123456}",
                    "{\"type\":\"response.output_text.delta\",\"item_id\":\"m\",\"delta\":\"\\u00e9\\n\\\"\\ud83d\\ude00\"}",
                    "{\"type\":\"response.reasoning_summary_text.delta\",\"delta\":\"hm\\n\",\"sequence_number\":4}",
                    "{\"sequence_number\":5,\"type\":\"response.refusal.delta\",\"delta\":\"café\"}")
            .map(Answers::event)
            .map(event -> ByteBuffer.wrap(event.getBytes(UTF_8)))
            .toList();

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final SseEncoder out = new SseEncoder();

    @Test
    void tokens_passedOn_leaveNoGarbage() {
        assertLeavesNoGarbage(new PassedResponse(Answers.context()));
    }

    @Test
    void tokens_writtenForChat_leaveNoGarbage() {
        assertLeavesNoGarbage(new TextOfResponse(Answers.context(), true));
    }

    private void assertLeavesNoGarbage(Translator translator) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 8 && least > 0; i++) { // at first, classes are loaded, buffers grow, and code is compiled
            least = Math.min(least, allocatedBy(translator));
        }

        assertThat(least).as("bytes for %d tokens", ROUNDS * TOKENS.size()).isZero();
    }

    private long allocatedBy(Translator translator) {
        long allocated = 0;
        for (int i = 0; i < TOKENS.size(); i++) {
            ByteBuffer token = TOKENS.get(i);
            pass(token, translator); // the first one of its type
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int round = 0; round < ROUNDS; round++) {
                pass(token, translator);
            }
            allocated += threads.getCurrentThreadAllocatedBytes() - before;
        }
        return allocated;
    }

    private void pass(ByteBuffer token, Translator translator) {
        translator.feed(token.rewind());
        if (translator.translate(out) != Meaning.TOKEN || translator.translate(out) != Meaning.NOTHING) {
            throw new AssertionError("Not one token: " + UTF_8.decode(token.rewind()));
        }
        out.clear();
    }
}
