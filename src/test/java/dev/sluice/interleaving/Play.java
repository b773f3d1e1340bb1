package dev.sluice.interleaving;

import java.util.Map;

/** Several threads that use one object. A new play is made for each order. */
public interface Play {
    /** The tasks of the threads by their names, in the order in which they run if none is preempted. */
    Map<String, Runnable> threads();

    /** Asserts the final state, when no thread can continue. */
    void check();
}
