package dev.sluice.upstream;

import dev.sluice.relay.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A clock that the test moves. Any thread may use it. */
public final class ManualClock implements Clock {
    private record Entry(long at, Runnable task) {}

    // Guarded by this.
    private final List<Entry> entries = new ArrayList<>();
    private long now = Long.MAX_VALUE - 5_000_000_000L; // overflows soon, because only differences may be used

    @Override
    public synchronized long nanoTime() {
        return now;
    }

    @Override
    public synchronized Alarm schedule(Runnable task, long nanos) {
        Entry entry = new Entry(now + nanos, task);
        entries.add(entry);
        notifyAll();
        return () -> {
            synchronized (this) {
                entries.remove(entry);
                notifyAll();
            }
        };
    }

    /** Moves the clock, and runs the alarms that are due by then. */
    public void pass(Duration time) {
        List<Entry> due;
        synchronized (this) {
            now += time.toNanos();
            due = entries.stream().filter(entry -> entry.at - now <= 0).toList();
            entries.removeAll(due);
        }
        due.forEach(entry -> entry.task.run());
    }

    /** Waits until no alarm is set, 10 s of real time at most. */
    public synchronized void awaitNone() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!entries.isEmpty()) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new AssertionError(entries.size() + " alarms are still set");
            }
            wait(left);
        }
    }

    /** Waits until an alarm is set, 10 s of real time at most. */
    synchronized void awaitAny() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (entries.isEmpty()) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new AssertionError("No alarm is set");
            }
            wait(left);
        }
    }
}
