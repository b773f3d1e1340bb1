package dev.sluice.app;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads that run streams: those whose run was cut off for its length, and those that are paced by alarms. A stream that
 * waits here can meanwhile not be run by anybody else, not even when its client has left. So nothing that blocks may be
 * given to these threads: no DNS, no TLS, nothing of Jetty's client. There is one for each core, and each stream waits
 * here once at most. Any thread may call.
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

    /** Runs what waits, refuses whoever comes later, and leaves no thread behind. */
    void stop() throws InterruptedException, TimeoutException {
        threads.shutdown();
        if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
            throw new TimeoutException("A stream is still running");
        }
    }
}
