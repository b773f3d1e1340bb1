package dev.sluice.relay;

import dev.sluice.chat.Failure;
import dev.sluice.sse.SseDecoder;
import dev.sluice.sse.SseEncoder;

/**
 * What one endpoint makes of one answer's events, from the provider's words to the client's. Called by the thread that
 * runs the stream, one call at a time.
 */
public interface Translator {
    /** What an event of the provider's meant for the stream. */
    enum Meaning {
        /** The provider lives, but said nothing: a role, an empty delta, something of no interest. */
        LIFE,
        /** A piece of the answer, or of what the model thinks. */
        TOKEN,
        /** The last word of an answer that is whole. */
        WHOLE,
        /** No more of the answer comes: {@link #failure} says why. */
        FAILED
    }

    /** Writes what the client is to hear of the event that {@code event} shows. */
    Meaning translate(SseDecoder event, SseEncoder out);

    /** Why the last {@link #translate} said {@link Meaning#FAILED}. */
    Failure failure();

    /** Whether an event that nothing terminates is the provider's last word all the same. */
    boolean isLastWord(SseDecoder event);

    /** Whether the answer is whole if the provider ends here without a last word. */
    boolean isWhole();

    /** Writes that the answer was whole. */
    void done(SseEncoder out);

    /** Writes that the answer broke off. */
    void brokenOff(Failure failure, SseEncoder out);
}
