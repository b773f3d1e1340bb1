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

/** A client's connection, which asks for one stream after the other. Confined to the client's thread. */
final class LoadConnection {
    private static final int MAX_HEAD = 16 * 1024;
    private static final String END_OF_HEAD = "\r\n\r\n";

    private final SocketChannel channel;
    private final String authority;
    private final StringBuilder head = new StringBuilder();
    private @Nullable Framing framing;
    /** Of the stream that is running; null between two. */
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

    /** Sends the request of a stream whose answer this will check. */
    void ask(Dialect dialect, Order order, Check answer) throws IOException {
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
     * Reads what is there, once, into an array that is free to use meanwhile.
     *
     * @return whether the stream has ended, one way or the other
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

    /** The stream that is running, if there is one, has to end here. */
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

    /** Whether a token of the stream asked for last has come. */
    boolean hasBegun() {
        return firstTokenNanos != 0;
    }

    /** From the request to the first token, in nanoseconds. */
    long firstTokenNanos() {
        return firstTokenNanos - askedNanos;
    }

    /** Bytes that were read since the connection was opened. */
    long received() {
        return received;
    }

    /** Of the stream that is running. */
    long tokens() {
        Check current = check;
        return current == null ? 0 : current.tokens();
    }

    /** From now on what comes stays where it is. */
    void stopReading(Selector selector) {
        channel.keyFor(selector).interestOps(0);
    }

    /** Ends the connection so that the peer hears of it by RST, not by FIN. */
    void reset() throws IOException {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.close();
    }

    /** Whether no stream is running. */
    boolean isIdle() {
        return check == null;
    }

    /** Whether another stream can be asked for. */
    boolean isOpen() {
        return channel.isOpen();
    }

    void close() {
        try {
            channel.close();
        } catch (IOException alreadyGone) {
            // Closed is closed.
        }
    }

    /** @return where the body begins in the bytes, if it does */
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
