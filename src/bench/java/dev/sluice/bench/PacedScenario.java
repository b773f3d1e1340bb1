package dev.sluice.bench;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The load of real users: many streams, each with the rate of a model. */
record PacedScenario(BenchOptions options) implements Scenario {
    @Override
    public String name() {
        return "paced";
    }

    @Override
    public String description() {
        return "%,d streams at once, %d tokens/s each, spread evenly over time; measured for %d s after %d s of the same"
                .formatted(
                        options.count("paced-streams"),
                        options.count("paced-rate"),
                        options.count("paced-seconds"),
                        options.count("paced-warm-up-seconds"));
    }

    @Override
    public Map<Figure, Double> measure(Trial trial) throws IOException {
        PacedLoad load = new PacedLoad(
                options.count("paced-streams"),
                options.count("paced-rate"),
                options.count("paced-warm-up-seconds"),
                options.count("paced-seconds"));
        try (Peer peer = trial.start()) {
            PacedLoad.Outcome outcome = load.run(trial, peer);
            Map<Figure, Double> figures = new LinkedHashMap<>(Cost.micros(outcome.spent(), outcome.tokens(), "token"));
            figures.put(Figure.added("latency p50 ms"), outcome.latencies().percentile(0.5) / 1e6);
            figures.put(Figure.added("latency p99 ms"), outcome.latencies().percentile(0.99) / 1e6);
            figures.put(Figure.of("tokens/s"), (double) outcome.tokens() / options.count("paced-seconds"));
            figures.put(Figure.of("upstream late p99 ms"), outcome.lateness().p99Millis());
            return figures;
        }
    }
}
