package dev.sluice.bench;

import dev.sluice.it.Jmx;
import dev.sluice.it.ServerProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Streams as fast as they go, one after the other on each connection, until so many tokens have come. In ten legs:
 * between them no stream is open, and what the gateway still holds is measured, at the cost of neither the time nor the
 * CPU that is reported. Confined to one thread.
 */
final class Flood {
    private static final int LEGS = 10;

    private final Options options;
    private final Peer peer;
    private final ServerProcess upstream;
    private final Tally tally = new Tally();

    /** Bytes of heap after a full collection, after the warm-up and after each leg. */
    private final List<Long> heap = new ArrayList<>();

    private Duration gatewayCpu = Duration.ZERO;
    private Duration upstreamCpu = Duration.ZERO;
    private Duration clientCpu = Duration.ZERO;
    private long nanos;

    Flood(Options options, Peer peer, ServerProcess upstream) {
        this.options = options;
        this.peer = peer;
        this.upstream = upstream;
    }

    /**
     * Runs it, saying on the console how far it is.
     *
     * @return what came, the warm-up included: a fault is a fault
     */
    Tally run(Table table) throws IOException {
        try (LoadClient client = new LoadClient(peer.base(), options.dialect(), options.streamTokens(), tally)) {
            client.run(options.streamsFor(options.warmUp()), options.streams());
            long warmUp = tally.tokens();
            long collectionsBefore = collections();
            sampleHeap();
            int streams = options.streamsFor(options.tokens());
            int legs = Math.min(LEGS, streams);
            for (int leg = 0; leg < legs; leg++) {
                // Whole streams, and all of them in the end.
                leg(client, (int) ((leg + 1L) * streams / legs - (long) leg * streams / legs));
                sampleHeap();
                System.out.println(tally.tokens() - warmUp + " tokens");
            }
            report(table, warmUp, collections() - collectionsBefore - heap.size());
            return tally;
        }
    }

    private void leg(LoadClient client, int streams) throws IOException {
        Duration gatewayBefore = gatewayNow();
        Duration upstreamBefore = ProcessFigures.cpu(upstream.pid());
        Duration clientBefore = clientNow();
        long begin = System.nanoTime();
        client.run(streams, options.streams());
        nanos += System.nanoTime() - begin;
        gatewayCpu = gatewayCpu.plus(gatewayNow().minus(gatewayBefore));
        upstreamCpu = upstreamCpu.plus(ProcessFigures.cpu(upstream.pid()).minus(upstreamBefore));
        clientCpu = clientCpu.plus(clientNow().minus(clientBefore));
    }

    private void sampleHeap() {
        peer.jmx().map(Jmx::heapAfterCollection).ifPresent(heap::add);
    }

    private long collections() {
        return peer.jmx().map(Jmx::fullCollections).orElse(0L);
    }

    private Duration gatewayNow() {
        return peer.process().map(process -> ProcessFigures.cpu(process.pid())).orElse(Duration.ZERO);
    }

    /** Without what it has started, unlike the gateway's. */
    private static Duration clientNow() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private void report(Table table, long warmUp, long unasked) {
        long tokens = tally.tokens() - warmUp;
        double seconds = nanos / 1e9;
        table.row(
                        "load",
                        String.format(
                                Locale.ROOT,
                                "flood, %s: %d streams at once, %,d tokens each, %d a chunk of the upstream's; warm-up %,d tokens",
                                options.dialect().path(),
                                options.streams(),
                                options.streamTokens(),
                                options.chunkTokens(),
                                warmUp))
                .row("tokens", tokens)
                .row("streams, warm-up included", tally.streams())
                .row("tokens lost", tally.lost())
                .row("tokens doubled", tally.doubled())
                .row("tokens out of order", tally.disordered())
                .row("events foreign to their stream", tally.foreign())
                .row("streams not whole", tally.brokenStreams())
                .row("time", seconds, "s")
                .row("tokens a second", Math.round(tokens / seconds));
        if (peer.process().isPresent()) {
            table.row("gateway's CPU a token", micros(gatewayCpu) / tokens, "µs");
        }
        table.row("upstream's CPU a token", micros(upstreamCpu) / tokens, "µs")
                .row("client's CPU a token", micros(clientCpu) / tokens, "µs");
        if (!heap.isEmpty()) {
            table.row(
                            "heap after a full collection",
                            String.format(
                                    Locale.ROOT,
                                    "first %s, last %s, min %s, max %s MiB",
                                    mebibytes(heap.get(0)),
                                    mebibytes(heap.get(heap.size() - 1)),
                                    mebibytes(Collections.min(heap)),
                                    mebibytes(Collections.max(heap))))
                    .row(
                            "the same after the warm-up and each tenth, no stream open",
                            heap.stream().map(Flood::mebibytes).collect(Collectors.joining(" ", "", " MiB")))
                    .row("full collections, those for the heap's figures not counted", unasked);
        }
        peer.process().ifPresent(process -> ProcessFigures.peakResidentBytes(process.pid())
                .ifPresent(bytes -> table.row("gateway's peak resident set", mebibytes(bytes) + " MiB")));
    }

    private static double micros(Duration duration) {
        return duration.toNanos() / 1e3;
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.2f", bytes / (double) (1 << 20));
    }
}
