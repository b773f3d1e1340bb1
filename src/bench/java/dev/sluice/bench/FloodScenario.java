package dev.sluice.bench;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Streams at full speed, one after the other on each connection. */
record FloodScenario(BenchOptions options, boolean isInBulk) implements Scenario {
    @Override
    public String name() {
        return isInBulk ? "bulk" : "flood";
    }

    @Override
    public String description() {
        return "%d streams at once of %,d tokens each, as fast as they go, %d to a chunk of the upstream's, which writes %s: %,d tokens after a warm-up of %,d short answers and %,d tokens"
                .formatted(
                        options.count("streams"),
                        options.count("stream-tokens"),
                        options.count("chunk-tokens"),
                        isInBulk ? "64 KiB at once" : "each by itself",
                        options.size("tokens"),
                        options.count("short-warm-up"),
                        options.size("flood-warm-up"));
    }

    @Override
    public Map<Figure, Double> measure(Trial trial) throws IOException {
        try (Peer peer = trial.start();
                LoadClient shortly = trial.client(peer, options.count("short-tokens"));
                LoadClient client = trial.client(peer, options.count("stream-tokens"))) {
            // Few streams begin and end here, so without this the JIT would compile that code during the measurement.
            shortly.run(options.count("short-warm-up"), options.count("streams"));
            client.run(options.streamsFor(options.size("flood-warm-up")), options.count("streams"));
            long tokensBefore = trial.tally().tokens();
            CpuTime before = Trial.cpu(peer);
            long begin = System.nanoTime();
            client.run(options.streamsFor(options.size("tokens")), options.count("streams"));
            double seconds = (System.nanoTime() - begin) / 1e9;
            CpuTime spent = Trial.cpu(peer).minus(before);
            long tokens = trial.tally().tokens() - tokensBefore;
            Map<Figure, Double> figures = new LinkedHashMap<>(Cost.micros(spent, tokens, "token"));
            figures.put(Figure.of("tokens/s"), tokens / seconds);
            return figures;
        }
    }
}
