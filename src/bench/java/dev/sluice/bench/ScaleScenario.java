package dev.sluice.bench;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The cost of a token by the number of streams, with the same number of tokens in a second as far as possible. */
record ScaleScenario(BenchOptions options) implements Scenario {
    private static final Set<String> PEERS = Set.of("sluice", "nginx");
    private static final List<Integer> STREAMS = List.of(10, 30, 100, 300, 1_000, 3_000, 10_000);
    private static final double FASTEST = 100;

    @Override
    public String name() {
        return "scale";
    }

    @Override
    public String description() {
        return "CPU µs/token of the paced load by the number of streams: %,d tokens/s in all, but at most %.0f of each stream, measured for %d s after %d s, all sizes by the same process after a flood of %,d tokens; at most %,d streams, each of which takes two of the gateway's descriptors"
                .formatted(
                        options.count("scale-rate"),
                        FASTEST,
                        options.count("paced-seconds"),
                        options.count("paced-warm-up-seconds"),
                        options.size("warm-up"),
                        options.count("scale-most-streams"));
    }

    @Override
    public boolean suits(String peer) {
        return PEERS.contains(peer);
    }

    @Override
    public Map<Figure, Double> measure(Trial trial) throws IOException {
        Map<Figure, Double> figures = new LinkedHashMap<>();
        try (Peer peer = trial.start()) {
            try (LoadClient client = trial.client(peer, options.count("stream-tokens"))) {
                client.run(options.streamsFor(options.size("warm-up")), options.count("streams"));
            }
            for (int streams : sizes()) {
                PacedLoad load = new PacedLoad(
                        streams,
                        Math.min(FASTEST, (double) options.size("scale-rate") / streams),
                        options.count("paced-warm-up-seconds"),
                        options.count("paced-seconds"));
                PacedLoad.Outcome outcome = load.run(trial, peer);
                figures.put(Figure.point(streams), outcome.spent().total() / outcome.tokens());
            }
        }
        return figures;
    }

    private List<Integer> sizes() {
        return STREAMS.stream()
                .map(streams -> Math.min(streams, options.count("scale-most-streams")))
                .distinct()
                .toList();
    }
}
