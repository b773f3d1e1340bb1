package dev.sluice.relay;

import dev.sluice.chat.Failure;

/**
 * The provider's side of one stream: one request and one answer, which is read on demand.
 *
 * <p>The thread that runs the stream calls all methods, one at a time. {@code start}'s {@code wake} may be run by any
 * thread. No method may block. A method may run {@code wake}, or have another thread run it, before it returns.
 */
public interface Upstream {
    /** The result of {@link #read}. */
    enum Reading {
        /** Nothing has been received. {@link #demand} tells when something is. */
        NOTHING,
        /** Some bytes were passed to the translator; there may be more. */
        BYTES,
        /** The answer's body ended as HTTP says it should. */
        END,
        /** There is no answer, or it has broken off. {@link #failure} is the reason. */
        FAILED
    }

    /**
     * Sends the request. From then on, any thread may run {@code wake}. It is run whenever one of the methods below
     * would return another result than at its last call; it may also be run without need. Called once.
     *
     * @param attempts called for each call to a provider from now on
     */
    void start(Runnable wake, Attempts attempts);

    /** How long the stream waits for it. */
    UpstreamTimeouts timeouts();

    /** The answer's status and headers; {@link Head#NONE} until they have been received. */
    Head head();

    /** Whether the provider may omit the {@code finish_reason}. */
    default boolean finishReasonIsOptional() {
        return false;
    }

    /** Whether the request has been sent on a connection. */
    boolean sent();

    /** Whether a provider may have worked on the request: it was sent to one that has not refused it. */
    default boolean mayHaveWorked() {
        return sent();
    }

    /** Passes the bytes received so far to {@code translator}, at most a network buffer. */
    Reading read(Translator translator);

    /** Why {@link #read} said {@link Reading#FAILED}. */
    Failure failure();

    /** Requests that {@code wake} is run as soon as {@link #read} would not return {@link Reading#NOTHING}. */
    void demand();

    /**
     * The answer is complete. The few bytes that may follow are discarded, and the connection is kept. The last call.
     */
    void finish();

    /** The rest of the answer is not wanted. The connection is closed, which tells the provider. The last call. */
    void cancel();
}
