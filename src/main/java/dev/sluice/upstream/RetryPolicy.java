package dev.sluice.upstream;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * When a request that got no answer is sent again. Immutable.
 *
 * <p>No library: what Failsafe and Resilience4j do beyond this arithmetic (run the call, wait for it, count it) belongs to
 * a loop of theirs, and ours must not wait.
 *
 * @param attempts how often one provider is asked, all told; 1 or more
 * @param budget how long after the first attempt a new one may begin
 * @param lost whether a request that was sent whole and then lost without an answer is sent again though it may be
 *     billed twice
 */
public record RetryPolicy(int attempts, Duration budget, boolean lost) {
    private static final long FIRST_NANOS = Duration.ofMillis(250).toNanos();
    private static final Duration LONGEST_ASKED = Duration.ofDays(1);
    private static final long LONGEST_NANOS = Duration.ofSeconds(5).toNanos();

    /**
     * How long to wait before the next attempt: twice as long each time, between half of that and all of it, so that
     * those who failed together do not come back together; and never less than the provider asks for.
     *
     * @param failed attempts so far, 1 or more
     * @param asked what the provider asks for, by {@code Retry-After} or {@code retry-after-ms}
     * @return nanoseconds
     */
    static long delay(int failed, @Nullable Duration asked) {
        long most = Math.min(LONGEST_NANOS, FIRST_NANOS << Math.min(failed - 1, 10));
        long backOff = most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1);
        if (asked == null || asked.isZero()) {
            return backOff;
        }
        // A date may be ages away.
        Duration wait = asked.compareTo(LONGEST_ASKED) > 0 ? LONGEST_ASKED : asked;
        return wait.toNanos() + backOff / 2;
    }
}
