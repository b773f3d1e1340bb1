package dev.sluice.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.Queue;

/** Many clients in one thread. Each checks every token of its streams. Confined to that thread. */
final class LoadClient implements AutoCloseable {
    /** Longer than any pause that the gateway has not caused. */
    private static final long STANDSTILL_MILLIS = 60_000;

    private static final int BUFFER = 64 * 1024;

    private final URI base;
    private final MeasuredApi dialect;
    private final int tokens;
    private final StreamText expected;
    private final Tally tally;
    private final Selector selector = Selector.open();
    /** The open connections without a stream. */
    private final Queue<LoadConnection> idle = new ArrayDeque<>();

    /** The times from the request to the first token. */
    private final Samples firstTokens = new Samples();

    private final byte[] buffer = new byte[BUFFER];

    /** The number of streams so far; each stream is numbered by it. */
    private int begun;

    /** The number of streams that remain to be requested. */
    private int left;

    private int running;

    /** @param tokens the number of tokens of each stream */
    LoadClient(URI base, MeasuredApi dialect, int tokens, Tally tally) throws IOException {
        this.base = base;
        this.dialect = dialect;
        this.tokens = tokens;
        this.expected = dialect.answer(tokens);
        this.tally = tally;
    }

    /** Opens this many streams, at most {@code together} at once, and returns when all have ended. */
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

    /** The times from the request to the first token of each stream. The caller may clear it. */
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
            // There is no request, so this is the end of the connection.
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
