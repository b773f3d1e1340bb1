package dev.sluice.servlet;

import dev.sluice.chat.Failure;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Limits the bytes of all request bodies that are held at once. Any thread may call all methods. */
public final class BodyBudget {
    private volatile long maxTotalBytes; // set by the thread that replaces the settings
    private final AtomicLong held = new AtomicLong();

    /** Whether the work on one body currently exceeds the budget. */
    private final AtomicBoolean beyond = new AtomicBoolean();

    /** @param maxTotalBytes the most bytes of all bodies together */
    public BodyBudget(long maxTotalBytes) {
        this.maxTotalBytes = maxTotalBytes;
    }

    /** Sets another limit. Bytes that are held stay, even beyond it. */
    public void limitTo(long newMaxTotalBytes) {
        maxTotalBytes = newMaxTotalBytes;
    }

    /** The bytes that are held. */
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

    /** The bytes of one body. Code of others is never called with its lock held. */
    final class Reservation {
        private long body;
        private long work;
        private boolean mayBeBeyond;
        private boolean closed;

        /** Reserves more bytes for the body; false if the budget is exhausted, or if the body was released. */
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

        /** Ends the work: this many bytes are held instead of the body. False if the budget does not suffice for them. */
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
