package dev.sluice.relay;

import static java.util.Objects.requireNonNull;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * What all streams together do at this moment and have passed on, in plain numbers: what would be too much to tell a
 * {@link StreamListener}. They are counted by the threads that run the streams and may be read by any thread at any time; a
 * sum read while streams run may be a moment old.
 */
public final class StreamMetrics {
    /** Whom a stream waits for. */
    public enum WaitsFor {
        /** The client, to send its request. */
        REQUEST,
        /** This server, to decide whether the request may be passed on. */
        ADMISSION,
        /** The client, to take what there is to take. */
        CLIENT,
        /** The provider, to say something. */
        UPSTREAM
    }

    private final Map<WaitsFor, LongAdder> waiting = adders(WaitsFor.class);
    private final Map<WaitsFor, LongAdder> waitedNanos = adders(WaitsFor.class);
    private final LongAdder heldBytes = new LongAdder();
    private final LongAdder tokens = new LongAdder();
    private final LongAdder heartbeats = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();

    /** Streams that wait for this now. */
    public long waiting(WaitsFor whom) {
        return adder(waiting, whom).sum();
    }

    /** Seconds that streams waited for this, all together; a wait counts when it is over. */
    public double waitedSeconds(WaitsFor whom) {
        return adder(waitedNanos, whom).sum() / 1e9;
    }

    /** Bytes that waiting streams hold: parts of events, and output not yet written. */
    public long heldBytes() {
        return heldBytes.sum();
    }

    /** Provider's events that were a piece of an answer. */
    public long tokens() {
        return tokens.sum();
    }

    /** Keep-alive comments written. */
    public long heartbeats() {
        return heartbeats.sum();
    }

    /** Bytes given to containers. */
    public long bytesOut() {
        return bytesOut.sum();
    }

    void waitBegun(WaitsFor whom, long held) {
        adder(waiting, whom).increment();
        hold(held);
    }

    void waitOver(WaitsFor whom, long held, long nanos) {
        adder(waiting, whom).decrement();
        adder(waitedNanos, whom).add(nanos);
        hold(-held);
    }

    private void hold(long more) {
        if (more != 0) { // mostly there is nothing, and to add it would cost as much
            heldBytes.add(more);
        }
    }

    void tokens(long more) {
        tokens.add(more);
    }

    void heartbeat() {
        heartbeats.increment();
    }

    void wrote(int bytes) {
        bytesOut.add(bytes);
    }

    private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> type) {
        var map = new EnumMap<E, LongAdder>(type);
        for (E constant : type.getEnumConstants()) {
            map.put(constant, new LongAdder());
        }
        return map;
    }

    private static <E extends Enum<E>> LongAdder adder(Map<E, LongAdder> map, E key) {
        return requireNonNull(map.get(key));
    }
}
