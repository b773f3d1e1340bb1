package dev.sluice.relay;

import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The system's time, and alarms on a scheduler that others may use too. All methods may be called by any thread. */
public final class Alarms implements Clock {
    private final ScheduledExecutorService scheduler;
    private final LongAdder pending = new LongAdder();

    /** @param scheduler should forget what was cancelled; not ours to stop */
    public Alarms(ScheduledExecutorService scheduler) {
        this.scheduler = scheduler;
    }

    /**
     * The same clock, whose calls are made by {@code executor}: for those who want to be called so often that others would
     * have to wait for the scheduler. After its end nobody is called.
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
            entry.cancel(); // nothing goes off any more
        }
        return entry;
    }

    private static void handOver(Runnable task, Executor executor) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException stopped) {
            // Its streams were ended before it was.
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
