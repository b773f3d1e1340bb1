package dev.sluice.servlet;

import dev.sluice.relay.Caller;
import dev.sluice.relay.StreamSummary;
import org.jspecify.annotations.Nullable;

/** Hears what became of every stream, once each. For any thread; must not block. */
@FunctionalInterface
public interface Ledger {
    void enter(Entry entry);

    /**
     * One stream that has ended.
     *
     * @param caller who asked for it
     * @param endpoint where it was asked for
     * @param model as the client called it; null if the request was refused before that was known
     * @param streamed whether the answer was to be events
     */
    record Entry(Caller caller, String endpoint, @Nullable String model, boolean streamed, StreamSummary summary) {}
}
