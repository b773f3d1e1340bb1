package dev.sluice.relay;

import java.util.Locale;

/** How a stream ended. */
public enum Outcome {
    /** The client has the whole answer. */
    WHOLE,
    /** The client has all that the provider said, to its last word, but the answer is not whole. */
    UNFINISHED,
    /** The client has a failure's status, and nothing of an answer. */
    REFUSED,
    /** The client has a part of the answer, and was told that it broke off. */
    BROKEN_OFF,
    /** The client left before the end. */
    CLIENT_GONE,
    /** The client took nothing for too long, and was let go. */
    CLIENT_STALLED;

    /** The name as metrics and logs spell it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
