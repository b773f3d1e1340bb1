package dev.sluice.bench;

import dev.sluice.it.Jmx;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Clients that stop reading: how much the gateway still reads from the upstream, and its memory. */
record StallScenario(BenchOptions options) implements Scenario {
    private static final double KIBIBYTE = 1 << 10;
    private static final int SMALL_SEND_BUFFER = 64 * 1024;
    /** If the upstream could write nothing for this long, the gateway reads no more. */
    private static final long STILL_NANOS = 2_000_000_000L;

    private static final long PATIENCE_NANOS = 60_000_000_000L;

    @Override
    public String name() {
        return "stall";
    }

    @Override
    public String description() {
        return "%d streams as fast as they go, whose clients stop reading after %,d bytes; what the upstream's sockets took beyond what the clients have read, kernel buffers and all, with the upstream's send buffer as the kernel has it and then as small as 64 KiB; PSS of the gateway less what it was after a flood of %,d tokens; and heap, if it is a JVM, that is no longer reachable when the clients have left"
                .formatted(options.count("stall-streams"), options.size("stall-read"), options.size("warm-up"));
    }

    @Override
    public Map<Figure, Double> measure(Trial trial) throws IOException {
        Map<Figure, Double> figures = new LinkedHashMap<>();
        figures.putAll(measure(trial, 0, "usual"));
        figures.putAll(measure(trial, SMALL_SEND_BUFFER, "small"));
        return figures;
    }

    private Map<Figure, Double> measure(Trial trial, int sendBuffer, String which) throws IOException {
        int streams = options.count("stall-streams");
        try (Peer peer = trial.start()) {
            try (LoadClient client = trial.client(peer, options.count("stream-tokens"))) {
                client.run(options.streamsFor(options.size("warm-up")), options.count("streams"));
            }
            List<Order> orders = HeldLoad.endless(streams, options.count("chunk-tokens"), sendBuffer);
            Map<Figure, Double> figures = new LinkedHashMap<>();
            double heap;
            try (Crowd crowd = trial.crowd(peer)) {
                double before = Memory.pss(peer);
                crowd.readAtMost(options.size("stall-read"));
                crowd.open(orders, trial.checked());
                long written = writtenInTheEnd(trial.upstream());
                // In bytes of the upstream; the gateway may send fewer bytes for the same token.
                double read = Answers.bytesPerToken(options.count("chunk-tokens"))
                        * crowd.connections().stream()
                                .mapToLong(LoadConnection::tokens)
                                .sum();
                figures.put(
                        Figure.compared("taken KiB/stream, " + which + " send buffer"),
                        (written - read) / streams / KIBIBYTE);
                if (peer.process().isPresent()) {
                    figures.put(
                            Figure.of("PSS KiB/stream, " + which), (Memory.pss(peer) - before) / KIBIBYTE / streams);
                }
                heap = liveHeap(peer);
            }
            if (peer.jmx().isPresent()) {
                Pause.nanos(STILL_NANOS);
                figures.put(Figure.of("live heap KiB/stream, " + which), (heap - liveHeap(peer)) / KIBIBYTE / streams);
            }
            return figures;
        }
    }

    private static long writtenInTheEnd(Upstream upstream) throws IOException {
        long latest = System.nanoTime() + PATIENCE_NANOS;
        long written = -1;
        long since = System.nanoTime();
        while (System.nanoTime() - since < STILL_NANOS && System.nanoTime() < latest) {
            long now = upstream.written().values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            if (now != written) {
                written = now;
                since = System.nanoTime();
            }
            Pause.nanos(STILL_NANOS / 10);
        }
        return written;
    }

    private static double liveHeap(Peer peer) {
        return peer.jmx().map(Jmx::heapAfterCollection).orElse(0L);
    }
}
