package dev.sluice.relay;

import dev.sluice.chat.Failure;
import org.jspecify.annotations.Nullable;

/**
 * What other threads have asked of one stream. Set by any thread, which wakes the stream's loop then; read by the loop.
 * Nothing but {@code requestComes} is ever unset.
 */
final class Signals {
    /** The request is whole. Whether it may be passed on is still to be decided. */
    volatile boolean received;

    /** The request may be passed on: it is to be answered so. */
    volatile @Nullable Exchange passedOn;

    /** Why there is to be no answer, or no more of it. */
    volatile @Nullable Failure refusal;

    /** Why there will be no answer once the request is whole. */
    volatile @Nullable Failure refusalToCome;

    /** More of the request comes, though it is refused. */
    volatile boolean requestComes;

    /** The stream is to end as soon as it has to wait for its client. */
    volatile boolean letGo;
}
