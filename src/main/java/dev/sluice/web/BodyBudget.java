package dev.sluice.web;

import dev.sluice.chat.Failure;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** How much of request bodies is held at once, all together and each. All methods may be called by any thread. */
public final class BodyBudget {
    private final int maxBytes;
    private final long maxTotalBytes;
    private final AtomicLong held = new AtomicLong();

    /**
     * @param maxBytes the largest body
     * @param maxTotalBytes the most that all of them hold
     */
    public BodyBudget(int maxBytes, long maxTotalBytes) {
        this.maxBytes = maxBytes;
        this.maxTotalBytes = maxTotalBytes;
    }

    /** Bytes held now. */
    public long heldBytes() {
        return held.get();
    }

    int maxBytes() {
        return maxBytes;
    }

    Reservation open() {
        return new Reservation();
    }

    Failure tooLarge() {
        return Failure.invalid(
                413,
                "request_too_large",
                "The request's body is larger than sluice.request.max-bytes allows (" + maxBytes + " bytes).",
                null);
    }

    Failure noRoom() {
        return Failure.unavailable(
                "overloaded",
                "no_room",
                "The requests at work hold all that sluice.request.max-total-bytes allows.",
                Duration.ofSeconds(1));
    }

    /** What one body holds. Its lock is held for arithmetic only. */
    final class Reservation {
        private long bytes;
        private boolean closed;

        /** Takes more, if there is room and the body is still wanted. */
        synchronized boolean grow(int more) {
            if (closed) {
                return false;
            }
            if (held.addAndGet(more) > maxTotalBytes) {
                held.addAndGet(-more);
                return false;
            }
            bytes += more;
            return true;
        }

        synchronized void close() {
            closed = true;
            held.addAndGet(-bytes);
            bytes = 0;
        }
    }
}
