package dev.sluice.app;

import dev.sluice.web.Lease;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A value that can be replaced while it is used. Each user keeps the value with which it has begun. A replaced value is
 * retired when its last user has closed its lease. Any thread may call all methods; none blocks.
 *
 * @param <T> the type of the value
 */
final class Current<T> {
    private final Consumer<T> retire;
    private volatile Counted<T> newest;

    /** @param retire called once for each replaced value, by the thread of its last user; must not block */
    Current(T first, Consumer<T> retire) {
        this.newest = new Counted<>(first);
        this.retire = retire;
    }

    /** The current value, without a lease: it may be retired while it is used. */
    T get() {
        return newest.value;
    }

    /** A lease of the current value, which is not retired before the lease is closed. */
    Held<T> lease() {
        // A value without users has been replaced, so there is a newer one.
        while (true) {
            Counted<T> counted = newest;
            if (counted.users.tryAcquire()) {
                return new Held<>(this, counted);
            }
        }
    }

    /** Replaces the value. Only one thread at a time may call it. */
    void replace(T next) {
        Counted<T> before = newest;
        newest = new Counted<>(next);
        release(before);
    }

    private void release(Counted<T> counted) {
        if (counted.users.release()) {
            retire.accept(counted.value);
        }
    }

    /** A value with its use count, which includes one for as long as it is the current value. */
    private static final class Counted<T> {
        private final T value;
        private final UseCount users = new UseCount();

        Counted(T value) {
            this.value = value;
        }
    }

    static final class Held<T> implements Lease<T> {
        private final Current<T> of;
        private final Counted<T> counted;
        private final AtomicBoolean closed = new AtomicBoolean();

        private Held(Current<T> of, Counted<T> counted) {
            this.of = of;
            this.counted = counted;
        }

        @Override
        public T value() {
            return counted.value;
        }

        /** A further lease of the same value; null if this one is closed. */
        @Nullable
        Held<T> tryShare() {
            return !closed.get() && counted.users.tryAcquire() ? new Held<>(of, counted) : null;
        }

        @Override
        public Held<T> share() {
            Held<T> shared = tryShare();
            if (shared == null) {
                throw new IllegalStateException("The lease is closed");
            }
            return shared;
        }

        /** The same lease, for users of only a part of the value. */
        <P> Lease<P> of(Function<T, P> part) {
            return new Part<>(this, part.apply(value()));
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                of.release(counted);
            }
        }
    }

    private record Part<T, P>(Held<T> whole, P value) implements Lease<P> {
        @Override
        public Lease<P> share() {
            return new Part<>(whole.share(), value);
        }

        @Override
        public void close() {
            whole.close();
        }
    }
}
