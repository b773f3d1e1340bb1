package dev.sluice.relay;

import java.util.Locale;

/** How a stream ended. */
public enum Outcome {
    /** The client has the whole answer. */
    WHOLE,
    /** The client has all that the provider sent, its end mark included, but the answer is not whole. */
    UNFINISHED,
    /** The client has the status of a failure, and nothing of an answer. */
    REFUSED,
    /** The client has a part of the answer, and was told that it broke off. */
    BROKEN_OFF,
    /** The client left before the end. */
    CLIENT_GONE,
    /** The client took nothing for too long, so its stream was ended. */
    CLIENT_STALLED;

    /** The name in metrics and logs. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
