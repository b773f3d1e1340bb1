package dev.sluice.observe;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes lines of the log for those who must not wait for it: a log may block, and streams must not. A thread of its own
 * writes. What it cannot keep up with is dropped, counted, and said. All methods may be called by any thread.
 */
public final class LogWriter implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);

    private static final int MOST_WAITING = 8192;

    /** Where many streams end, to wake the writer for each would cost more than the lines: it looks again by itself. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final ArrayBlockingQueue<Runnable> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final LongAdder dropped = new LongAdder();
    private final Thread writer = new Thread(this::write, "sluice-log");

    /** Set once, by whoever stops it. */
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

    /** Lines that were never written. */
    public long dropped() {
        return dropped.sum();
    }

    /** Writes what is left; leaves no thread behind. */
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

    /** An appender's fault, or a moment without memory, must not cost the lines that follow. */
    private void write(Runnable line) {
        try {
            line.run();
        } catch (RuntimeException | Error fault) {
            dropped.increment();
        }
    }
}
