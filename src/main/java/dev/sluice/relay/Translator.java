package dev.sluice.relay;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.sse.SseEncoder;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What one endpoint makes of one answer, from the provider's bytes to the client's. Called by the thread that runs the
 * stream, one call at a time.
 */
public interface Translator {
    /** What the next thing that the provider said meant for the stream. */
    enum Meaning {
        /** Nothing whole is at hand: feed more. */
        NOTHING,
        /** A comment, or lines that mean nothing: a sign of life, but none that an answer goes on. */
        COMMENT,
        /** The provider lives, but said nothing: a role, an empty delta, something of no interest. */
        LIFE,
        /** A piece of the answer, or of what the model thinks. */
        TOKEN,
        /** The last word of an answer that is whole. */
        WHOLE,
        /** No more of the answer comes: {@link #failure} says why. */
        FAILED
    }

    /** The answer's {@code Content-Type}. */
    String contentType();

    /** Whether comments may come between what the client hears, to keep its connection open. */
    boolean takesComments();

    /** Takes all that remains in {@code bytes}; keeps no reference to it. */
    void feed(ByteBuffer bytes);

    /** Moves on by one event, if a whole one was fed, and writes what the client is to hear of it. */
    Meaning translate(SseEncoder out);

    /** Whether every part of the answer has had its end, so that nothing of it is missing whatever follows or does not. */
    default boolean isFinished() {
        return false;
    }

    /** Whether what was written last is but a part of an event, so that nothing else may be written now. */
    default boolean isWithinEvent() {
        return false;
    }

    /**
     * What the answer lacks though the client has it to the provider's last word, as it came; null if it is whole. Asked
     * once it has ended without a failure.
     */
    default @Nullable Failure lacks() {
        return null;
    }

    /** Why the last {@link #translate} said {@link Meaning#FAILED}. */
    Failure failure();

    /**
     * Nothing more comes. Takes what stands there unterminated, if it counts.
     *
     * @param reason why; null if the provider ended as HTTP says it should
     * @return why the answer is not whole; null if it is
     */
    @Nullable
    Failure ends(@Nullable Failure reason, SseEncoder out);

    /** Writes that the answer was whole. */
    void done(SseEncoder out);

    /** Writes that the answer, which had begun, broke off. */
    void brokenOff(Failure failure, SseEncoder out);

    /** How many bytes were fed, from the beginning. */
    long fedBytes();

    /** How many bytes wait for the rest of their event, or to be taken. */
    int heldBytes();

    /** What the provider says the answer cost, if it has said so. */
    @Nullable
    Usage usage();
}
