package dev.sluice.bench;

import java.util.concurrent.locks.LockSupport;

/** Waits in full, which a parked thread need not. */
final class Pause {
    private Pause() {}

    static void nanos(long nanos) {
        long end = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
