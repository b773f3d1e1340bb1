package dev.sluice.web;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Leases of anything, counted while they are open. For any thread. */
public final class Leases {
    private final AtomicInteger open = new AtomicInteger();

    /** Leases that are not closed. */
    public int open() {
        return open.get();
    }

    public <T> Lease<T> of(T value) {
        return new Counted<>(value);
    }

    private final class Counted<T> implements Lease<T> {
        private final T value;
        private final AtomicBoolean closed = new AtomicBoolean();

        Counted(T value) {
            this.value = value;
            open.incrementAndGet();
        }

        @Override
        public T value() {
            if (closed.get()) {
                throw new IllegalStateException("used after its end");
            }
            return value;
        }

        @Override
        public Lease<T> share() {
            return new Counted<>(value());
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                open.decrementAndGet();
            }
        }
    }
}
