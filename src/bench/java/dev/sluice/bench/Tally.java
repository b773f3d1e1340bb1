package dev.sluice.bench;

import java.util.ArrayList;
import java.util.List;

/** Counts the complete and the faulty streams. Confined to one thread. */
final class Tally {
    private static final int TOLD = 10;

    private final List<String> faults = new ArrayList<>();
    private int streams;
    private int brokenStreams;
    private long tokens;
    private long lost;
    private long doubled;
    private long disordered;
    private long foreign;

    /** Counts a complete stream. */
    void whole(int count) {
        streams++;
        tokens += count;
    }

    /**
     * Counts a faulty stream.
     *
     * @param seen the tokens that arrived, each counted once
     * @param missing the tokens that did not arrive
     * @param again the tokens that arrived more than once
     * @param early the tokens that arrived in the wrong order, or after the end
     * @param alien the events that are not part of this stream, or have another text
     */
    void faulty(int stream, String why, int seen, int missing, int again, int early, int alien) {
        streams++;
        brokenStreams++;
        tokens += seen;
        lost += missing;
        doubled += again;
        disordered += early;
        foreign += alien;
        if (faults.size() < TOLD) {
            faults.add("stream " + stream + ": " + why + "; " + seen + " tokens seen, " + missing + " lost, " + again
                    + " doubled, " + early + " out of order, " + alien + " foreign events");
        }
    }

    /** The number of streams that have ended. */
    int streams() {
        return streams;
    }

    /** The number of faulty streams. */
    int brokenStreams() {
        return brokenStreams;
    }

    /** The number of tokens that arrived, each counted once. */
    long tokens() {
        return tokens;
    }

    long lost() {
        return lost;
    }

    long doubled() {
        return doubled;
    }

    long disordered() {
        return disordered;
    }

    long foreign() {
        return foreign;
    }

    /** The first few faults, as text. */
    List<String> faults() {
        return List.copyOf(faults);
    }
}
