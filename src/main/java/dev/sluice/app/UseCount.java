package dev.sluice.app;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the users of something that is closed after the last of them. At first there is one. Once there is none, there is
 * never one again. All methods may be called by any thread.
 */
final class UseCount {
    private final AtomicLong users = new AtomicLong(1);

    /** One more user; false if the last one has gone. */
    boolean tryAcquire() {
        long now = users.get();
        while (now > 0) {
            if (users.compareAndSet(now, now + 1)) {
                return true;
            }
            now = users.get();
        }
        return false;
    }

    /** One user less; true if it was the last. Each user calls it once. */
    boolean release() {
        return users.decrementAndGet() == 0;
    }
}
