package dev.sluice.relay;

import dev.sluice.chat.Failure;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All open streams of the application, and their common end. All methods may be called by any thread. */
public final class Streams {
    private static final Failure DRAINING = Failure.unavailable(
            "draining", "draining", "The server is stopping: ask again, it may be another one.", Duration.ofSeconds(1));

    /** For last words to reach clients that take them; the others are let go. */
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    private final Clock clock;
    private final Executor executor;
    private final StreamMetrics metrics;
    private final Set<Relay> open = ConcurrentHashMap.newKeySet();

    private final ReentrantLock lock = new ReentrantLock(); // for waiting only
    private final Condition oneEnded = lock.newCondition();

    private volatile boolean closed; // never opened again

    public Streams(Clock clock, Executor executor, StreamMetrics metrics) {
        this.clock = clock;
        this.executor = executor;
        this.metrics = metrics;
    }

    /** Why no new stream is taken on, if so. */
    public @Nullable Failure refusal() {
        return closed ? DRAINING : null;
    }

    /**
     * A stream whose request is still on its way. If no new one is taken on, it is refused at once.
     *
     * @param onEnd told once when it has ended, by the thread that ended it
     */
    public Relay open(Limits limits, Downstream downstream, Consumer<StreamSummary> onEnd) {
        Relay relay = new Relay(downstream, limits, clock, executor, metrics, (ended, summary) -> {
            try {
                onEnd.accept(summary);
            } finally {
                remove(ended);
            }
        });
        open.add(relay);
        Failure refusal = refusal();
        if (refusal != null) {
            relay.refuse(refusal);
        }
        return relay;
    }

    /** From now on every new stream is refused. */
    public void close() {
        closed = true;
    }

    /**
     * Takes on no more streams, lets those that run finish, and ends the rest. Blocks the caller until none is left, or
     * little longer than {@code patience}.
     */
    public void drain(Duration patience) throws InterruptedException {
        close();
        awaitNone(patience);
        open.forEach(relay -> relay.refuse(DRAINING));
        awaitNone(FAREWELL);
        open.forEach(Relay::letGo);
    }

    private void remove(Relay ended) {
        open.remove(ended);
        if (closed) {
            lock.lock();
            try {
                oneEnded.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void awaitNone(Duration patience) throws InterruptedException {
        long nanos = patience.toNanos();
        lock.lock();
        try {
            while (!open.isEmpty() && nanos > 0) {
                nanos = oneEnded.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }
}
