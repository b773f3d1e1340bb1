package dev.sluice.relay;

import static java.util.Objects.requireNonNull;

import dev.sluice.chat.Usage;
import dev.sluice.relay.Translator.Meaning;
import dev.sluice.relay.Upstream.Reading;
import dev.sluice.sse.SseEncoder;
import org.jspecify.annotations.Nullable;

/**
 * The upstream of one stream, and the translator of what it answers. The exchange remembers on which of the two nothing is
 * at hand, so that the loop does not ask there again in each of its steps.
 *
 * <p>Made by any thread; from then on guarded by the stream's baton.
 */
final class Exchange {
    private final Upstream upstream;
    private @Nullable Translator translator; // null once an exception of ours has ended the answer
    private boolean mayHaveBytes = true; // the upstream
    private boolean mayHaveEvents; // the translator

    Exchange(Upstream upstream, Translator translator) {
        this.upstream = upstream;
        this.translator = translator;
    }

    Upstream upstream() {
        return upstream;
    }

    Translator translator() {
        return requireNonNull(translator);
    }

    boolean hasTranslator() {
        return translator != null;
    }

    /** The translator's state may be inconsistent, and its memory may be what is needed. */
    void dropTranslator() {
        translator = null;
    }

    /** The stream was woken: the upstream may have bytes at hand again. */
    void lookAgain() {
        mayHaveBytes = true;
    }

    /** Moves what the upstream has at hand, at most a network buffer, to the translator. */
    Reading read() {
        if (!mayHaveBytes) {
            return Reading.NOTHING;
        }
        Reading reading = upstream.read(translator());
        mayHaveBytes = reading == Reading.BYTES;
        mayHaveEvents |= mayHaveBytes;
        return reading;
    }

    /** Translates the next event, if a whole one was read. */
    Meaning translate(SseEncoder out) {
        if (!mayHaveEvents) {
            return Meaning.NOTHING;
        }
        Meaning meaning = translator().translate(out);
        mayHaveEvents = meaning != Meaning.NOTHING;
        return meaning;
    }

    /** Whether nothing of the answer is missing, though the upstream has not ended. */
    boolean isFinished() {
        return translator().isFinished() && !translator().isWithinEvent();
    }

    /** The head of an answer that is passed on. */
    Head head() {
        Head head = upstream.head();
        // The length of events is not known beforehand: comments come between them, and some do not pass.
        return translator().takesComments() ? new Head(-1, head.fields()) : head;
    }

    long fedBytes() {
        return translator == null ? 0 : translator.fedBytes();
    }

    int heldBytes() {
        return translator == null ? 0 : translator.heldBytes();
    }

    @Nullable
    Usage usage() {
        return translator == null ? null : translator.usage();
    }
}
