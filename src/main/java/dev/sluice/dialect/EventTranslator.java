package dev.sluice.dialect;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.relay.Translator;
import dev.sluice.sse.SseDecoder;
import dev.sluice.sse.SseEncoder;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * From a provider's events to a client's: what all such translators keep of an answer, whatever its dialect and whatever
 * they make of it. Guarded by the stream's thread, as its caller promises.
 */
public abstract class EventTranslator implements Translator {
    /** The event at which the translator stands. */
    protected final SseDecoder decoder;

    private final AnswerContext context;
    private boolean unread; // the latest event was too long to be read: what it said of an end is not known
    private @Nullable Usage usage;
    private @Nullable Failure complaint; // the first
    private @Nullable Failure failure;

    /** @param inPieces whether events longer than allowed pass in pieces */
    protected EventTranslator(AnswerContext context, boolean inPieces) {
        this.context = context;
        this.decoder = new SseDecoder(context.maxEventBytes(), inPieces);
    }

    // ---- The rules of a dialect.

    /** Writes what the client is to hear of the event that the decoder shows. */
    protected abstract Meaning event(SseEncoder out);

    /** Writes what the client is to hear of the lines of no event that the decoder shows. */
    protected abstract void aside(SseEncoder out);

    /** Writes what the client is to hear of the piece of an event that the decoder shows. */
    protected abstract void piece(SseEncoder out);

    /**
     * Whether the event that the decoder shows ends an answer, and so counts though nothing terminated it. Any other
     * unterminated event is discarded, as the standard says.
     */
    protected boolean isLastWord() {
        return false;
    }

    /**
     * Writes what the client is to hear of a last word, shown by the decoder, that nothing terminated.
     *
     * @return why the answer is not whole; null if it is, or if the client has the last word all the same
     */
    protected @Nullable Failure unterminatedLastWord(SseEncoder out) {
        return null;
    }

    // ---- The stream.

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
                        "The upstream sent an event longer than sluice.event.max-bytes allows ("
                                + context.maxEventBytes() + " bytes)."));
        };
    }

    @Override
    public final boolean isWithinEvent() {
        return decoder.isWithinEvent();
    }

    @Override
    public final Failure failure() {
        return failure == null ? Failure.upstream("upstream_error", "The upstream reported an error.") : failure;
    }

    @Override
    public final @Nullable Failure ends(@Nullable Failure reason, SseEncoder out) {
        if (decoder.finish() && isLastWord()) {
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

    // ---- For dialects.

    protected final AnswerContext context() {
        return context;
    }

    /** No more of the answer comes. */
    protected final Meaning fail(Failure reason) {
        failure = reason;
        return Meaning.FAILED;
    }

    /** What the event that the decoder shows says of an error, whatever it looks like. */
    protected final Failure errorInEvent() {
        return ErrorBody.inEvent(decoder.data(), decoder.dataOffset(), decoder.dataLength(), context.words());
    }

    /** A piece of the answer was read: the event before it, if that was too long to be read, was not the end. */
    protected final void read() {
        unread = false;
    }

    /** Whether the latest event was too long to be read, so that nobody knows what it said of an end. */
    protected final boolean isUnread() {
        return unread;
    }

    /** What the answer cost so far; the last call counts. */
    protected final void usage(@Nullable Usage used) {
        usage = used;
    }

    /** The provider said of an error without saying that it is one: it counts if the answer does not become whole. */
    protected final void complained(Failure reason) {
        complaint = complaint == null ? reason : complaint;
    }

    /** What the provider said of an error without saying that it is one; null if it did not. */
    protected final @Nullable Failure reasonGiven() {
        String stray = decoder.stray();
        return complaint != null || stray.isEmpty() ? complaint : ErrorBody.inStrayLines(stray, context.words());
    }
}
