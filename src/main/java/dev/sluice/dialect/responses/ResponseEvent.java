package dev.sluice.dialect.responses;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import org.jspecify.annotations.Nullable;

/**
 * A parsed event. Immutable.
 *
 * @param type the type in the data, else that of the event; empty if there is none
 * @param failure the failure that it reports; null if it reports none
 * @param complaint what looks like an error, in an event that has no type and does not call itself one; null if it does not
 * @param finishReason why the response ends, in the words of chat completions, if it ends
 * @param itemType the type of the output item that it is about; empty if there is none
 * @param delta its piece of a text; null if it has none
 * @param part the index of the part of the reasoning's summary that it is about
 * @param usage the tokens that it counts; null if it counts none
 */
record ResponseEvent(
        String type,
        @Nullable Failure failure,
        @Nullable Failure complaint,
        String finishReason,
        String itemType,
        @Nullable String delta,
        int part,
        @Nullable Usage usage) {
    /** Whether the response ends with this event and has not failed. */
    boolean isWhole() {
        return failure == null && EventTypes.isWhole(type);
    }
}
