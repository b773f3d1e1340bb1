package dev.sluice.bench;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Short answers, one after the other on each connection: the cost of the begin and the end of a stream. */
record ShortScenario(BenchOptions options, boolean isCrowded) implements Scenario {
    @Override
    public String name() {
        return isCrowded ? "crowded" : "short";
    }

    @Override
    public String description() {
        String answers = "%,d answers of %d tokens, %d at once on connections that are kept, after a warm-up of %,d"
                .formatted(
                        options.count("short-answers"),
                        options.count("short-tokens"),
                        options.count("streams"),
                        options.count("short-warm-up"));
        String crowd = ", while %,d more streams are open that bring nothing".formatted(options.count("idle-streams"));
        return isCrowded ? answers + crowd : answers;
    }

    @Override
    public Map<Figure, Double> measure(Trial trial) throws IOException {
        try (Peer peer = trial.start();
                LoadClient client = trial.client(peer, options.count("short-tokens"));
                Crowd crowd = trial.crowd(peer)) {
            client.run(options.count("short-warm-up"), options.count("streams"));
            if (isCrowded) {
                crowd.open(HeldLoad.silent(options.count("idle-streams")), trial.checked());
            }
            client.firstTokens().clear();
            CpuTime before = Trial.cpu(peer);
            long begin = System.nanoTime();
            client.run(options.count("short-answers"), options.count("streams"));
            double seconds = (System.nanoTime() - begin) / 1e9;
            CpuTime spent = Trial.cpu(peer).minus(before);
            crowd.requireAllOpen();
            int answers = options.count("short-answers");
            Map<Figure, Double> figures = new LinkedHashMap<>(Cost.millis(spent, answers, "answer"));
            figures.put(Figure.of("answers/s"), answers / seconds);
            figures.put(Figure.of("first token p50 ms"), client.firstTokens().percentile(0.5) / 1e6);
            figures.put(Figure.of("first token p99 ms"), client.firstTokens().percentile(0.99) / 1e6);
            return figures;
        }
    }
}
