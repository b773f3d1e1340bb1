package dev.sluice.relay;

import dev.sluice.chat.Failure;

/**
 * The client's side of one stream: an answer that is written as fast as the client takes it.
 *
 * <p>All methods are called by the thread that runs the stream, one at a time. None may block.
 */
public interface Downstream {
    /** Whether the client has left. Once it is true, it stays true. */
    boolean isGone();

    /** Whether the next write or flush is allowed now. If not, the stream is woken when it is. */
    boolean isReady();

    /** There is an answer: its status and headers are to leave with the next write. At most once. */
    void begin(String contentType, Head head);

    /**
     * The answer is a failure: its status and headers are to leave with the next write. At most twice, before anything is
     * written. It replaces what {@link #begin} or the first call has set.
     *
     * @param head of the provider's answer, if the failure is the provider's own
     * @return the body to write
     */
    byte[] refuse(Failure failure, Head head);

    /**
     * Hands bytes to the container. Called only after {@link #isReady} has said true; the array must not be changed until
     * it says true again. If the client turns out to have left, {@link #isGone} says so from then on.
     */
    void write(byte[] bytes, int offset, int length);

    /** Has the container send what was written. Called only after {@link #isReady} has said true. */
    void flush();

    /** Ends the answer normally: it is whole, or the client has left. The last call. */
    void complete();

    /** Breaks the connection off where the container can, so that the client sees that the answer is not whole. The last call. */
    void abort();
}
