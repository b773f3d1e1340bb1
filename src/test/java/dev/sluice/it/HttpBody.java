package dev.sluice.it;

import java.util.Locale;

/**
 * Decodes the framing of the body of an HTTP/1.1 response byte by byte, so that it can pause after any byte.
 * Confined to one thread at a time.
 */
final class HttpBody {
    /** Gets the bytes of the body, without the framing. */
    interface Sink {
        void take(byte[] bytes, int offset, int length);
    }

    private enum State {
        SIZE,
        DATA,
        AFTER_DATA,
        TRAILER,
        LENGTH,
        UNTIL_CLOSE,
        ENDED
    }

    private final Sink sink;
    private final StringBuilder line = new StringBuilder();
    private State state;
    private long left;

    HttpBody(HttpHead head, Sink sink) {
        this.sink = sink;
        if (head.isChunked()) {
            state = State.SIZE;
        } else {
            left = head.first("Content-Length").map(Long::parseLong).orElse(-1L);
            state = left < 0 ? State.UNTIL_CLOSE : left == 0 ? State.ENDED : State.LENGTH;
        }
    }

    /** Whether the last chunk, or the last byte by Content-Length, has been read. */
    boolean isEnded() {
        return state == State.ENDED;
    }

    /** Whether the body is complete if the connection is closed now. */
    boolean mayEndHere() {
        return state == State.ENDED || state == State.UNTIL_CLOSE;
    }

    void feed(byte[] bytes, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end) {
            switch (state) {
                case DATA, LENGTH -> {
                    int taken = (int) Math.min(left, end - at);
                    sink.take(bytes, at, taken);
                    at += taken;
                    left -= taken;
                    if (left == 0) {
                        state = state == State.DATA ? State.AFTER_DATA : State.ENDED;
                    }
                }
                case UNTIL_CLOSE -> {
                    sink.take(bytes, at, end - at);
                    at = end;
                }
                case SIZE, AFTER_DATA, TRAILER -> {
                    byte b = bytes[at++];
                    if (b == '\n') {
                        endOfLine(line.toString().strip());
                        line.setLength(0);
                    } else {
                        line.append((char) (b & 0xff));
                    }
                }
                case ENDED -> throw new AssertionError("Bytes after the end of the body: " + (end - at));
            }
        }
    }

    private void endOfLine(String text) {
        if (state == State.SIZE) {
            String size = text.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
            if (!size.matches("[0-9a-f]{1,15}")) {
                throw new AssertionError("Not the size of a chunk: " + text);
            }
            left = Long.parseLong(size, 16);
            state = left == 0 ? State.TRAILER : State.DATA;
        } else if (state == State.AFTER_DATA) {
            if (!text.isEmpty()) {
                throw new AssertionError("A chunk is longer than its size said: " + text);
            }
            state = State.SIZE;
        } else if (text.isEmpty()) {
            state = State.ENDED;
        }
    }
}
