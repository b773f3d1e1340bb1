package dev.sluice.relay;

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
}
