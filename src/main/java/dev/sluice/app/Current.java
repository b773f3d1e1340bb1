package dev.sluice.app;

import dev.sluice.web.Lease;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Something that can be replaced while it is used. Its users keep the one they began with; one that was replaced is
 * retired when its last user has gone. All methods may be called by any thread, and none blocks.
 *
 * @param <T> what is used
 */
final class Current<T> {
    private final Consumer<T> retire;
    private volatile Counted<T> newest;

    /** @param retire told of each that was replaced, once, by the thread of its last user: must not block */
    Current(T first, Consumer<T> retire) {
        this.newest = new Counted<>(first);
        this.retire = retire;
    }

    /** The newest, for a look: nothing keeps it from being retired meanwhile. */
    T get() {
        return newest.value;
    }

    /** The newest, which is not retired before the lease is closed. */
    Held<T> lease() {
        // One that has no users left was replaced before: then there is a newer one.
        while (true) {
            Counted<T> counted = newest;
            if (counted.users.tryAcquire()) {
                return new Held<>(this, counted);
            }
        }
    }

    /** From now on there is another. Calls must come one at a time. */
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

    /** What is used, which is its own first user for as long as it is the newest. */
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

        /** One more lease of the same; null if this one is closed. */
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

        /** The same lease, for those who use only a part. */
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
