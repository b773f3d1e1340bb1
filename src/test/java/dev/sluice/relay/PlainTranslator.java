package dev.sluice.relay;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.sse.SseDecoder;
import dev.sluice.sse.SseEncoder;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Passes text on. {@code -} is no token, {@code !} an error, {@code [DONE]} the end, and after {@code fin} the answer
 * is complete. {@code no memory} and {@code bug} are thrown.
 */
public final class PlainTranslator implements Translator {
    static final Failure REPORTED = Failure.upstream("reported", "The upstream said so.");
    private static final Failure TOO_LONG = Failure.upstream("event_too_long", "The upstream said too much.");

    private final SseDecoder decoder;
    private final boolean takesComments;

    /** The failure of an answer that is not complete at its end. */
    private final @Nullable Failure lacks;

    /** The number of calls of {@link #translate}. */
    int looks;

    private boolean whole;
    private Failure failure = REPORTED;

    public PlainTranslator(boolean takesComments) {
        this(takesComments, false, null);
    }

    PlainTranslator(boolean takesComments, boolean inPieces, @Nullable Failure lacks) {
        this.takesComments = takesComments;
        this.decoder = new SseDecoder(1000, inPieces);
        this.lacks = lacks;
    }

    @Override
    public boolean isFinished() {
        return whole;
    }

    @Override
    public boolean isWithinEvent() {
        return decoder.isWithinEvent();
    }

    @Override
    public @Nullable Failure lacks() {
        return lacks;
    }

    @Override
    public String contentType() {
        return "text/plain";
    }

    @Override
    public boolean takesComments() {
        return takesComments;
    }

    @Override
    public void feed(ByteBuffer bytes) {
        decoder.feed(bytes);
    }

    @Override
    public Meaning translate(SseEncoder out) {
        looks++;
        return switch (decoder.next()) {
            case NONE -> Meaning.NOTHING;
            case ASIDE -> Meaning.COMMENT;
            case PIECE -> {
                out.bytes(decoder.wire(), decoder.eventOffset(), decoder.eventLength());
                yield Meaning.TOKEN;
            }
            case TOO_LONG -> {
                failure = TOO_LONG;
                yield Meaning.FAILED;
            }
            case EVENT -> event(decoder.text(), out);
        };
    }

    private Meaning event(String text, SseEncoder out) {
        return switch (text) {
            case "-" -> Meaning.LIFE;
            case "!" -> Meaning.FAILED;
            case "[DONE]" -> Meaning.WHOLE;
            case "no memory" -> throw new OutOfMemoryError("by the test");
            case "bug" -> throw new IllegalStateException("by the test");
            case "fin" -> {
                whole = true;
                yield Meaning.LIFE;
            }
            default -> {
                out.event(text.toCharArray(), 0, text.length());
                yield Meaning.TOKEN;
            }
        };
    }

    @Override
    public Failure failure() {
        return failure;
    }

    @Override
    public @Nullable Failure ends(@Nullable Failure reason, SseEncoder out) {
        if ((decoder.finish() && decoder.dataIs("[DONE]")) || (whole && reason == null)) {
            return null;
        }
        return reason != null ? reason : Failure.upstream("incomplete", "The upstream ended too early.");
    }

    @Override
    public void done(SseEncoder out) {
        out.event("done", "{}");
    }

    @Override
    public void brokenOff(Failure failure, SseEncoder out) {
        out.event("error", failure.code());
    }

    @Override
    public long fedBytes() {
        return decoder.fedBytes();
    }

    @Override
    public int heldBytes() {
        return decoder.heldBytes();
    }

    @Override
    public @Nullable Usage usage() {
        return null;
    }
}
