package dev.sluice.servlet;

import dev.sluice.chat.Failure;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** How much of all request bodies together is held at once. All methods may be called by any thread. */
public final class BodyBudget {
    private volatile long maxTotalBytes; // set by whoever replaces the settings
    private final AtomicLong held = new AtomicLong();

    /** Whether somebody works beyond the budget. */
    private final AtomicBoolean beyond = new AtomicBoolean();

    /** @param maxTotalBytes the most that all bodies hold */
    public BodyBudget(long maxTotalBytes) {
        this.maxTotalBytes = maxTotalBytes;
    }

    /** From now on that is the most. What is held stays, even beyond it. */
    public void limitTo(long newMaxTotalBytes) {
        maxTotalBytes = newMaxTotalBytes;
    }

    /** Bytes held now. */
    public long heldBytes() {
        return held.get();
    }

    Reservation open() {
        return new Reservation();
    }

    static Failure noRoom() {
        return Failure.unavailable(
                "overloaded",
                "no_room",
                "The requests at work hold all that sluice.request.max-total-bytes allows.",
                Duration.ofSeconds(1));
    }

    private boolean take(long more) {
        if (held.addAndGet(more) > maxTotalBytes) {
            held.addAndGet(-more);
            return false;
        }
        return true;
    }

    /** What one body holds. Its lock is held for arithmetic only. */
    final class Reservation {
        private long body;
        private long work;
        private boolean mayBeBeyond;
        private boolean closed;

        /** Takes more for the body, if there is room and the body is still wanted. */
        synchronized boolean grow(long more) {
            if (closed || !take(more)) {
                return false;
            }
            body += more;
            return true;
        }

        /**
         * Takes so much for working on the body, beside it, in the place of what was taken for that before; if there is
         * room, or nobody else works without: bodies that fill all the room are worked on one at a time.
         */
        synchronized boolean work(long bytes) {
            if (closed) {
                return false;
            }
            endWork();
            if (!take(bytes)) {
                if (!beyond.compareAndSet(false, true)) {
                    return false;
                }
                mayBeBeyond = true;
                held.addAndGet(bytes);
            }
            work = bytes;
            return true;
        }

        /** The work is done: so many bytes remain, instead of the body. False if there is no room for that. */
        synchronized boolean settle(long bytes) {
            endWork();
            if (closed) {
                return false;
            }
            if (bytes > body && !take(bytes - body)) {
                return false;
            }
            held.addAndGet(Math.min(0, bytes - body));
            body = bytes;
            return true;
        }

        synchronized void close() {
            closed = true;
            endWork();
            held.addAndGet(-body);
            body = 0;
        }

        private void endWork() {
            held.addAndGet(-work);
            work = 0;
            if (mayBeBeyond) {
                mayBeBeyond = false;
                beyond.set(false);
            }
        }
    }
}
