package dev.sluice.upstream;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The rules of when a request is sent again. Immutable.
 *
 * <p>It uses no library: Failsafe and Resilience4j run the call and wait for it in a loop of their own, and a stream of
 * Sluice must not wait. What remains is this arithmetic.
 *
 * @param attempts the number of attempts at one provider, the first one included; 1 or more
 * @param budget the time after the first attempt in which a further one may begin; may be zero
 * @param lost whether a request that was sent whole and got no response is sent again, although the provider may bill it
 *     twice
 */
public record RetryPolicy(int attempts, Duration budget, boolean lost) {
    private static final long FIRST_NANOS = Duration.ofMillis(250).toNanos();
    private static final Duration LONGEST_ASKED = Duration.ofDays(1);
    private static final long LONGEST_NANOS = Duration.ofSeconds(5).toNanos();

    /**
     * The wait before the next attempt. It doubles with each attempt. A random part of up to a half is subtracted, so that
     * calls that have failed together do not retry together. It is never shorter than the provider asks for.
     *
     * @param failed the number of attempts so far, 1 or more
     * @param asked the wait that the provider asks for, by {@code Retry-After} or {@code retry-after-ms}; null if none
     * @return the wait in nanoseconds
     */
    static long delay(int failed, @Nullable Duration asked) {
        long most = Math.min(LONGEST_NANOS, FIRST_NANOS << Math.min(failed - 1, 10));
        long backOff = most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1);
        if (asked == null || asked.isZero()) {
            return backOff;
        }
        // A date may be so far away that its nanoseconds overflow a long.
        Duration wait = asked.compareTo(LONGEST_ASKED) > 0 ? LONGEST_ASKED : asked;
        return wait.toNanos() + backOff / 2;
    }
}
