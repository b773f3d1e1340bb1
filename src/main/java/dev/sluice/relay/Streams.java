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

/** All open streams of the application. Any thread may call all methods. */
public final class Streams {
    private static final Logger LOG = LoggerFactory.getLogger(Streams.class);

    private static final Failure DRAINING = Failure.unavailable(
            "draining", "draining", "The server is stopping: ask again, it may be another one.", Duration.ofSeconds(1));

    /** The time for the final events to reach the clients. Then the streams that are still open are aborted. */
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

    /** Why new streams are refused; null if they are not. */
    public @Nullable Failure refusal() {
        return closed ? DRAINING : null;
    }

    /**
     * Opens a stream whose request is still being received. If new streams are refused, this one is refused at once.
     *
     * @param owner called before all other listeners
     * @param others make the other listeners; called when nothing can prevent the stream from opening any more
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

    /** Adds a listener. If its factory throws an exception, the stream goes on without it. */
    private static void join(Relay relay, Opened opened, StreamListener.Factory factory) {
        try {
            relay.join(factory.opened(opened));
        } catch (RuntimeException | Error fault) {
            LOG.error("{} makes no listener of a stream", factory.getClass().getName(), fault);
        }
    }

    /** Refuses every new stream from now on. */
    public void close() {
        closed = true;
    }

    /**
     * Refuses new streams, lets the open ones finish, and then ends the rest. Blocks the caller until no stream is
     * left, or for little longer than {@code patience}.
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
