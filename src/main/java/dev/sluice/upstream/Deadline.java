package dev.sluice.upstream;

import dev.sluice.relay.Clock;
import org.jspecify.annotations.Nullable;

/**
 * Runs a task unless something happens in time. It may happen, in another thread, before the deadline is set or while it
 * is being set: no alarm is left behind then. For any thread; {@link #set} is called at most once.
 */
final class Deadline {
    private volatile boolean met;
    private volatile Clock.@Nullable Alarm alarm;

    void set(Clock clock, Runnable onMissed, long nanos) {
        if (met) {
            return;
        }
        Clock.Alarm set = clock.schedule(
                () -> {
                    if (!met) {
                        onMissed.run();
                    }
                },
                nanos);
        alarm = set;
        if (met) {
            set.cancel(); // meet() may have looked before the alarm was here
        }
    }

    /** What was waited for has happened. Any number of times. */
    void meet() {
        met = true;
        Clock.Alarm set = alarm;
        if (set != null) {
            set.cancel();
        }
    }
}
