package dev.sluice.dialect.anthropic;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ErrorBody;
import dev.sluice.dialect.PassingTranslator;
import dev.sluice.dialect.ProviderError;
import dev.sluice.sse.SseEncoder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Passes the events of a message on, byte for byte. The type of an event tells what it means; only those with counts are
 * parsed. Each piece of a block counts as a token. The answer is whole at {@code message_stop}, and only then. Guarded by
 * the stream's thread.
 */
final class MessageTranslator extends PassingTranslator {
    private final EventReader reader = new EventReader();

    MessageTranslator(AnswerContext context) {
        super(context);
    }

    @Override
    protected Meaning event(SseEncoder out) {
        return switch (EventType.of(decoder)) {
            case BLOCK_DELTA -> passAs(Meaning.TOKEN, out);
            case MESSAGE_START, MESSAGE_DELTA -> {
                reader.read(decoder.data(), decoder.dataOffset(), decoder.dataLength());
                usage(reader.usage().counts());
                yield passAs(Meaning.LIFE, out);
            }
            case MESSAGE_STOP -> {
                passLast(out);
                yield Meaning.WHOLE;
            }
            case ERROR -> failWithEvent(AnthropicError.ofEvent(errorInEvent()));
            case BLOCK_START, OTHER -> passAs(Meaning.LIFE, out);
            case NONE -> {
                Failure error = errorWithoutType();
                if (error == null) {
                    yield passAs(Meaning.LIFE, out);
                }
                sayAgain(); // clients ignore events without a type
                yield failWithEvent(error);
            }
        };
    }

    /** The event that ends an answer is short. */
    @Override
    protected boolean mayBeLastWord() {
        return false;
    }

    @Override
    protected boolean isLastWord() {
        return MessageEnd.isIn(decoder);
    }

    @Override
    protected @Nullable Failure unterminatedLastWord(SseEncoder out) {
        pass(out);
        return null;
    }

    @Override
    protected void tell(Failure reason, SseEncoder out) {
        out.event("error", AnthropicError.text(reason));
    }

    private Meaning passAs(Meaning meaning, SseEncoder out) {
        read();
        pass(out);
        return meaning;
    }

    /** The error of a server that sends it as other APIs do; null if the event is none. */
    private @Nullable Failure errorWithoutType() {
        int from = decoder.dataOffset();
        ProviderError error =
                ProviderError.inEvent(Arrays.copyOfRange(decoder.data(), from, from + decoder.dataLength()));
        return error.isReported()
                ? AnthropicError.ofEvent(ErrorBody.inStream(error, context().words()))
                : null;
    }
}
