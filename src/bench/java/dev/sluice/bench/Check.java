package dev.sluice.bench;

import org.jspecify.annotations.Nullable;

/** Checks one stream while it arrives, and reports its faults at the end. Confined to one thread. */
interface Check {
    /** The next bytes of the body, without HTTP's framing. */
    void take(byte[] bytes, int from, int to);

    /** The number of complete tokens before the first fault. */
    long tokens();

    /**
     * The stream has ended.
     *
     * @param trouble why it has ended before the end of the HTTP body; null if it has not
     */
    void end(@Nullable String trouble, Tally tally);
}
