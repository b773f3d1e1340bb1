package dev.sluice.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A client's connection, with one stream after the other. Confined to the client's thread. */
final class LoadConnection {
    private static final int MAX_HEAD = 16 * 1024;
    private static final String END_OF_HEAD = "\r\n\r\n";

    private final SocketChannel channel;
    private final String authority;
    private final StringBuilder head = new StringBuilder();
    private @Nullable Framing framing;
    /** The check of the current stream; null if there is none. */
    private @Nullable Check check;

    private long askedNanos;
    private long firstTokenNanos;
    private long received;

    private boolean inHead;
    private boolean reusable;

    private LoadConnection(SocketChannel channel, String authority) {
        this.channel = channel;
        this.authority = authority;
    }

    static LoadConnection open(URI base, Selector selector) throws IOException {
        SocketChannel channel = SocketChannel.open(new InetSocketAddress(base.getHost(), base.getPort()));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        LoadConnection connection = new LoadConnection(channel, base.getAuthority());
        channel.register(selector, SelectionKey.OP_READ, connection);
        return connection;
    }

    /** Sends the request of a stream. The check gets its answer. */
    void ask(MeasuredApi dialect, Order order, Check answer) throws IOException {
        framing = null;
        check = answer;
        askedNanos = System.nanoTime();
        firstTokenNanos = 0;
        head.setLength(0);
        inHead = true;
        reusable = false;
        String body = dialect.body(order);
        String request = "POST " + dialect.path() + " HTTP/1.1\r\nHost: " + authority
                + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + END_OF_HEAD + body;
        ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
        channel.write(bytes);
        if (bytes.hasRemaining()) {
            throw new IOException("The socket does not take a whole request at once");
        }
    }

    /**
     * Reads once what has arrived.
     *
     * @param bytes an array for the bytes, which this call overwrites
     * @return whether the stream has ended, normally or not
     */
    boolean read(byte[] bytes, Tally tally) {
        try {
            int count = channel.read(ByteBuffer.wrap(bytes));
            Framing known = framing;
            if (count < 0) {
                boolean whole = known != null && known.mayClose();
                return end(
                        whole ? null : inHead ? "closed without an answer: " + head : "the connection closed early",
                        tally);
            }
            received += count;
            int body = known == null ? head(bytes, count) : 0;
            known = framing;
            Check current = check;
            if (known == null || current == null) {
                return false;
            }
            known.feed(bytes, body, count, current);
            if (firstTokenNanos == 0 && current.tokens() > 0) {
                firstTokenNanos = System.nanoTime();
            }
            return known.isEnded() && end(null, tally);
        } catch (IOException failure) {
            return end(failure.toString(), tally);
        }
    }

    /** Ends the current stream, if there is one. */
    boolean end(@Nullable String trouble, Tally tally) {
        Check current = check;
        if (current != null) {
            current.end(trouble, tally);
        }
        check = null;
        if (trouble != null || !reusable) {
            close();
        }
        return true;
    }

    /** Whether a token of the last stream has arrived. */
    boolean hasBegun() {
        return firstTokenNanos != 0;
    }

    /** The time from the request to the first token, in nanoseconds. */
    long firstTokenNanos() {
        return firstTokenNanos - askedNanos;
    }

    /** The number of bytes that have been read from this connection. */
    long received() {
        return received;
    }

    /** The number of complete tokens of the current stream. */
    long tokens() {
        Check current = check;
        return current == null ? 0 : current.tokens();
    }

    /** Reads no more from the socket. */
    void stopReading(Selector selector) {
        channel.keyFor(selector).interestOps(0);
    }

    /** Closes the connection with a TCP RST instead of a FIN. */
    void reset() throws IOException {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.close();
    }

    /** Whether there is no current stream. */
    boolean isIdle() {
        return check == null;
    }

    /** Whether a further stream can be requested. */
    boolean isOpen() {
        return channel.isOpen();
    }

    void close() {
        try {
            channel.close();
        } catch (IOException alreadyGone) {
            // The connection is useless in any case.
        }
    }

    /** @return the index of the body in these bytes, if they contain its beginning */
    private int head(byte[] bytes, int count) throws IOException {
        int before = head.length();
        head.append(new String(bytes, 0, count, StandardCharsets.ISO_8859_1));
        int end = head.indexOf(END_OF_HEAD);
        if (end < 0) {
            if (head.length() > MAX_HEAD) {
                throw new IOException("Endless head");
            }
            return count;
        }
        String lines = head.substring(0, end).toLowerCase(Locale.ROOT);
        if (!lines.startsWith("http/1.1 200")) {
            throw new IOException("Answered " + head.toString().replace("\r\n", "⏎"));
        }
        inHead = false;
        Framing told = Framing.of(lines);
        framing = told;
        reusable = !told.mayClose() && !lines.contains("\r\nconnection: close");
        return end + END_OF_HEAD.length() - before;
    }
}
