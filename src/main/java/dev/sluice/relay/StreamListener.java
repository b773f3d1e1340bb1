package dev.sluice.relay;

import dev.sluice.chat.Failure;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Hears what becomes of one stream. Metrics, the usage log and whatever else observes streams are made of such listeners.
 * Every stream that opens ends, and each of its listeners is told so exactly once, as the last thing:
 *
 * <pre>
 *   Factory.opened ──▶ asked ──▶ attemptBegan ──▶ firstToken ──▶ attemptEnded ──▶ ended
 *                       0..1      ▲               0..1                  │          1
 *                                 └───────────── 0..n attempts ─────────┘
 * </pre>
 *
 * {@code paused} may come between any two of them. An attempt that has begun has ended before the next one begins, and
 * before the stream's end.
 *
 * <p>All methods are called by the thread that runs the stream, one at a time, and each call sees what the one before has
 * written. It is not always the same thread. Only a listener that joins a stream which has ended is told of the end by the
 * thread that joins it. No method may block: it would hold up the stream, and others of the same thread. An exception is
 * logged; it changes nothing for the stream and for its other listeners.
 *
 * <p>Nothing is told of single tokens: no listener is on their way.
 */
public interface StreamListener {
    /**
     * What the client asks for: the request is whole and readable. Told before the first attempt, at the latest before the
     * end.
     */
    default void asked(Asked asked) {}

    /** A provider is asked: its answer may follow, another attempt, or the end. */
    default void attemptBegan(Attempt attempt) {}

    /**
     * Nothing more comes of the attempt that began last.
     *
     * @param reason why, if there is a reason beyond the client's
     */
    default void attemptEnded(Attempt attempt, AttemptOutcome outcome, @Nullable Failure reason) {}

    /** The first token has come from the provider, so long after the stream has opened. */
    default void firstToken(Duration sinceOpening) {}

    /**
     * The client takes something again, after it took nothing for a while. A pause during which the stream ends is not
     * told; {@link StreamSummary#paused} counts it.
     *
     * @param holding what it was to take meanwhile
     * @param nanos how long it took nothing. A number, for a slow client may pause with each token
     */
    default void paused(Pause holding, long nanos) {}

    /** The stream has ended. The last call. */
    default void ended(StreamSummary summary) {}

    /** Makes the listeners of streams. Any thread; must not block. */
    @FunctionalInterface
    interface Factory {
        /**
         * A stream has opened, its request still on the way. Called once for each, by the container's thread.
         *
         * @return who hears of it; may be the same for several streams, which run at the same time
         */
        StreamListener opened(Opened stream);
    }

    /**
     * What is known of a stream when it opens.
     *
     * @param caller who makes the request
     * @param plan the name of the plan that the caller has; null for none
     * @param endpoint what logs call the path that is asked for
     * @param request when the request has come, from where, and by which ids it is found
     */
    record Opened(Caller caller, @Nullable String plan, String endpoint, Request request) {}

    /**
     * The data of a request that logs need. None of it is text of any length: what a client has sent is here only if it is
     * well-formed.
     *
     * @param time when it has come
     * @param id names it in logs, here and elsewhere: visible ASCII characters
     * @param traceId that of the trace that it belongs to (W3C Trace Context): 32 hexadecimal digits; null for none
     * @param client the IP address of the client; null if a proxy has not told it
     */
    record Request(
            Instant time,
            String id,
            @Nullable String traceId,
            @Nullable String client) {}

    /**
     * What a client asks for.
     *
     * @param model as the client called it, or as it was called for the client; null if no model was named
     * @param streamed whether the answer is to be events
     * @param bytes the length of the request's body, or of what providers are sent instead if that is longer
     * @param outputTokens the most tokens of the answer that are asked for; null if no number was said
     */
    record Asked(
            @Nullable String model,
            boolean streamed,
            int bytes,
            @Nullable Long outputTokens) {
        /** Without a number for the answer. */
        public Asked(@Nullable String model, boolean streamed, int bytes) {
            this(model, streamed, bytes, null);
        }
    }

    /**
     * One time that a provider was asked. A request that a kept connection lost, and that is sent once more on a new one
     * at once, is the same attempt.
     *
     * @param upstream the provider's name in the configuration
     * @param model what it is asked for, by its own name; null if the request names none
     * @param number from 1, for each stream
     */
    record Attempt(String upstream, @Nullable String model, int number) {}

    /** How an attempt ended. */
    enum AttemptOutcome {
        /** The provider's answer came to its end. */
        ANSWERED,
        /** The provider gave no answer, none in time, or not all of it. */
        FAILED,
        /** The answer was not waited for: the client has left or is stalled, the server is stopping, or Sluice has failed. */
        GIVEN_UP
    }
}
