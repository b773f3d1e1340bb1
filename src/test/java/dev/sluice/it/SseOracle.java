package dev.sluice.it;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * A parser of event streams that follows WHATWG HTML, section 9.2.6 line by line. It is independent of the production code,
 * and is written for clarity instead of speed. The bytes may arrive in any pieces. Confined to one thread at a time.
 */
final class SseOracle {
    private final Consumer<SseEvent> events;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final StringBuilder data = new StringBuilder();
    private String event = "";
    private boolean afterCarriageReturn;
    private int comments;
    private int allComments;
    private int ids;

    SseOracle(Consumer<SseEvent> events) {
        this.events = events;
    }

    void feed(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            feed(bytes[i]);
        }
    }

    /** The number of comments so far. */
    int comments() {
        return allComments;
    }

    /** The number of {@code id} lines so far; there should be none. */
    int ids() {
        return ids;
    }

    /** Whether there are bytes of an incomplete line or event. */
    boolean isInsideEvent() {
        return line.size() > 0 || data.length() > 0 || !event.isEmpty();
    }

    private void feed(byte b) {
        if (b == '\n' && afterCarriageReturn) {
            afterCarriageReturn = false;
            return;
        }
        afterCarriageReturn = b == '\r';
        if (b == '\n' || b == '\r') {
            endOfLine(line.toString(StandardCharsets.UTF_8));
            line.reset();
        } else {
            line.write(b);
        }
    }

    private void endOfLine(String text) {
        if (text.isEmpty()) {
            dispatch();
            return;
        }
        int colon = text.indexOf(':');
        String field = colon < 0 ? text : text.substring(0, colon);
        String value = colon < 0 ? "" : text.substring(colon + 1);
        value = value.startsWith(" ") ? value.substring(1) : value;
        switch (field) {
            case "" -> {
                comments++;
                allComments++;
            }
            case "event" -> event = value;
            case "data" -> data.append(value).append('\n');
            case "id" -> ids++;
            default -> {
                // The standard says that other fields are ignored.
            }
        }
    }

    private void dispatch() {
        if (data.length() > 0) {
            data.setLength(data.length() - 1);
            events.accept(new SseEvent(event.isEmpty() ? "message" : event, data.toString(), comments));
            comments = 0;
        }
        data.setLength(0);
        event = "";
    }
}
