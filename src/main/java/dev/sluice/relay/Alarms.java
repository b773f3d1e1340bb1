package dev.sluice.relay;

import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The system's time, and alarms on a scheduler that may be shared. All methods may be called by any thread. */
public final class Alarms implements Clock {
    private final ScheduledExecutorService scheduler;
    private final LongAdder pending = new LongAdder();

    /** @param scheduler should remove cancelled tasks from its queue; it is stopped by its owner */
    public Alarms(ScheduledExecutorService scheduler) {
        this.scheduler = scheduler;
    }

    /**
     * The same clock, whose alarms run on {@code executor}: for so many alarms that all others would have to wait for the
     * scheduler's thread. Once the executor was stopped, no alarm runs.
     */
    public Clock on(Executor executor) {
        return new Clock() {
            @Override
            public long nanoTime() {
                return Alarms.this.nanoTime();
            }

            @Override
            public Alarm schedule(Runnable task, long nanos) {
                return Alarms.this.schedule(() -> handOver(task, executor), nanos);
            }
        };
    }

    /** Alarms set that have neither gone off nor been cancelled. */
    public long pending() {
        return pending.sum();
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Alarm schedule(Runnable task, long nanos) {
        Entry entry = new Entry(task);
        pending.increment();
        try {
            entry.future = scheduler.schedule(entry, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException stopping) {
            entry.cancel(); // the scheduler was stopped, so no alarm goes off any more
        }
        return entry;
    }

    private static void handOver(Runnable task, Executor executor) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException stopped) {
            // The streams that it served have ended before it was stopped.
        }
    }

    /** Goes off or is cancelled, whichever comes first. */
    private final class Entry implements Runnable, Alarm {
        private final Runnable task;
        private final AtomicBoolean over = new AtomicBoolean();
        private volatile @Nullable Future<?> future; // unset only while it is being set

        Entry(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            if (over.compareAndSet(false, true)) {
                pending.decrement();
                task.run();
            }
        }

        @Override
        public void cancel() {
            if (over.compareAndSet(false, true)) {
                pending.decrement();
                Future<?> set = future;
                if (set != null) {
                    set.cancel(false);
                }
            }
        }
    }
}
