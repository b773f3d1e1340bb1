package dev.sluice.bench;

import java.util.Locale;

/**
 * One column of a table.
 *
 * @param name its name with the unit
 * @param comparison how it is compared with other rows
 * @param at its place on the axis of a plot; 0 if it is on none
 */
record Figure(String name, Comparison comparison, int at) {
    enum Comparison {
        NONE,
        /** As a ratio to that of nginx. */
        RATIO,
        /** As the difference to that without a gateway. */
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

    /** A figure of a plot over the number of streams. */
    static Figure point(int streams) {
        return new Figure(String.format(Locale.ROOT, "%,d streams", streams), Comparison.NONE, streams);
    }
}
