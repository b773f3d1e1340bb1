package dev.sluice.relay;

/** The time, and a way to be called later. All methods may be called by any thread. */
public interface Clock {
    /** A point in time in nanoseconds. As with {@link System#nanoTime}, only differences have a meaning. */
    long nanoTime();

    /** Calls {@code task} once, {@code nanos} from now or later. */
    Alarm schedule(Runnable task, long nanos);

    /** A scheduled call. */
    @FunctionalInterface
    interface Alarm {
        /** Cancels the call if it has not been made; does nothing otherwise. */
        void cancel();
    }
}
