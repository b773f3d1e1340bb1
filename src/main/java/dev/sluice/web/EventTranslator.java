package dev.sluice.web;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.relay.Translator;
import dev.sluice.sse.SseDecoder;
import dev.sluice.sse.SseEncoder;
import java.nio.ByteBuffer;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * From a provider's events to a client's: what all such translators keep of an answer, whatever they make of it. Guarded
 * by the stream's thread, as its caller promises.
 */
abstract class EventTranslator implements Translator {
    private static final String LAST_WORD = "[DONE]";
    private static final int MOST_CHOICES = 128;

    final SseDecoder decoder;
    private final int maxEventBytes;
    private final BitSet choices = new BitSet();
    private final BitSet finished = new BitSet();
    private @Nullable Usage usage;
    private @Nullable Failure failure;

    /** @param maxEventBytes the longest event allowed */
    EventTranslator(int maxEventBytes) {
        this.maxEventBytes = maxEventBytes;
        this.decoder = new SseDecoder(maxEventBytes);
    }

    /** Writes what the client is to hear of the event that the decoder shows. */
    abstract Meaning event(SseEncoder out);

    /** Writes what the client is to hear of the lines of no event that the decoder shows. */
    abstract void aside(SseEncoder out);

    /** Writes what the client is to hear of a last word, shown by the decoder, that nothing terminated. */
    abstract void unterminatedLastWord(SseEncoder out);

    @Override
    public final String contentType() {
        return "text/event-stream;charset=utf-8";
    }

    @Override
    public final boolean takesComments() {
        return true;
    }

    @Override
    public final void feed(ByteBuffer bytes) {
        decoder.feed(bytes);
    }

    @Override
    public final Meaning translate(SseEncoder out) {
        return switch (decoder.next()) {
            case EVENT -> event(out);
            case ASIDE -> {
                aside(out);
                yield Meaning.LIFE;
            }
            case NONE -> Meaning.NOTHING;
            case TOO_LONG ->
                fail(Failure.upstream(
                        "event_too_long",
                        "The upstream sent an event longer than sluice.event.max-bytes allows (" + maxEventBytes
                                + " bytes)."));
        };
    }

    @Override
    public final Failure failure() {
        return failure == null ? Failure.upstream("upstream_error", "The upstream reported an error.") : failure;
    }

    /** An event that nothing terminates is discarded, as the standard says, but for the last word. */
    @Override
    public final @Nullable Failure ends(@Nullable Failure reason, SseEncoder out) {
        if (decoder.finish() && decoder.dataIs(LAST_WORD)) {
            unterminatedLastWord(out);
            return null;
        }
        boolean allFinished = !choices.isEmpty() && choices.equals(finished);
        if (reason != null || allFinished) {
            return reason;
        }
        return Failure.upstream("incomplete", "The upstream ended the stream before the answer was whole.");
    }

    @Override
    public final long fedBytes() {
        return decoder.fedBytes();
    }

    @Override
    public final int heldBytes() {
        return decoder.heldBytes();
    }

    @Override
    public final @Nullable Usage usage() {
        return usage;
    }

    final Meaning fail(Failure reason) {
        failure = reason;
        return Meaning.FAILED;
    }

    final void choice(int index) {
        if (index < MOST_CHOICES) {
            choices.set(index);
        }
    }

    final void finished(int choice) {
        if (choice < MOST_CHOICES) {
            finished.set(choice);
        }
    }

    final void usage(Usage used) {
        usage = used;
    }
}
