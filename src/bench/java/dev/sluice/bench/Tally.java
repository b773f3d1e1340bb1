package dev.sluice.bench;

import java.util.ArrayList;
import java.util.List;

/** What came of all streams. Confined to one thread. */
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

    /** A stream came whole. */
    void whole(int count) {
        streams++;
        tokens += count;
    }

    /**
     * A stream came otherwise than expected.
     *
     * @param seen tokens that came, each counted once
     * @param missing tokens that did not
     * @param again tokens that came once more
     * @param early tokens that came before one that belongs in front of them, or after the end
     * @param alien events that do not belong into this stream, or not with this text
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

    /** How many streams have ended. */
    int streams() {
        return streams;
    }

    /** Streams that lacked anything, had anything too much, or did not end properly. */
    int brokenStreams() {
        return brokenStreams;
    }

    /** Tokens that came, each counted once. */
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

    /** The first few faults, in words. */
    List<String> faults() {
        return List.copyOf(faults);
    }
}
