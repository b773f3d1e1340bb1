package dev.sluice.bench;

import java.util.concurrent.locks.LockSupport;

/** Waits for the full time; a parked thread may return early. */
final class Pause {
    private Pause() {}

    static void nanos(long nanos) {
        long end = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
