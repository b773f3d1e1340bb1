package dev.sluice.it;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** Tells when a number that grows has stopped growing. */
final class Standstill {
    /** How long it must stand to count as standing. */
    private static final Duration STANDING = Duration.ofMillis(500);

    private static final Duration LONGEST = Duration.ofSeconds(20);

    /**
     * What stands.
     *
     * @param value where
     * @param after how long it was still seen moving
     */
    record Standing(long value, Duration after) {}

    private Standstill() {}

    /**
     * Waits until the number has not changed for half a second.
     *
     * @return where it stands
     */
    static long await(LongSupplier number) {
        return watch(number).value();
    }

    /** The same, and how long it took from now until the last change. */
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
