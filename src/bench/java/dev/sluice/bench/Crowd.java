package dev.sluice.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Streams that are all open at once, in one thread, which checks what they bring. Confined to that thread. */
final class Crowd implements AutoCloseable {
    /** For each stream's first token. */
    private static final long OPENING_NANOS = 30_000_000_000L;

    /** Streams that were asked for but have not begun, at the most. */
    private static final int OPENED_AHEAD = 100;

    private static final int BUFFER = 64 * 1024;

    private final URI base;
    private final Dialect dialect;
    private final Tally tally;
    private final Selector selector = Selector.open();
    private final List<LoadConnection> connections = new ArrayList<>();
    private final byte[] buffer = new byte[BUFFER];

    /** Of each stream: no more is read then. */
    private long mostBytes = Long.MAX_VALUE;

    private int begun;
    private int ended;

    Crowd(URI base, Dialect dialect, Tally tally) throws IOException {
        this.base = base;
        this.dialect = dialect;
        this.tally = tally;
    }

    /** Opens a stream for each order; returns when all have begun. */
    void open(List<Order> orders, Function<Order, Check> checks) throws IOException {
        for (Order order : orders) {
            awaitBegun(connections.size() - OPENED_AHEAD);
            LoadConnection connection = LoadConnection.open(base, selector);
            connections.add(connection);
            connection.ask(dialect, order, checks.apply(order));
        }
        awaitBegun(connections.size());
    }

    /** Takes what comes until then, by {@code System.nanoTime()}. */
    void serveUntil(long nanos) throws IOException {
        for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
            selector.select(this::serve, Math.max(1, left / 1_000_000));
        }
    }

    /** Takes what comes until all streams have ended, or this time has come. */
    void serveToTheEnd(long latest) throws IOException {
        while (ended < connections.size() && System.nanoTime() < latest) {
            selector.select(this::serve, 100);
        }
    }

    /** @throws IOException if a stream has ended, of which none should have by itself */
    void requireAllOpen() throws IOException {
        while (selector.selectNow(this::serve) > 0) {
            // What has come is taken, and with it the end of a stream.
        }
        if (ended > 0) {
            throw new IOException(ended + " of " + connections.size() + " streams have ended by themselves");
        }
    }

    /** From now on no more is read of a stream that has begun than this and what one more read brings. */
    void readAtMost(long bytes) {
        mostBytes = bytes;
    }

    /**
     * Leaves all streams.
     *
     * @param byReset whether the peers are to hear of it by RST rather than by FIN
     */
    void leave(boolean byReset) throws IOException {
        for (LoadConnection connection : connections) {
            if (byReset) {
                connection.reset();
            } else {
                connection.close();
            }
        }
        // Only when a selector has seen it is a closed channel's socket closed.
        selector.selectNow();
    }

    /** In the order of the orders. */
    List<LoadConnection> connections() {
        return connections;
    }

    int ended() {
        return ended;
    }

    @Override
    public void close() throws IOException {
        connections.forEach(LoadConnection::close);
        selector.close();
    }

    private void awaitBegun(int count) throws IOException {
        long latest = System.nanoTime() + OPENING_NANOS;
        while (begun < count) {
            selector.select(this::serve, 100);
            if (begun < count && (ended > 0 || System.nanoTime() > latest)) {
                throw new IOException("Of " + connections.size() + " streams " + begun + " have begun, and " + ended
                        + " have ended: " + tally.faults());
            }
        }
    }

    private void serve(SelectionKey key) {
        LoadConnection connection = (LoadConnection) key.attachment();
        boolean before = connection.hasBegun();
        if (connection.isIdle()) {
            connection.close();
            return;
        }
        if (connection.read(buffer, tally)) {
            ended++;
            connection.close();
        }
        if (!before && connection.hasBegun()) {
            begun++;
        }
        if (connection.hasBegun() && connection.received() >= mostBytes && connection.isOpen()) {
            connection.stopReading(selector);
        }
    }
}
