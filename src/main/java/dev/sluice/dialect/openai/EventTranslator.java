package dev.sluice.dialect.openai;

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
 *
 * <p>An answer is whole when every choice has had its {@code finish_reason}, and the provider then ended. {@code [DONE]}
 * alone proves nothing: many servers send it behind an error.
 */
abstract class EventTranslator implements Translator {
    private static final String LAST_WORD = "[DONE]";

    final SseDecoder decoder;
    final ChunkReader chunks;
    private final Asked asked;
    private final BitSet choices = new BitSet();
    private final BitSet finished = new BitSet();
    private boolean unread; // the latest event was too long to be read: what it said of an end is not known
    private @Nullable Usage usage;
    private @Nullable Failure complaint; // the first
    private @Nullable Failure failure;

    /** @param inPieces whether events longer than allowed pass in pieces */
    EventTranslator(ChunkReader chunks, Asked asked, boolean inPieces) {
        this.chunks = chunks;
        this.asked = asked;
        this.decoder = new SseDecoder(asked.maxEventBytes(), inPieces);
    }

    /** Writes what the client is to hear of the event that the decoder shows. */
    abstract Meaning event(SseEncoder out);

    /** Writes what the client is to hear of the lines of no event that the decoder shows. */
    abstract void aside(SseEncoder out);

    /** Writes what the client is to hear of the piece of an event that the decoder shows. */
    abstract void piece(SseEncoder out);

    /**
     * Writes what the client is to hear of a last word, shown by the decoder, that nothing terminated.
     *
     * @return why the answer is not whole; null if it is, or if the client has the last word all the same
     */
    abstract @Nullable Failure unterminatedLastWord(SseEncoder out);

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
                yield Meaning.COMMENT;
            }
            case PIECE -> {
                piece(out);
                boolean first = !unread;
                unread = true;
                yield first ? Meaning.TOKEN : Meaning.LIFE;
            }
            case NONE -> Meaning.NOTHING;
            case TOO_LONG ->
                fail(Failure.upstream(
                        "event_too_long",
                        "The upstream sent an event longer than sluice.event.max-bytes allows (" + asked.maxEventBytes()
                                + " bytes)."));
        };
    }

    @Override
    public final boolean isFinished() {
        return !finished.isEmpty() && finished.cardinality() >= asked.choices() && choices.equals(finished);
    }

    @Override
    public final boolean isWithinEvent() {
        return decoder.isWithinEvent();
    }

    @Override
    public final Failure failure() {
        return failure == null ? Failure.upstream("upstream_error", "The upstream reported an error.") : failure;
    }

    /** An event that nothing terminates is discarded, as the standard says, but for the last word. */
    @Override
    public final @Nullable Failure ends(@Nullable Failure reason, SseEncoder out) {
        if (decoder.finish() && decoder.dataIs(LAST_WORD)) {
            return unterminatedLastWord(out);
        }
        if (isFinished()) {
            return reason;
        }
        Failure given = reasonGiven();
        if (given != null || reason != null) {
            return given != null ? given : reason;
        }
        return unread && !decoder.isWithinEvent()
                ? null
                : Failure.upstream("incomplete", "The upstream ended the stream before the answer was whole.");
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

    /** What the answer lacks though the provider has said its last word; null if it is whole. */
    final @Nullable Failure lackedAtLastWord() {
        if (isFinished()) {
            return null;
        }
        Failure given = reasonGiven();
        if (given != null) {
            return given;
        }
        return unread || asked.finishReasonIsOptional().getAsBoolean() ? null : Asked.UNFINISHED;
    }

    final boolean isLastWord() {
        return decoder.dataIs(LAST_WORD);
    }

    /** Whether any piece of the answer has come, and be it an empty one. */
    final boolean hasBegun() {
        return unread || !choices.isEmpty();
    }

    final void choice(int index) {
        unread = false; // what it said was not the end
        if (index < Asked.MOST_CHOICES) {
            choices.set(index);
        }
    }

    final void finished(int choice) {
        if (choice < Asked.MOST_CHOICES) {
            finished.set(choice);
        }
    }

    final void complained(Failure reason) {
        complaint = complaint == null ? reason : complaint;
    }

    final void usage(Usage used) {
        usage = used;
    }

    /** What the provider said of an error without saying that it is one. */
    private @Nullable Failure reasonGiven() {
        String stray = decoder.stray();
        return complaint != null || stray.isEmpty() ? complaint : chunks.readStray(stray);
    }
}
