package dev.sluice.bench;

import java.util.Locale;

/**
 * One column of a table.
 *
 * @param name with its unit
 * @param comparison what else is told about it
 * @param at its place on the plot's axis; 0 if it is on none
 */
record Figure(String name, Comparison comparison, int at) {
    enum Comparison {
        NONE,
        /** To nginx's, as a ratio. */
        RATIO,
        /** Less what it is without any gateway. */
        ADDED
    }

    static Figure of(String name) {
        return new Figure(name, Comparison.NONE, 0);
    }

    static Figure compared(String name) {
        return new Figure(name, Comparison.RATIO, 0);
    }

    static Figure added(String name) {
        return new Figure(name, Comparison.ADDED, 0);
    }

    /** Of a plot, over the number of streams. */
    static Figure point(int streams) {
        return new Figure(String.format(Locale.ROOT, "%,d streams", streams), Comparison.NONE, streams);
    }
}
