package dev.sluice.relay;

import java.util.Comparator;
import java.util.PriorityQueue;

/** A clock that the test moves. Used by one thread. */
public final class ManualClock implements Clock {
    private record Entry(long at, long order, Runnable task) {}

    private final PriorityQueue<Entry> entries =
            new PriorityQueue<>(Comparator.comparingLong(Entry::at).thenComparingLong(Entry::order));
    private long now = Long.MAX_VALUE - 1_000_000_000L; // overflows soon, because only differences may be used
    private long scheduled;

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public Alarm schedule(Runnable task, long nanos) {
        Entry entry = new Entry(now - base() + Math.max(0, nanos), scheduled++, task);
        entries.add(entry);
        return () -> entries.remove(entry);
    }

    /** Moves the clock, and runs each alarm at its time. */
    public void pass(long millis) {
        long until = now - base() + millis * 1_000_000;
        while (!entries.isEmpty() && entries.peek().at <= until) {
            Entry due = entries.poll();
            now = due.at + base();
            due.task.run();
        }
        now = until + base();
    }

    public int pending() {
        return entries.size();
    }

    long scheduledSoFar() {
        return scheduled;
    }

    private static long base() {
        return Long.MAX_VALUE - 1_000_000_000L;
    }
}
