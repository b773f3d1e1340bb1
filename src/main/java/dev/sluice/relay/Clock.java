package dev.sluice.relay;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The time, and a way to be called later. All methods may be called by any thread. */
public interface Clock {
    /** A point in time in nanoseconds, as {@link System#nanoTime}: only differences mean something. */
    long nanoTime();

    /** Calls {@code task} once, {@code nanos} from now or later. */
    Alarm schedule(Runnable task, long nanos);

    /** A call to come. */
    @FunctionalInterface
    interface Alarm {
        /** Takes the call back if it has not been made; harmless otherwise. */
        void cancel();
    }

    /** The clock of {@code executor}, which should forget what was cancelled. */
    static Clock of(ScheduledExecutorService executor) {
        return new Clock() {
            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public Alarm schedule(Runnable task, long nanos) {
                var future = executor.schedule(task, nanos, TimeUnit.NANOSECONDS);
                return () -> future.cancel(false);
            }
        };
    }
}
