package dev.sluice.it;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A stream that has been read to its end.
 *
 * @param events all events, in order
 * @param end how the response ended
 */
record Answer(List<SseEvent> events, End end) {
    enum End {
        /** The end that the framing has announced: with the last chunk. */
        CLEAN,
        /** The connection closed, or was reset, in the middle of the response. */
        BROKEN
    }

    /** The tokens, joined. */
    String text() {
        return events.stream().filter(SseEvent::isToken).map(SseEvent::data).collect(Collectors.joining());
    }

    List<String> tokens() {
        return events.stream().filter(SseEvent::isToken).map(SseEvent::data).toList();
    }

    /** The types of all events but tokens, in order. */
    List<String> lastWords() {
        return events.stream()
                .filter(event -> !event.isToken())
                .map(SseEvent::event)
                .toList();
    }

    /** The last event; its absence is a failure of the test. */
    SseEvent last() {
        if (events.isEmpty()) {
            throw new AssertionError("The response ended " + end + " without a single event");
        }
        return events.get(events.size() - 1);
    }
}
