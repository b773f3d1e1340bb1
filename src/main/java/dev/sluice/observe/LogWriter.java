package dev.sluice.observe;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes lines of the log on a thread of its own, because a log may block, and streams must not. If lines arrive faster than
 * they can be written, some are dropped and counted, and the log says so. Any thread may call all methods.
 */
public final class LogWriter implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);

    private static final int MOST_WAITING = 8192;

    /** The interval at which the writer polls. To wake it for each stream would cost more than writing the line. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final ArrayBlockingQueue<Runnable> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final LongAdder dropped = new LongAdder();
    private final Thread writer = new Thread(this::write, "sluice-log");

    /** Set once, by the thread that stops it. */
    private volatile boolean stopped;

    public void start() {
        writer.setDaemon(true);
        writer.start();
    }

    /** @param line writes one line; may block */
    @Override
    public void execute(Runnable line) {
        if (!waiting.offer(line)) {
            dropped.increment();
        }
    }

    /** The number of dropped lines. */
    public long dropped() {
        return dropped.sum();
    }

    /** Writes the remaining lines, and ends the thread. */
    public void stop() throws InterruptedException {
        stopped = true;
        LockSupport.unpark(writer);
        writer.join(TimeUnit.SECONDS.toMillis(5));
    }

    private void write() {
        long told = 0;
        try {
            while (!stopped || !waiting.isEmpty()) {
                Runnable line = waiting.poll(200, TimeUnit.MILLISECONDS);
                if (line == null) {
                    continue;
                }
                for (; line != null; line = waiting.poll()) {
                    write(line);
                }
                long lost = dropped();
                if (lost > told) {
                    long since = lost - told;
                    write(() -> LOG.warn("{} lines were dropped: the log was too slow for them", since));
                    told = lost;
                }
                if (!stopped) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
    }

    /** An exception of an appender, or an OutOfMemoryError, must not end the thread. */
    private void write(Runnable line) {
        try {
            line.run();
        } catch (RuntimeException | Error fault) {
            dropped.increment();
        }
    }
}
