package dev.sluice.it;

/**
 * One event as a reader of the standard sees it.
 *
 * @param event its type; {@code message} where the stream named none
 * @param data its data lines, joined by line feeds
 * @param comments how many comments stood before it since the event before
 */
record SseEvent(String event, String data, int comments) {
    boolean isToken() {
        return event.equals("message");
    }
}
