package dev.sluice.relay;

import dev.sluice.chat.Failure;

/**
 * The provider's side of one stream: one request, one answer, read on demand.
 *
 * <p>All methods but {@code start}'s {@code wake} are called by the thread that runs the stream, one at a time. None
 * may block. They may run {@code wake}, or have it run by another thread, before they return.
 */
public interface Upstream {
    /** What {@link #read} found. */
    enum Reading {
        /** Nothing at hand: {@link #demand} tells when there is. */
        NOTHING,
        /** Some bytes went to the translator; there may be more. */
        BYTES,
        /** The answer's body ended as HTTP says it should. */
        END,
        /** There is no answer, or no more of it: {@link #failure} says why. */
        FAILED
    }

    /**
     * Sends the request. From then on {@code wake} is run, by any thread, whenever one of the methods below would
     * answer otherwise than it last did; once too often is harmless. Called once.
     *
     * @param attempts is told of each time that a provider is asked, from now on
     */
    void start(Runnable wake, Attempts attempts);

    /** How long it is to be waited for. */
    UpstreamTimeouts timeouts();

    /** What the answer says of itself; {@link Head#NONE} until it has begun. */
    Head head();

    /** Whether who answers may end an answer without a reason why it ends. */
    default boolean finishReasonIsOptional() {
        return false;
    }

    /** Whether the request has left: a connection was there and took it. */
    boolean sent();

    /** Moves what is at hand, at most a network buffer, to {@code translator}. */
    Reading read(Translator translator);

    /** Why {@link #read} said {@link Reading#FAILED}. */
    Failure failure();

    /** Asks for {@code wake} to be run as soon as {@link #read} would not say {@link Reading#NOTHING}. */
    void demand();

    /** The answer is whole: what little may follow is thrown away, and the connection kept. The last call. */
    void finish();

    /** Nobody wants the rest: the provider is told by closing the connection. The last call. */
    void cancel();
}
