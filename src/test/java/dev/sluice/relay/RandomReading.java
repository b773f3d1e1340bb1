package dev.sluice.relay;

import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One stream, whose answer is received in random pieces, for a client that reads it at random. A run depends only on its
 * random numbers, so a failure can be reproduced.
 *
 * @param taken what the client has got
 * @param refused the failure that the client has got instead of an answer; null if none
 */
public record RandomReading(String taken, @Nullable Failed refused, StreamSummary summary) {
    /** A failure with a status. */
    public record Failed(int status, String code) {}

    /** Reads the answer to its end, behind which the upstream's body ends as HTTP says it should. */
    public static RandomReading of(byte[] answer, Translator translator, Random random) {
        var upstream = new FakeUpstream();
        var downstream = new FakeDownstream();
        var listener = new RecordingListener();
        var clock = new ManualClock();
        var limits = new Limits(
                Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(15), 1 + random.nextInt(500));
        var relay = new Relay(downstream, limits, clock, Runnable::run, new StreamMetrics(), ended -> {});
        relay.join(listener);
        relay.passOn(upstream, translator);
        int at = 0;
        while (!downstream.ended()) {
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    int length = Math.min(answer.length - at, 1 + random.nextInt(random.nextBoolean() ? 3 : 400));
                    if (upstream.isOver()) {
                        clock.pass(300); // the time in which a client can read an error before the connection breaks
                    } else if (length > 0) {
                        upstream.give(Arrays.copyOfRange(answer, at, at + length));
                        at += length;
                    } else {
                        upstream.end();
                    }
                }
                case 2 -> downstream.takes(false);
                default -> {
                    downstream.takes(true);
                    relay.wake();
                }
            }
        }
        var refusal = downstream.refused;
        return new RandomReading(
                downstream.taken(),
                refusal == null ? null : new Failed(refusal.status(), refusal.code()),
                Objects.requireNonNull(listener.summary()));
    }
}
