package dev.sluice.relay;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.sse.SseEncoder;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Translates one answer, from the provider's bytes to the client's, as its endpoint promises. Called by the thread that
 * runs the stream, one call at a time.
 */
public interface Translator {
    /** What an event of the provider's means for the stream. */
    enum Meaning {
        /** There is no whole event: feed more. */
        NOTHING,
        /** A comment, or lines without a meaning. The provider lives, but the answer may not go on. */
        COMMENT,
        /** An event without a token, such as a role or an empty delta. The answer may go on. */
        LIFE,
        /** A piece of the answer, or of its reasoning. */
        TOKEN,
        /** The end mark of an answer that is whole. */
        WHOLE,
        /** No more of the answer comes: {@link #failure} says why. */
        FAILED
    }

    /** The answer's {@code Content-Type}. */
    String contentType();

    /** Whether comments may be written between the events of the answer, as heartbeats. */
    boolean takesComments();

    /** Takes all that remains in {@code bytes}; keeps no reference to it. */
    void feed(ByteBuffer bytes);

    /** Translates the next event, if a whole one was fed, and writes to {@code out} what the client is to get of it. */
    Meaning translate(SseEncoder out);

    /** Whether every part of the answer has ended, so that nothing of it is missing if nothing follows. */
    default boolean isFinished() {
        return false;
    }

    /** Whether only a part of an event was written so far, so that nothing else may be written now. */
    default boolean isWithinEvent() {
        return false;
    }

    /**
     * What an answer lacks that was passed on unchanged to the provider's end mark; null if it is whole. Asked once, when
     * the answer has ended without a failure.
     */
    default @Nullable Failure lacks() {
        return null;
    }

    /** Why the last {@link #translate} said {@link Meaning#FAILED}. */
    Failure failure();

    /**
     * Nothing more comes. Translates an event that no blank line ended, if it counts.
     *
     * @param reason why nothing more comes; null if the answer's body ended as HTTP says it should
     * @return why the answer is not whole; null if it is
     */
    @Nullable
    Failure ends(@Nullable Failure reason, SseEncoder out);

    /** Writes that the answer is whole. */
    void done(SseEncoder out);

    /** Writes that the answer, which has begun, breaks off. */
    void brokenOff(Failure failure, SseEncoder out);

    /** How many bytes were fed since the answer began. */
    long fedBytes();

    /** How many bytes are held: of events that are not whole, or were not translated yet. */
    int heldBytes();

    /** The tokens that the provider has counted, if it has told. */
    @Nullable
    Usage usage();
}
