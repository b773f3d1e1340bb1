package dev.sluice.simulator;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the simulator is doing, for tests to see. Any thread may count and read.
 *
 * @param open answers begun and not ended
 * @param sent bytes of answers that the way to the client has taken
 */
record Traffic(AtomicInteger open, LongAdder sent) {
    Traffic() {
        this(new AtomicInteger(), new LongAdder());
    }
}
