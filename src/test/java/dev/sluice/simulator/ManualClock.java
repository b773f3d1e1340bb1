package dev.sluice.simulator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A clock that stands still until a test moves it, and keeps what it was asked for. */
final class ManualClock extends ScheduledThreadPoolExecutor {
    private final PriorityBlockingQueue<Timer> timers = new PriorityBlockingQueue<>();

    /** Guarded by itself. */
    private final List<Duration> delays = new ArrayList<>();

    private volatile long now;

    ManualClock() {
        super(0);
    }

    long nanoTime() {
        return now;
    }

    /** All delays asked for so far, in order. */
    List<Duration> delays() {
        synchronized (delays) {
            return List.copyOf(delays);
        }
    }

    int timers() {
        return timers.size();
    }

    /** Waits for a timer, moves the time to when it is due and so much further, and fires it. */
    void fireNext(Duration late) throws InterruptedException {
        Timer timer = timers.poll(10, TimeUnit.SECONDS);
        if (timer == null) {
            throw new AssertionError("no timer was set within 10 s");
        }
        fire(timer, late);
    }

    /** Fires every timer on time until the condition holds. */
    void fireUntil(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Timer timer = timers.poll(1, TimeUnit.MILLISECONDS);
            if (timer != null) {
                fire(timer, Duration.ZERO);
            }
        }
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        synchronized (delays) {
            delays.add(Duration.ofNanos(unit.toNanos(delay)));
        }
        Timer timer = new Timer(task, now + unit.toNanos(delay));
        timers.add(timer);
        return timer;
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    private void fire(Timer timer, Duration late) {
        now = Math.max(now, timer.due + late.toNanos());
        timer.run();
    }

    /** Waits until the condition holds, 10 s at most. */
    static boolean await(BooleanSupplier condition) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        for (int i = 0; i < 2_000; i++) {
            if (condition.getAsBoolean() || never.await(5, TimeUnit.MILLISECONDS)) {
                return true;
            }
        }
        return false;
    }

    private final class Timer extends FutureTask<@Nullable Void> implements RunnableScheduledFuture<@Nullable Void> {
        private final long due;

        Timer(Runnable task, long due) {
            super(task, null);
            this.due = due;
        }

        @Override
        public boolean cancel(boolean interrupt) {
            timers.remove(this);
            return super.cancel(interrupt);
        }

        @Override
        public boolean isPeriodic() {
            return false;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(due - now, TimeUnit.NANOSECONDS);
        }

        @Override
        @SuppressWarnings("ComparableType")
        public int compareTo(Delayed other) {
            return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
        }
    }
}
