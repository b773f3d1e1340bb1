package dev.sluice.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.dialect.openai.ChatCompletions;
import dev.sluice.relay.Translator.Meaning;
import dev.sluice.sse.SseEncoder;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LateTranslatorTest {
    @Test
    void piece_thatIsEmpty_choosesNothing() {
        AtomicInteger choices = new AtomicInteger();
        LateTranslator translator = new LateTranslator(() -> {
            choices.incrementAndGet();
            return new ChatCompletions()
                    .textTranslator(false, new AnswerContext(new ProviderWords(List.of()), 1024, () -> false));
        });

        translator.feed(ByteBuffer.allocate(0));
        assertThat(translator.translate(new SseEncoder())).isEqualTo(Meaning.NOTHING);
        assertThat(choices).hasValue(0);
        translator.feed(ByteBuffer.wrap(new byte[] {':'}));
        assertThat(choices).hasValue(1);
        assertThat(translator.fedBytes()).isEqualTo(1);
    }
}
