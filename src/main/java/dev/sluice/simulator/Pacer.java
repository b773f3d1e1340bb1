package dev.sluice.simulator;

import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Has things done later, on the simulator's threads: the clock is shared with others, so its thread only hands over.
 *
 * @param clock not ours to stop
 * @param nanoTime tells the clock's time, as {@link System#nanoTime} does
 * @param work the simulator's threads
 */
record Pacer(ScheduledExecutorService clock, LongSupplier nanoTime, Executor work) {
    long now() {
        return nanoTime.getAsLong();
    }

    void soon(Runnable task) {
        work.execute(task);
    }

    Future<?> after(long nanos, Runnable task) {
        return clock.schedule(() -> handOver(task), nanos, TimeUnit.NANOSECONDS);
    }

    private void handOver(Runnable task) {
        try {
            work.execute(task);
        } catch (RejectedExecutionException stopped) {
            // The simulator has stopped meanwhile, and its streams with it.
        }
    }
}
