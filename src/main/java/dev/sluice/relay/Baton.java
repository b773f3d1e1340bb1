package dev.sluice.relay;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets one thread at a time do work that any thread may ask for. There is no lock, and no thread waits.
 *
 * <pre>
 *              take: true                pass: true
 *     FREE ─────────────────▶ HELD ◀───────────────────┐
 *      ▲                      │  │                      │
 *      └──────────────────────┘  └──────────────────▶ WANTED ⟲ take: false
 *            pass: false              take: false
 * </pre>
 *
 * The thread that takes the baton does the work until {@link #pass} says that no thread has asked meanwhile. So no request
 * is lost: one that comes before {@code pass} makes the holder look again, one that comes after it takes the baton.
 */
public final class Baton {
    private static final int FREE = 0;
    private static final int HELD = 1;
    private static final int WANTED = 2;

    private final AtomicInteger state = new AtomicInteger(FREE);

    /**
     * Asks for the work to be done. Any thread.
     *
     * @return true if the caller now holds the baton and must do the work; false if the holder will do it
     */
    public boolean take() {
        return state.getAndUpdate(s -> s == FREE ? HELD : WANTED) == FREE;
    }

    /**
     * Says that the holder has seen everything there was to see when it took the baton, or last passed it. Only the
     * holder.
     *
     * @return true if there is more: the caller still holds the baton, and must look again
     */
    public boolean pass() {
        return state.getAndUpdate(s -> s == WANTED ? HELD : FREE) == WANTED;
    }
}
