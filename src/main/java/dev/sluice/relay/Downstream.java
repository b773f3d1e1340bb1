package dev.sluice.relay;

import dev.sluice.chat.Failure;

/**
 * The client's side of one stream: an answer that is written as fast as it is taken.
 *
 * <p>All methods are called by the thread that runs the stream, one at a time, and none blocks.
 */
public interface Downstream {
    /** Whether the client has left. Once true, always true. */
    boolean isGone();

    /** Whether the next write or flush may come. If not, the stream is woken when it may. */
    boolean isReady();

    /** There is an answer: its head is to leave with the next write. At most once. */
    void begin(String contentType, Head head);

    /**
     * The answer is a failure: its head is to leave with the next write. At most twice, before anything is written; what
     * {@link #begin} or the first call has said is replaced.
     *
     * @param head of the provider's own failure, if it is one
     * @return the body to write
     */
    byte[] refuse(Failure failure, Head head);

    /**
     * Hands bytes to the container; only after {@link #isReady} said true. The array must not be changed until it says
     * so again. If the client turns out to have left, {@link #isGone} says so from then on.
     */
    void write(byte[] bytes, int offset, int length);

    /** Sends on what was written; only after {@link #isReady} said true. Otherwise as {@link #write}. */
    void flush();

    /** The answer is whole, or nobody is there to hear it. The last call. */
    void complete();

    /** The answer is not whole, and the client must notice: its connection is broken off if it can be. The last call. */
    void abort();
}
