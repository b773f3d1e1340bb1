package dev.sluice.bench;

import java.io.IOException;

/** A peer cannot be measured because its program is not on this machine. */
final class PeerAbsent extends IOException {
    private static final long serialVersionUID = 1;

    /** @param why what is missing, and how to get it */
    PeerAbsent(String why) {
        super(why);
    }
}
