package dev.sluice.bench;

import org.jspecify.annotations.Nullable;

/** Hears one stream, and says in the end what was wrong with it. Confined to one thread. */
interface Check {
    /** The next bytes of the body, HTTP's framing taken off. */
    void take(byte[] bytes, int from, int to);

    /** How many tokens have come whole, up to the first fault. */
    long tokens();

    /**
     * Nothing more will come.
     *
     * @param trouble why the stream ended otherwise than HTTP promised, or null
     */
    void end(@Nullable String trouble, Tally tally);
}
