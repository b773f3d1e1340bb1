package dev.sluice.app;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads that run streams: those whose run was interrupted because it was long, and those that are driven by alarms. A stream
 * in this queue cannot be run by another thread, not even when its client has left. So these threads get no work that may
 * block: no DNS, no TLS, nothing of Jetty's client. There is one thread for each core. Each stream is in the queue once at
 * most. Any thread may call it.
 */
final class RunThreads implements Executor {
    private final AtomicInteger made = new AtomicInteger();
    private final ThreadPoolExecutor threads;

    RunThreads() {
        int cores = Runtime.getRuntime().availableProcessors();
        threads = new ThreadPoolExecutor(cores, cores, 60, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "sluice-run-" + made.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public void execute(Runnable run) {
        threads.execute(run);
    }

    /** Runs the queue to its end, refuses later tasks, and ends the threads. */
    void stop() throws InterruptedException, TimeoutException {
        threads.shutdown();
        if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
            throw new TimeoutException("A stream is still running");
        }
    }
}
