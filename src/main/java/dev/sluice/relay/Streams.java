package dev.sluice.relay;

import dev.sluice.chat.Failure;
import dev.sluice.relay.StreamListener.Opened;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All open streams of the application, and their common end. All methods may be called by any thread. */
public final class Streams {
    private static final Logger LOG = LoggerFactory.getLogger(Streams.class);

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
     * @param owner hears of the stream before all others
     * @param others make the other listeners; they are asked once nothing can keep the stream from opening
     */
    public Relay open(
            Limits limits,
            Downstream downstream,
            Opened opened,
            StreamListener owner,
            List<StreamListener.Factory> others) {
        Relay relay = new Relay(downstream, limits, clock, executor, metrics, this::remove);
        relay.join(owner);
        open.add(relay);
        for (StreamListener.Factory other : others) {
            join(relay, opened, other);
        }
        Failure refusal = refusal();
        if (refusal != null) {
            relay.refuse(refusal);
        }
        return relay;
    }

    /** A listener that cannot be made is missing; the stream goes on without it. */
    private static void join(Relay relay, Opened opened, StreamListener.Factory factory) {
        try {
            relay.join(factory.opened(opened));
        } catch (RuntimeException | Error fault) {
            LOG.error("{} makes no listener of a stream", factory.getClass().getName(), fault);
        }
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
