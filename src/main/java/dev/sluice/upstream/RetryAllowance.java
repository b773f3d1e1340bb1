package dev.sluice.upstream;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many retries a provider can still be burdened with: each call earns a fifth of one, up to a bound. So a provider in
 * trouble gets a fifth more requests at most, not several times as many. For any thread.
 */
final class RetryAllowance {
    private static final int RETRY = 5;
    private static final int MOST = 50 * RETRY;

    private final AtomicInteger left = new AtomicInteger(MOST);
    private final LongAdder spent = new LongAdder();

    /** A call was made. */
    void earn() {
        left.getAndUpdate(earned -> Math.min(MOST, earned + 1));
    }

    /** Whether a retry may be made; it is then counted. */
    boolean spend() {
        boolean spends = left.getAndUpdate(earned -> earned < RETRY ? earned : earned - RETRY) >= RETRY;
        if (spends) {
            spent.increment();
        }
        return spends;
    }

    /** Retries so far. */
    long spent() {
        return spent.sum();
    }
}
