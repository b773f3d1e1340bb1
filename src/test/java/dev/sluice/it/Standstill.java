package dev.sluice.it;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** Waits until a growing number has stopped growing. */
final class Standstill {
    /** A number that has not changed for this long counts as stopped. */
    private static final Duration STANDING = Duration.ofMillis(500);

    private static final Duration LONGEST = Duration.ofSeconds(20);

    /**
     * The result.
     *
     * @param value the number
     * @param after the time until its last change
     */
    record Standing(long value, Duration after) {}

    private Standstill() {}

    /**
     * Waits until the number has not changed for half a second.
     *
     * @return the number
     */
    static long await(LongSupplier number) {
        return watch(number).value();
    }

    /** The same, with the time from now until the last change. */
    static Standing watch(LongSupplier number) {
        long begin = System.nanoTime();
        long deadline = System.nanoTime() + LONGEST.toNanos();
        long last = number.getAsLong();
        long since = System.nanoTime();
        while (System.nanoTime() - since < STANDING.toNanos() || last == 0) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("Still growing, or never begun, after " + LONGEST + ": " + last);
            }
            LockSupport.parkNanos(10_000_000);
            long now = number.getAsLong();
            if (now != last) {
                last = now;
                since = System.nanoTime();
            }
        }
        return new Standing(last, Duration.ofNanos(since - begin));
    }
}
