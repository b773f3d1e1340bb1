package dev.sluice.observe;

import static java.util.Objects.requireNonNull;

import dev.sluice.relay.Outcome;
import dev.sluice.relay.Pause;
import dev.sluice.relay.StreamListener;
import dev.sluice.relay.StreamSummary;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts all streams, by their outcomes. Any thread may read it at any time; a sum may be slightly out of date while streams
 * run.
 */
public final class StreamTotals implements StreamListener, StreamListener.Factory {
    private final LongAdder opened = new LongAdder();
    private final Map<Outcome, LongAdder> ended = adders(Outcome.class);
    private final Map<Pause, LongAdder> pausedNanos = adders(Pause.class);

    /** The number of streams that have not ended. */
    public long open() {
        return opened.sum() - ended.values().stream().mapToLong(LongAdder::sum).sum();
    }

    /** The number of streams with this outcome. */
    public long ended(Outcome outcome) {
        return adder(ended, outcome).sum();
    }

    /** The seconds in which streams waited for their clients with this kind of output. A pause is added at its end. */
    public double pausedSeconds(Pause pause) {
        return adder(pausedNanos, pause).sum() / 1e9;
    }

    @Override
    public StreamListener opened(Opened stream) {
        opened.increment();
        return this; // one listener counts all streams
    }

    @Override
    public void paused(Pause holding, long nanos) {
        adder(pausedNanos, holding).add(nanos);
    }

    @Override
    public void ended(StreamSummary summary) {
        adder(ended, summary.outcome()).increment();
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
