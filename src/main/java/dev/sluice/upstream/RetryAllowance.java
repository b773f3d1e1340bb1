package dev.sluice.upstream;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Limits the retries of one provider to a fifth of its calls: each call adds a fifth of a retry, up to a limit of 50
 * retries. So a failing provider gets at most a fifth more requests. Any thread may call all methods.
 */
final class RetryAllowance {
    private static final int RETRY = 5;
    private static final int MOST = 50 * RETRY;

    private final AtomicInteger left = new AtomicInteger(MOST);
    private final LongAdder spent = new LongAdder();

    /** Counts a call. */
    void earn() {
        left.getAndUpdate(earned -> Math.min(MOST, earned + 1));
    }

    /** Whether a retry is allowed; if it is, it is counted. */
    boolean spend() {
        boolean spends = left.getAndUpdate(earned -> earned < RETRY ? earned : earned - RETRY) >= RETRY;
        if (spends) {
            spent.increment();
        }
        return spends;
    }

    /** The number of retries so far. */
    long spent() {
        return spent.sum();
    }
}
