package dev.sluice.bench;

import dev.sluice.it.Jmx;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A long flood in ten parts. Between two parts no stream is open, and the gateway's memory is measured. The time and the CPU
 * time of that measurement are not part of the results.
 */
record EnduranceScenario(BenchOptions options) implements Scenario {
    private static final int LEGS = 10;
    private static final double MEBIBYTE = 1 << 20;

    @Override
    public String name() {
        return "endurance";
    }

    @Override
    public String description() {
        return "a flood in %d legs, after each of which the heap is measured with a full collection: %,d tokens after a warm-up of %,d"
                .formatted(LEGS, options.size("endurance-tokens"), options.size("warm-up"));
    }

    @Override
    public Map<Figure, Double> measure(Trial trial) throws IOException {
        try (Peer peer = trial.start();
                LoadClient client = trial.client(peer, options.count("stream-tokens"))) {
            client.run(options.streamsFor(options.size("warm-up")), options.count("streams"));
            long tokensBefore = trial.tally().tokens();
            long collectionsBefore = collections(peer);
            List<Double> heap = new ArrayList<>();
            sampleHeap(peer, heap);
            CpuTime spent = CpuTime.NONE;
            int streams = options.streamsFor(options.size("endurance-tokens"));
            int legs = Math.min(LEGS, streams);
            for (int leg = 0; leg < legs; leg++) {
                CpuTime before = Trial.cpu(peer);
                // Each part has whole streams; all parts together have all streams.
                client.run((int) ((leg + 1L) * streams / legs - (long) leg * streams / legs), options.count("streams"));
                spent = spent.plus(Trial.cpu(peer).minus(before));
                sampleHeap(peer, heap);
                System.out.println(trial.tally().tokens() - tokensBefore + " tokens");
            }
            Map<Figure, Double> figures =
                    new LinkedHashMap<>(Cost.micros(spent, trial.tally().tokens() - tokensBefore, "token"));
            if (!heap.isEmpty()) {
                figures.put(Figure.of("heap after the warm-up MiB"), heap.get(0));
                figures.put(Figure.of("after the last leg"), heap.get(heap.size() - 1));
                figures.put(Figure.of("least"), Collections.min(heap));
                figures.put(Figure.of("most"), Collections.max(heap));
                figures.put(Figure.of("full collections, those for this not counted"), (double)
                        (collections(peer) - collectionsBefore - heap.size()));
            }
            return figures;
        }
    }

    private static void sampleHeap(Peer peer, List<Double> heap) {
        peer.jmx().map(Jmx::heapAfterCollection).ifPresent(bytes -> heap.add(bytes / MEBIBYTE));
    }

    private static long collections(Peer peer) {
        return peer.jmx().map(Jmx::fullCollections).orElse(0L);
    }
}
