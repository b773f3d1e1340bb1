package dev.sluice.it;

/**
 * One event, parsed as the standard says (WHATWG HTML, section 9.2.6).
 *
 * @param event its type; {@code message} by default
 * @param data its data lines, joined by line feeds
 * @param comments the number of comments between the previous event and this one
 */
record SseEvent(String event, String data, int comments) {
    boolean isToken() {
        return event.equals("message");
    }
}
