package dev.sluice.bench;

import dev.sluice.it.Jmx;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Open streams whose models are silent: the memory of one stream. */
record IdleScenario(BenchOptions options) implements Scenario {
    private static final double KIBIBYTE = 1 << 10;
    private static final double MEBIBYTE = 1 << 20;
    private static final int WARM_UP_SHARE = 10;
    /** The wait for what happens after the last token, such as a garbage collection or the release of a buffer. */
    private static final long SETTLE_NANOS = 3_000_000_000L;

    @Override
    public String name() {
        return "idle";
    }

    @Override
    public String description() {
        return "%,d streams open at once, which have brought one token and then nothing; memory is PSS of all processes of the gateway, less what it was after a warm-up that opened and closed a tenth of them"
                .formatted(options.count("idle-streams"));
    }

    @Override
    public boolean suits(String peer) {
        return !peer.equals("none");
    }

    @Override
    public Map<Figure, Double> measure(Trial trial) throws IOException {
        int streams = options.count("idle-streams");
        try (Peer peer = trial.start()) {
            try (Crowd crowd = trial.crowd(peer)) {
                crowd.open(HeldLoad.silent(Math.max(1, streams / WARM_UP_SHARE)), trial.checked());
            }
            Map<Figure, Double> figures = new LinkedHashMap<>();
            long collectionsBefore = collections(peer);
            try (Crowd crowd = trial.crowd(peer)) {
                crowd.serveUntil(System.nanoTime() + SETTLE_NANOS);
                double before = Memory.pss(peer);
                crowd.open(HeldLoad.silent(streams), trial.checked());
                crowd.serveUntil(System.nanoTime() + SETTLE_NANOS);
                double with = Memory.pss(peer);
                crowd.requireAllOpen();
                figures.put(Figure.compared("PSS KiB/stream"), (with - before) / streams / KIBIBYTE);
                figures.put(Figure.of("PSS before MiB"), before / MEBIBYTE);
                figures.put(Figure.of("PSS with the streams MiB"), with / MEBIBYTE);
                if (peer.jmx().isPresent()) {
                    figures.put(Figure.of("full collections"), (double) (collections(peer) - collectionsBefore));
                    figures.put(Figure.of("live heap with the streams MiB"), liveHeap(peer) / MEBIBYTE);
                }
            }
            return figures;
        }
    }

    private static long collections(Peer peer) {
        return peer.jmx().map(Jmx::fullCollections).orElse(0L);
    }

    private static double liveHeap(Peer peer) {
        return peer.jmx().map(Jmx::heapAfterCollection).orElse(0L);
    }
}
