package dev.sluice.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** A paced response: each token is written at its time, by a write of its own. Confined to the server's thread. */
final class PacedAnswer {
    private final SocketChannel channel;
    private final Order order;
    private final Order.Pace pace;
    private final StampedText text;
    private final byte[] closing;
    private final ByteBuffer out;
    private boolean begun;
    private long beginNanos;
    private int next;

    /**
     * @param frame has the opening and the closing of the response
     * @param text the event of each token
     */
    PacedAnswer(SocketChannel channel, Order order, Order.Pace pace, StreamText frame, StampedText text)
            throws IOException {
        this.text = text;
        this.channel = channel;
        this.order = order;
        this.pace = pace;
        this.closing = frame.closing().getBytes(StandardCharsets.US_ASCII);
        byte[] opening = frame.opening().getBytes(StandardCharsets.US_ASCII);
        out = ByteBuffer.allocate(Math.max(opening.length, text.length()) + closing.length);
        out.put(opening).flip();
        flush();
    }

    int stream() {
        return order.stream();
    }

    /** Sets the times of the tokens behind the first, relative to now. */
    void begin(long nanos) {
        begun = true;
        beginNanos = nanos;
    }

    /** Whether the time of the next token is known. */
    boolean isScheduled() {
        return next == 0 || begun;
    }

    /** The time of the next token; the first is due at once. */
    long dueNanos() {
        return next == 0 ? Long.MIN_VALUE : beginNanos + pace.after() + (next - 1) * pace.every();
    }

    boolean isWhole() {
        return next == order.tokens() && !out.hasRemaining();
    }

    /** Whether the socket has accepted all bytes so far. */
    boolean isTaken() {
        return !out.hasRemaining();
    }

    /** Writes the next token. Called only when the socket has accepted all bytes before it. */
    void write(long nanos) throws IOException {
        out.clear();
        text.put(order.stream(), next++, nanos, out.array(), 0);
        out.position(text.length());
        if (next == order.tokens()) {
            out.put(closing);
        }
        out.flip();
        flush();
    }

    void flush() throws IOException {
        channel.write(out);
    }
}
