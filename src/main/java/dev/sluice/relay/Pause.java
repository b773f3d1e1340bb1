package dev.sluice.relay;

/** What a stream held back while it waited for its client to take what it had been sent before. */
public enum Pause {
    /** A piece of the answer: the provider is slowed to the client's pace. */
    ANSWER,
    /** A heartbeat: the client takes nothing, and there was nothing else for it. */
    HEARTBEAT,
    /** The last words. */
    ENDING
}
