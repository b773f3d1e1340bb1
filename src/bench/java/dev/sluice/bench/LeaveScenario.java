package dev.sluice.bench;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Clients that leave a slow stream: the time until the upstream call is closed. */
record LeaveScenario(BenchOptions options) implements Scenario {
    private static final long EVERY_NANOS = 5_000_000_000L;
    private static final long PATIENCE_NANOS = 30_000_000_000L;
    /** The time from the first token to the leaving, so that no token is under way then. */
    private static final long STAY_NANOS = 1_000_000_000L;

    private static final long ASKED_EVERY_NANOS = 50_000_000;

    @Override
    public String name() {
        return "leave";
    }

    @Override
    public String description() {
        return "%d streams with a token every 5 s, whose clients close the connection 1 s after the first, by FIN and, measured apart, by RST; from then until the upstream sees its connection closed, 30 s if it has not by then, the median of the streams"
                .formatted(options.count("leave-streams"));
    }

    @Override
    public Map<Figure, Double> measure(Trial trial) throws IOException {
        int streams = options.count("leave-streams");
        Map<Figure, Double> figures = new LinkedHashMap<>();
        try (Peer peer = trial.start()) {
            figures.put(Figure.compared("seen after FIN, s"), seconds(trial, peer, 0, false));
            figures.put(Figure.compared("seen after RST, s"), seconds(trial, peer, streams, true));
        }
        return figures;
    }

    /** @param first the number of the first stream; no other stream has these numbers */
    private double seconds(Trial trial, Peer peer, int first, boolean byReset) throws IOException {
        int streams = options.count("leave-streams");
        try (Crowd crowd = trial.crowd(peer)) {
            crowd.open(HeldLoad.slow(first, streams, EVERY_NANOS), trial.checked());
            trial.upstream().begin();
            crowd.serveUntil(System.nanoTime() + STAY_NANOS);
            long begin = System.nanoTime();
            crowd.leave(byReset);
            while (System.nanoTime() - begin < PATIENCE_NANOS
                    && !trial.upstream().left().keySet().containsAll(numbers(first, streams))) {
                Pause.nanos(ASKED_EVERY_NANOS);
            }
            Map<Integer, Long> left = trial.upstream().left();
            Samples samples = new Samples();
            numbers(first, streams)
                    .forEach(stream -> samples.add(left.getOrDefault(stream, begin + PATIENCE_NANOS) - begin));
            return samples.percentile(0.5) / 1e9;
        }
    }

    private static List<Integer> numbers(int first, int streams) {
        return IntStream.range(first, first + streams).boxed().toList();
    }
}
