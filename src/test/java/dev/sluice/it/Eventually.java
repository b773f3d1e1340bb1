package dev.sluice.it;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** Waits for a state of another process by polling, because that process cannot notify the test. */
public final class Eventually {
    private static final long PAUSE_NANOS = 20_000_000;

    private Eventually() {}

    /**
     * Polls until the condition accepts the value.
     *
     * @return the accepted value
     * @throws AssertionError with {@code what} and the last value, if none is accepted in time
     */
    public static <T> T until(String what, Duration longest, Callable<T> look, Predicate<T> pleases) {
        long deadline = System.nanoTime() + longest.toNanos();
        while (true) {
            T seen;
            try {
                seen = look.call();
            } catch (Exception failure) {
                throw new AssertionError("Could not see whether " + what, failure);
            }
            if (pleases.test(seen)) {
                return seen;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("Not within " + longest + ": " + what + "; last seen: " + seen);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** The same for a plain condition. */
    public static void until(String what, Duration longest, Callable<Boolean> condition) {
        until(what, longest, condition, Boolean::booleanValue);
    }
}
