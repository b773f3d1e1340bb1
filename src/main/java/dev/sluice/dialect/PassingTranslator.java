package dev.sluice.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.chat.Failure;
import dev.sluice.sse.SseEncoder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The provider's events as they came, byte for byte, comments included; an event longer than allowed passes in pieces,
 * unread. An error that shows a key does not pass. Which events there are, and what they mean, is the dialect's to say.
 * Guarded by the stream's thread, as its caller promises.
 */
public abstract class PassingTranslator extends EventTranslator {
    private static final byte[] LINE_FEED = {'\n'};
    private static final byte[] BLANK_LINE = {'\n', '\n'};

    private boolean droppedToCr; // the LF that may follow belongs to what did not pass
    private byte @Nullable [] lastEvent; // the provider's own error, if it ended with one
    private boolean sayAgain; // the last event is none that a client takes for an error

    protected PassingTranslator(AnswerContext context) {
        super(context, true);
    }

    // ---- The rules of a dialect.

    /** Writes an event of our own that says of an answer which had begun why no more of it comes. */
    protected abstract void tell(Failure reason, SseEncoder out);

    // ---- The stream.

    /** Lines of no event may be an error that nobody framed. */
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
        // The provider has said so itself.
    }

    @Override
    public final void brokenOff(Failure reason, SseEncoder out) {
        byte[] own = lastEvent;
        if (own != null) {
            out.bytes(own, 0, own.length);
        }
        if (isWithinEvent()) {
            out.bytes(BLANK_LINE, 0, BLANK_LINE.length); // what follows is no part of the event that was cut
        }
        if (own == null || sayAgain) {
            tell(reason, out);
        }
    }

    // ---- For dialects.

    /** Writes what the decoder shows, and the lines of no event before it. */
    protected final void pass(SseEncoder out) {
        aside(out);
        passEvent(out);
    }

    /** The same without the lines before it. */
    protected final void passEvent(SseEncoder out) {
        out.bytes(decoder.wire(), decoder.eventOffset(), decoder.eventLength());
    }

    /** Passes the event that ends the answer. */
    protected final void passLast(SseEncoder out) {
        pass(out);
        if (decoder.isLineFeedDue()) {
            out.bytes(LINE_FEED, 0, 1); // nobody reads on for the half that is still to come
        }
    }

    /** The event that the decoder shows does not pass. */
    protected final void drop() {
        droppedToCr = decoder.endsInCr();
    }

    /**
     * The event that the decoder shows is the provider's own error, and the last one. It passes only if the answer has
     * begun by then, and not if it shows a key; else {@code reason} becomes a status, or an event of ours.
     */
    protected final Meaning failWithEvent(Failure reason) {
        if (!isSecret(decoder.text())) {
            lastEvent = Arrays.copyOfRange(
                    decoder.wire(), decoder.asideOffset(), decoder.eventOffset() + decoder.eventLength());
        }
        return fail(reason);
    }

    /** No client takes the provider's own error for one: an event of ours says it once more. */
    protected final void sayAgain() {
        sayAgain = true;
    }

    protected final boolean isSecret(String text) {
        return context().words().isSecretIn(text);
    }
}
