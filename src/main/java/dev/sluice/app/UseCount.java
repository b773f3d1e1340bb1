package dev.sluice.app;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the users of an object that is closed after its last use. It begins with one. Once it is zero, it stays zero. Any
 * thread may call all methods.
 */
final class UseCount {
    private final AtomicLong users = new AtomicLong(1);

    /** Adds a user; false if the count is zero already. */
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

    /** Removes a user; true if it was the last. Each user calls it once. */
    boolean release() {
        return users.decrementAndGet() == 0;
    }
}
