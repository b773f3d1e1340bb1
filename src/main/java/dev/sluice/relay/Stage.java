package dev.sluice.relay;

/**
 * How far a stream has come. A stream goes from one stage to a later one; only {@link StreamSteps} changes it.
 *
 * <pre>
 *       ┌───────────────pass on───────────────┐
 *       │                                     ▼
 *   RECEIVING ──received──▶ ADMITTING ──▶ CONNECTING ──request sent──▶ WAITING ──first token──▶ STREAMING
 *       │                       │             │                           │                        │
 *       └───────────────────────┴─────────┬───┴───────────────────────────┴────────────────────────┘
 *                                         │  the answer is whole, failed, timed out, or was refused
 *                                         ▼
 *                   ┌──────────────── CLOSING ◀────────────────┐
 *                   │ last words encoded                       │  an exception of ours, while
 *                   ▼                                          │  nothing was written: once
 *               FLUSHING ──────────────────────────────────────┘
 *                   │        │ broken off, or refused while the request still comes
 *                   │        ▼
 *                   │    LINGERING
 *                   ▼        ▼
 *                   └─▶ ENDED ◀── from every stage: the client has left or is stalled
 * </pre>
 */
enum Stage {
    /** The request is still on its way, so no upstream was asked yet. */
    RECEIVING,
    /** The request is whole, and whether it may be passed on is being decided. A decision at once skips this stage. */
    ADMITTING,
    /** The upstream was asked, but the request has not left: no connection took it yet. */
    CONNECTING,
    /** The request has left, and no token has come. */
    WAITING,
    /** The first token has come. */
    STREAMING,
    /** Nothing more comes from the upstream. The last words for the client are still to be encoded. */
    CLOSING,
    /** The last words are encoded. They are still to be written and flushed. */
    FLUSHING,
    /** Everything is flushed. The client has time to read it, or to send the rest of its request. */
    LINGERING,
    /** The stream has ended: nothing is read, written or waited for any more. */
    ENDED;

    boolean isBefore(Stage other) {
        return compareTo(other) < 0;
    }
}
