package dev.sluice.dialect.anthropic;

import dev.sluice.sse.SseDecoder;

/** Recognizes the end of a message whose blank line is missing. Stateless. */
final class MessageEnd {
    private MessageEnd() {}

    /** Whether the event is {@code message_stop}, and its JSON is not cut off. */
    static boolean isIn(SseDecoder event) {
        int at = event.dataOffset() + event.dataLength() - 1;
        while (at >= event.dataOffset() && event.data()[at] == ' ') {
            at--;
        }
        return at >= event.dataOffset() && event.data()[at] == '}' && EventType.of(event) == EventType.MESSAGE_STOP;
    }
}
