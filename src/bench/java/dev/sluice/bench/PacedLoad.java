package dev.sluice.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Many streams at a constant rate, whose tokens are spread evenly over time. All are open before the measurement.
 *
 * @param streams the number of streams that are open at once
 * @param rate the tokens of each stream in a second
 * @param warmUpSeconds the time of tokens before the measurement
 * @param seconds the time of the measurement
 */
record PacedLoad(int streams, double rate, double warmUpSeconds, double seconds) {
    private static final double SECOND = 1e9;
    /** Tokens go on for this long after the measurement, so that no stream ends in it. */
    private static final double AFTER_SECONDS = 0.5;

    /** The upstream is queried this long before the measurement, because the query takes time on both sides. */
    private static final double SETTLE_SECONDS = 1;

    private static final double PATIENCE_SECONDS = 20;

    /**
     * The result.
     *
     * @param tokens the number of tokens that the client has received in the measurement
     * @param spent the gateway's CPU time in the measurement
     * @param latencies the times from the upstream's write to the client's read of these tokens
     * @param lateness the delay of the upstream's writes behind their schedule
     */
    record Outcome(long tokens, CpuTime spent, Samples latencies, Lateness lateness) {}

    Outcome run(Trial trial, Peer peer) throws IOException {
        long every = (long) (SECOND / rate);
        int tokens = 1 + (int) Math.ceil(rate * (warmUpSeconds + seconds + AFTER_SECONDS));
        List<Order> orders = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            orders.add(new Order(i, tokens, new Order.Pace(every, every * i / streams), 0));
        }
        Samples latencies = new Samples();
        try (Crowd crowd = trial.crowd(peer)) {
            crowd.open(orders, trial.stamped(stamp -> latencies.add(System.nanoTime() - stamp)));
            long begin = trial.upstream().begin() + (long) (SECOND * warmUpSeconds);
            crowd.serveUntil(begin - (long) (SECOND * SETTLE_SECONDS));
            trial.upstream().lateness();
            crowd.serveUntil(begin);
            latencies.clear();
            CpuTime before = Trial.cpu(peer);
            crowd.serveUntil(begin + (long) (SECOND * seconds));
            CpuTime spent = Trial.cpu(peer).minus(before);
            Samples measured = latencies.copy();
            Lateness lateness = trial.upstream().lateness();
            crowd.serveToTheEnd(System.nanoTime() + (long) (SECOND * PATIENCE_SECONDS));
            if (crowd.ended() < streams) {
                throw new IOException(streams - crowd.ended() + " of " + streams + " streams did not end in time");
            }
            return new Outcome(measured.count(), spent, measured, lateness);
        }
    }
}
