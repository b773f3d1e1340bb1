package dev.sluice.relay;

import dev.sluice.chat.Failure;
import dev.sluice.sse.SseEncoder;

/**
 * The output of one stream: what is encoded for its client, and how far that was written and flushed. Guarded by the
 * stream's baton.
 */
final class Output {
    private final Downstream downstream;
    private final StreamMetrics metrics;
    private final SseEncoder encoder = new SseEncoder();
    private boolean begun; // the head of an answer, not of a failure, was given to the container
    private boolean writing; // bytes were given to the container, or are being given to it
    private boolean unflushed;
    private boolean heartbeatOnly; // nothing but a heartbeat was encoded last
    private long writtenBytes;

    Output(Downstream downstream, StreamMetrics metrics) {
        this.downstream = downstream;
        this.metrics = metrics;
    }

    /** Where bytes for the client are encoded. They leave with the next {@link #write}. */
    SseEncoder encoder() {
        return encoder;
    }

    /** How many bytes are encoded and not written. */
    int length() {
        return encoder.length();
    }

    /** Whether an answer has begun. If so, a failure can have no status of its own any more. */
    boolean isBegun() {
        return begun;
    }

    /** Whether anything may have left for the client. */
    boolean isWriting() {
        return writing;
    }

    boolean isUnflushed() {
        return unflushed;
    }

    long writtenBytes() {
        return writtenBytes;
    }

    /** What a client holds back that takes nothing now, before the last words. */
    Pause heldBack() {
        return heartbeatOnly ? Pause.HEARTBEAT : Pause.ANSWER;
    }

    /** An answer begins. Called once. */
    void begin(String contentType, Head head) {
        begun = true;
        downstream.begin(contentType, head);
    }

    /** A failure is the answer. Not called once an answer has begun. */
    void refuse(Failure failure, Head head) {
        encoder.bytes(downstream.refuse(failure, head));
    }

    /** Something of the answer was encoded. */
    void encoded() {
        heartbeatOnly = false;
    }

    void heartbeat() {
        encoder.comment("keep-alive");
        heartbeatOnly = true;
        metrics.heartbeat();
    }

    /** Writes all that is encoded; only when the client takes it. */
    void write() {
        int length = encoder.length();
        writing = true;
        downstream.write(encoder.array(), 0, length);
        metrics.wrote(length);
        writtenBytes += length;
        encoder.clear();
        unflushed = true;
    }

    /** Flushes what was written; only when the client takes it. */
    void flush() {
        unflushed = false;
        downstream.flush();
    }

    /** Gives the encoder's array back. Only when all is written and the container, being ready again, has sent it. */
    void release() {
        encoder.release();
    }

    /** Forgets an answer of which nothing was written. */
    void reset() {
        encoder.release();
        begun = false;
    }

    /** Lets the client go. The last call. */
    void end(Outcome how) {
        boolean clean =
                switch (how) {
                    case WHOLE, UNFINISHED, REFUSED, CLIENT_GONE -> true;
                    case BROKEN_OFF -> downstream.isGone();
                    case CLIENT_STALLED -> false;
                };
        if (clean) {
            downstream.complete();
        } else {
            downstream.abort();
        }
    }
}
