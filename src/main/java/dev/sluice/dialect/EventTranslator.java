package dev.sluice.dialect;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.relay.Translator;
import dev.sluice.sse.SseDecoder;
import dev.sluice.sse.SseEncoder;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Translates a provider's events to a client's: the state that translators of all dialects have. Guarded by the
 * stream's thread.
 */
public abstract class EventTranslator implements Translator {
    static final String EVENT_STREAM = "text/event-stream;charset=utf-8";

    /** Has the current event. */
    protected final SseDecoder decoder;

    private final AnswerContext context;
    private boolean
            unread; // the latest event was longer than the limit, so whether it has ended the answer is not known
    private boolean withinLongEvent; // the latest piece has not ended its event
    private @Nullable Usage usage;
    private @Nullable Failure complaint; // the first one
    private @Nullable Failure failure;

    /** @param inPieces whether an event longer than the limit is passed on in pieces */
    protected EventTranslator(AnswerContext context, boolean inPieces) {
        this.context = context;
        this.decoder = new SseDecoder(context.maxEventBytes(), inPieces);
    }

    // ---- The rules of a dialect.

    /** Writes for the client what it gets of the decoder's current event. */
    protected abstract Meaning event(SseEncoder out);

    /** Writes for the client what it gets of the decoder's current lines, which belong to no event. */
    protected abstract void aside(SseEncoder out);

    /** Writes for the client what it gets of the decoder's current piece of an event. */
    protected abstract void piece(SseEncoder out);

    /**
     * Whether the decoder's current event ends the answer. Such an event counts even if the blank line after it is
     * missing. Any other event without a blank line is discarded, as the SSE standard requires.
     */
    protected boolean isLastWord() {
        return false;
    }

    /**
     * Writes for the client what it gets of the decoder's current event, which ends the answer but has no blank line
     * after it.
     *
     * @return why the answer is not complete; null if it is, or if the client gets that event all the same
     */
    protected @Nullable Failure unterminatedLastWord(SseEncoder out) {
        return null;
    }

    /**
     * Whether an event longer than the limit may end the answer. The decoder's current piece is the beginning of that
     * event.
     */
    protected boolean mayBeLastWord() {
        return true;
    }

    /** Whether the event has come that ends the answer, so that a lost connection takes nothing of it away. */
    protected boolean isOver() {
        return false;
    }

    // ---- The stream.

    @Override
    public final String contentType() {
        return EVENT_STREAM;
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
                boolean begins = !withinLongEvent;
                withinLongEvent = decoder.isWithinEvent();
                if (begins) {
                    unread = mayBeLastWord();
                }
                piece(out);
                yield begins ? Meaning.TOKEN : Meaning.LIFE;
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
            return isOver() ? null : reason;
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

    /** The answer has failed: nothing more of it is read. */
    protected final Meaning fail(Failure reason) {
        failure = reason;
        return Meaning.FAILED;
    }

    /** The failure that the decoder's current event reports, in whatever format. */
    protected final Failure errorInEvent() {
        return ErrorBody.inEvent(decoder.data(), decoder.dataOffset(), decoder.dataLength(), context.words());
    }

    /**
     * A piece of the answer has been parsed. So an earlier event that was longer than the limit has not ended the
     * answer.
     */
    protected final void read() {
        unread = false;
    }

    /** Whether the latest event was longer than the limit, so that it is not known whether it has ended the answer. */
    protected final boolean isUnread() {
        return unread;
    }

    /** Sets the usage so far; the last call counts. */
    protected final void usage(@Nullable Usage used) {
        usage = used;
    }

    /**
     * The provider has sent something that looks like an error but has no {@code error} field. It counts only if the
     * answer does not become complete.
     */
    protected final void complained(Failure reason) {
        complaint = complaint == null ? reason : complaint;
    }

    /** The failure that {@link #complained} has set; null if there is none. */
    protected final @Nullable Failure reasonGiven() {
        String stray = decoder.stray();
        return complaint != null || stray.isEmpty() ? complaint : ErrorBody.inStrayLines(stray, context.words());
    }
}
