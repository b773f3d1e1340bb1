package dev.sluice.dialect;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.relay.Translator;
import dev.sluice.sse.SseEncoder;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the text of an answer whose dialect is not known before it comes, because the providers of the model have several.
 * Guarded by the stream's thread.
 */
public final class LateTranslator implements Translator {
    private final Supplier<Translator> choice;
    private @Nullable Translator chosen;

    /** @param choice creates the translator for the provider that answers; called once, when something has come of it */
    public LateTranslator(Supplier<Translator> choice) {
        this.choice = choice;
    }

    @Override
    public String contentType() {
        return EventTranslator.EVENT_STREAM;
    }

    @Override
    public boolean takesComments() {
        return true;
    }

    @Override
    public void feed(ByteBuffer bytes) {
        if (bytes.hasRemaining()) { // an empty piece may come before the provider is certain
            chosen().feed(bytes);
        }
    }

    @Override
    public Meaning translate(SseEncoder out) {
        return chosen == null ? Meaning.NOTHING : chosen.translate(out);
    }

    @Override
    public boolean isFinished() {
        return chosen != null && chosen.isFinished();
    }

    @Override
    public boolean isWithinEvent() {
        return chosen != null && chosen.isWithinEvent();
    }

    @Override
    public @Nullable Failure lacks() {
        return chosen().lacks();
    }

    @Override
    public Failure failure() {
        return chosen().failure();
    }

    @Override
    public @Nullable Failure ends(@Nullable Failure reason, SseEncoder out) {
        return chosen().ends(reason, out);
    }

    @Override
    public void done(SseEncoder out) {
        chosen().done(out);
    }

    @Override
    public void brokenOff(Failure failure, SseEncoder out) {
        chosen().brokenOff(failure, out);
    }

    @Override
    public long fedBytes() {
        return chosen == null ? 0 : chosen.fedBytes();
    }

    @Override
    public int heldBytes() {
        return chosen == null ? 0 : chosen.heldBytes();
    }

    @Override
    public @Nullable Usage usage() {
        return chosen == null ? null : chosen.usage();
    }

    /** Once nothing of any answer follows, it no longer matters which one it is. */
    private Translator chosen() {
        Translator known = chosen == null ? choice.get() : chosen;
        chosen = known;
        return known;
    }
}
