package dev.sluice.simulator;

import dev.sluice.relay.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** A clock that stands still until a test moves it, and keeps what it was asked for. One thread. */
final class ManualClock implements Clock {
    private record Entry(long at, long order, Runnable task) {}

    private final PriorityQueue<Entry> entries =
            new PriorityQueue<>(Comparator.comparingLong(Entry::at).thenComparingLong(Entry::order));
    private final List<Duration> delays = new ArrayList<>();
    private long now;

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public Alarm schedule(Runnable task, long nanos) {
        Entry entry = new Entry(now + nanos, delays.size(), task);
        delays.add(Duration.ofNanos(nanos));
        entries.add(entry);
        return () -> entries.remove(entry);
    }

    /** All delays asked for so far, in order. */
    List<Duration> delays() {
        return List.copyOf(delays);
    }

    /** Alarms that have neither gone off nor been cancelled. */
    int pending() {
        return entries.size();
    }

    /** Moves the time to when the next alarm is due, and so much further, and has it go off. */
    void fireNext(Duration late) {
        Entry next = entries.poll();
        if (next == null) {
            throw new AssertionError("no alarm is set");
        }
        now = Math.max(now, next.at + late.toNanos());
        next.task.run();
    }
}
