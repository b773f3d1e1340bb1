package dev.sluice.observe;

import dev.sluice.chat.Usage;
import dev.sluice.relay.StreamListener;
import dev.sluice.relay.StreamListener.Opened;
import dev.sluice.relay.StreamSummary;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;

/**
 * Counts the streams and the tokens of each caller, if that is switched on. The first callers are counted by name, and all others
 * together, because the metrics must not grow without bound. Any thread may call all methods.
 */
public final class CallerTotals implements StreamListener.Factory {
    /** The number of callers that are named. */
    static final int MOST = 100;

    private static final StreamListener NOBODY = new StreamListener() {};
    private static final Name OTHERS = new Name("other", "other");

    private final BooleanSupplier isOn;

    /** By the callers' names in labels. Callers whose names are shown alike are counted together. */
    private final Map<Name, Totals> byName = new ConcurrentHashMap<>();

    /** @param isOn whether callers are counted now */
    public CallerTotals(BooleanSupplier isOn) {
        this.isOn = isOn;
    }

    @Override
    public StreamListener opened(Opened stream) {
        if (!isOn.getAsBoolean()) {
            return NOBODY;
        }
        Name name =
                new Name(stream.caller().shownName(), stream.caller().basis().label());
        Totals known = byName.get(name);
        return known != null ? known : added(name);
    }

    private synchronized Totals added(Name name) {
        boolean isFull = byName.size() >= MOST && !byName.containsKey(name);
        return byName.computeIfAbsent(isFull ? OTHERS : name, any -> new Totals());
    }

    /** The callers that were counted so far. */
    Map<Name, Totals> byName() {
        return Map.copyOf(byName);
    }

    /** What labels call a caller. */
    record Name(String caller, String establishedBy) {}

    /** The numbers of one caller. One listener for all its streams. */
    static final class Totals implements StreamListener {
        private final LongAdder streams = new LongAdder();
        private final LongAdder tokens = new LongAdder();

        /** The streams that have ended. */
        long streams() {
            return streams.sum();
        }

        /** The tokens of prompts and answers, as providers count them; of an answer that nobody has counted, its pieces. */
        long tokens() {
            return tokens.sum();
        }

        @Override
        public void ended(StreamSummary summary) {
            Usage usage = summary.usage();
            streams.increment();
            tokens.add(usage == null ? summary.tokens() : usage.totalTokens());
        }
    }
}
