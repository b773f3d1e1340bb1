package dev.sluice.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Clients of many streams that are open at the same time; one thread reads and checks them all. Confined to it. */
final class Crowd implements AutoCloseable {
    /** The longest wait for the first tokens. */
    private static final long OPENING_NANOS = 30_000_000_000L;

    /** The most streams that have been requested but have not begun. */
    private static final int OPENED_AHEAD = 100;

    private static final int BUFFER = 64 * 1024;

    private final URI base;
    private final MeasuredApi dialect;
    private final Tally tally;
    private final Selector selector = Selector.open();
    private final List<LoadConnection> connections = new ArrayList<>();
    private final byte[] buffer = new byte[BUFFER];

    /** A stream is no longer read after this many bytes. */
    private long mostBytes = Long.MAX_VALUE;

    private int begun;
    private int ended;

    Crowd(URI base, MeasuredApi dialect, Tally tally) throws IOException {
        this.base = base;
        this.dialect = dialect;
        this.tally = tally;
    }

    /** Opens a stream for each order, and returns when all have begun. */
    void open(List<Order> orders, Function<Order, Check> checks) throws IOException {
        for (Order order : orders) {
            awaitBegun(connections.size() - OPENED_AHEAD);
            LoadConnection connection = LoadConnection.open(base, selector);
            connections.add(connection);
            connection.ask(dialect, order, checks.apply(order));
        }
        awaitBegun(connections.size());
    }

    /** Reads all streams until this time, by {@code System.nanoTime()}. */
    void serveUntil(long nanos) throws IOException {
        for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
            selector.select(this::serve, Math.max(1, left / 1_000_000));
        }
    }

    /** Reads all streams until all have ended, or until this time. */
    void serveToTheEnd(long latest) throws IOException {
        while (ended < connections.size() && System.nanoTime() < latest) {
            selector.select(this::serve, 100);
        }
    }

    /** @throws IOException if any stream has ended */
    void requireAllOpen() throws IOException {
        while (selector.selectNow(this::serve) > 0) {
            // Reads what has arrived, which may be the end of a stream.
        }
        if (ended > 0) {
            throw new IOException(ended + " of " + connections.size() + " streams have ended by themselves");
        }
    }

    /** From now on, a stream that has begun is no longer read once this many bytes have been read. */
    void readAtMost(long bytes) {
        mostBytes = bytes;
    }

    /**
     * Closes the connections of all streams.
     *
     * @param byReset whether with a TCP RST instead of a FIN
     */
    void leave(boolean byReset) throws IOException {
        for (LoadConnection connection : connections) {
            if (byReset) {
                connection.reset();
            } else {
                connection.close();
            }
        }
        // The socket of a closed channel is closed at the next select only.
        selector.selectNow();
    }

    /** The connections, in the order of {@link #open}. */
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
