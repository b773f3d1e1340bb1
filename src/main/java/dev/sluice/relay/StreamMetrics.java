package dev.sluice.relay;

import static java.util.Objects.requireNonNull;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Numbers of all streams together: what they are doing now, and what they have passed on. They would be too frequent
 * for a {@link StreamListener}. The threads that run the streams update them, and any thread may read them at any time.
 * A sum that is read while streams run may be slightly out of date.
 */
public final class StreamMetrics {
    /** What a stream waits for. */
    public enum WaitsFor {
        /** The client has to send the rest of its request. */
        REQUEST,
        /** This server has to decide whether the request may be passed on. */
        ADMISSION,
        /** The client has to read what was sent. */
        CLIENT,
        /** The provider has to send something. */
        UPSTREAM
    }

    private final Map<WaitsFor, LongAdder> waiting = adders(WaitsFor.class);
    private final Map<WaitsFor, LongAdder> waitedNanos = adders(WaitsFor.class);
    private final LongAdder heldBytes = new LongAdder();
    private final LongAdder tokens = new LongAdder();
    private final LongAdder heartbeats = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();

    /** The number of streams that wait for this now. */
    public long waiting(WaitsFor whom) {
        return adder(waiting, whom).sum();
    }

    /** The seconds that all streams together have waited for this. A wait is added at its end. */
    public double waitedSeconds(WaitsFor whom) {
        return adder(waitedNanos, whom).sum() / 1e9;
    }

    /** The bytes that waiting streams have in memory: incomplete events, and output that is not yet written. */
    public long heldBytes() {
        return heldBytes.sum();
    }

    /** The number of providers' events that were a piece of an answer. */
    public long tokens() {
        return tokens.sum();
    }

    /** The number of keep-alive comments written. */
    public long heartbeats() {
        return heartbeats.sum();
    }

    /** The number of bytes written to containers. */
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
        if (more != 0) { // usually it is 0, and adding 0 would cost as much as any other number
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
