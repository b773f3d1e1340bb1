package dev.sluice.interleaving;

import java.util.Map;

/** Some threads that meet in one object. Made anew for each order that is tried. */
public interface Play {
    /** What the threads do, by their names, in the order of their first turns if nothing preempts them. */
    Map<String, Runnable> threads();

    /** Looks whether all is as it must be, once no thread can go on. */
    void check();
}
