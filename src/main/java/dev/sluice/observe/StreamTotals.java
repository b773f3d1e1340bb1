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
 * How many streams there were and how they ended, all together. It hears of all of them and may be read by any thread at
 * any time; a sum read while streams run may be a moment old.
 */
public final class StreamTotals implements StreamListener, StreamListener.Factory {
    private final LongAdder opened = new LongAdder();
    private final Map<Outcome, LongAdder> ended = adders(Outcome.class);
    private final Map<Pause, LongAdder> pausedNanos = adders(Pause.class);

    /** Streams that have not ended. */
    public long open() {
        return opened.sum() - ended.values().stream().mapToLong(LongAdder::sum).sum();
    }

    /** Streams that ended so. */
    public long ended(Outcome outcome) {
        return adder(ended, outcome).sum();
    }

    /** Seconds that streams stood still for their clients with this in hand; a pause counts when it is over. */
    public double pausedSeconds(Pause pause) {
        return adder(pausedNanos, pause).sum() / 1e9;
    }

    @Override
    public StreamListener opened(Opened stream) {
        opened.increment();
        return this; // all of them are counted together
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
