package dev.sluice.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.chat.Failure;
import dev.sluice.sse.SseEncoder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Passes the provider's events on, byte for byte, comments included. An event longer than the limit is passed on in
 * pieces and not parsed. An error that has a key in it is not passed on. The dialect defines which events there are and
 * what they mean. Guarded by the stream's thread.
 */
public abstract class PassingTranslator extends EventTranslator {
    private static final byte[] LINE_FEED = {'\n'};
    private static final byte[] BLANK_LINE = {'\n', '\n'};

    private boolean droppedToCr; // what was dropped has ended with a CR: if a LF follows, it is dropped too
    private byte @Nullable [] lastEvent; // the provider's error event, if the stream ends with one
    private boolean sayAgain; // clients do not take the last event for an error, so an event of Sluice is to follow

    protected PassingTranslator(AnswerContext context) {
        super(context, true);
    }

    // ---- The rules of a dialect.

    /** Writes an event of Sluice that reports why the answer, of which a part was passed on, does not continue. */
    protected abstract void tell(Failure reason, SseEncoder out);

    // ---- The stream.

    /** Lines that belong to no event may be an error without {@code data:}. */
    @Override
    protected final void aside(SseEncoder out) {
        int offset = decoder.asideOffset();
        int length = decoder.asideLength();
        int skipped = droppedToCr && length > 0 && decoder.wire()[offset] == '\n' ? 1 : 0;
        droppedToCr = false;
        if (length > 0 && !decoder.stray().isEmpty() && isSecret(new String(decoder.wire(), offset, length, UTF_8))) {
            return;
        }
        out.bytes(decoder.wire(), offset + skipped, length - skipped);
    }

    @Override
    protected final void piece(SseEncoder out) {
        pass(out);
    }

    @Override
    public final void done(SseEncoder out) {
        // The provider has already reported it.
    }

    @Override
    public final void brokenOff(Failure reason, SseEncoder out) {
        byte[] own = lastEvent;
        if (own != null) {
            out.bytes(own, 0, own.length);
        }
        if (isWithinEvent()) {
            out.bytes(BLANK_LINE, 0, BLANK_LINE.length); // ends the incomplete event
        }
        if (own == null || sayAgain) {
            tell(reason, out);
        }
    }

    // ---- For dialects.

    /** Passes the decoder's current event on, with the lines before it that belong to no event. */
    protected final void pass(SseEncoder out) {
        aside(out);
        passEvent(out);
    }

    /** Passes the decoder's current event on without those lines. */
    protected final void passEvent(SseEncoder out) {
        out.bytes(decoder.wire(), decoder.eventOffset(), decoder.eventLength());
    }

    /** Passes on the event that ends the answer. */
    protected final void passLast(SseEncoder out) {
        pass(out);
        if (decoder.isLineFeedDue()) {
            out.bytes(LINE_FEED, 0, 1); // completes the CRLF, whose LF would not be read any more
        }
    }

    /** Drops the decoder's current event. */
    protected final void drop() {
        droppedToCr = decoder.endsInCr();
    }

    /**
     * The decoder's current event is the provider's own error, and ends the stream. It is passed on only if a part of
     * the answer was, and if it has no key in it. Otherwise the client gets {@code reason}, as a status or as an event
     * of Sluice.
     */
    protected final Meaning failWithEvent(Failure reason) {
        if (!isSecret(decoder.text())) {
            int end = decoder.eventOffset() + decoder.eventLength();
            byte[] own =
                    Arrays.copyOfRange(decoder.wire(), decoder.asideOffset(), decoder.isLineFeedDue() ? end + 1 : end);
            if (decoder.isLineFeedDue()) {
                own[own.length - 1] = '\n'; // completes the CRLF, whose LF would not be read any more
            }
            lastEvent = own;
        }
        return fail(reason);
    }

    /** Clients do not take the provider's own error for one. So an event of Sluice reports it again. */
    protected final void sayAgain() {
        sayAgain = true;
    }

    protected final boolean isSecret(String text) {
        return context().words().isSecretIn(text);
    }
}
