package dev.sluice.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.Queue;

/** Many clients in one thread, each checking every token of its streams. Confined to that thread. */
final class LoadClient implements AutoCloseable {
    /** Longer than any pause that is none of the gateway's making. */
    private static final long STANDSTILL_MILLIS = 60_000;

    private static final int BUFFER = 64 * 1024;

    private final URI base;
    private final Dialect dialect;
    private final int tokens;
    private final StreamText expected;
    private final Tally tally;
    private final Selector selector = Selector.open();
    /** Connections that are open with no stream. */
    private final Queue<LoadConnection> idle = new ArrayDeque<>();

    /** From request to first token. */
    private final Samples firstTokens = new Samples();

    private final byte[] buffer = new byte[BUFFER];

    /** Streams begun since the start, which numbers them. */
    private int begun;

    /** Streams that are yet to be begun. */
    private int left;

    private int running;

    /** @param tokens of every stream */
    LoadClient(URI base, Dialect dialect, int tokens, Tally tally) throws IOException {
        this.base = base;
        this.dialect = dialect;
        this.tokens = tokens;
        this.expected = dialect.answer(tokens);
        this.tally = tally;
    }

    /** Opens so many streams, never more than {@code together} at once, and returns when all of them have ended. */
    void run(int streams, int together) throws IOException {
        left = streams;
        for (int i = Math.min(streams, together); i > 0; i--) {
            begin(idle.isEmpty() ? LoadConnection.open(base, selector) : idle.remove());
        }
        while (running > 0) {
            if (selector.select(this::serve, STANDSTILL_MILLIS) == 0) {
                throw new IOException("Nothing has come for " + STANDSTILL_MILLIS + " ms; " + running
                        + " streams are open and " + tally.streams() + " have ended, with these faults: "
                        + tally.faults());
            }
        }
    }

    /** From the request to the first token of each stream; may be cleared. */
    Samples firstTokens() {
        return firstTokens;
    }

    @Override
    public void close() throws IOException {
        selector.keys().forEach(key -> ((LoadConnection) key.attachment()).close());
        selector.close();
    }

    private void begin(LoadConnection connection) throws IOException {
        left--;
        running++;
        Order order = new Order(++begun, tokens);
        connection.ask(dialect, order, new Reception(order, expected));
    }

    private void serve(SelectionKey key) {
        LoadConnection connection = (LoadConnection) key.attachment();
        if (connection.isIdle()) {
            // Nothing was asked: it can only be the end.
            idle.remove(connection);
            connection.close();
        } else if (connection.read(buffer, tally)) {
            running--;
            if (connection.hasBegun()) {
                firstTokens.add(connection.firstTokenNanos());
            }
            ended(connection);
        }
    }

    private void ended(LoadConnection connection) {
        try {
            if (left > 0) {
                begin(connection.isOpen() ? connection : LoadConnection.open(base, selector));
            } else if (connection.isOpen()) {
                idle.add(connection);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("The gateway takes no further stream", failure);
        }
    }
}
