package dev.sluice.bench;

import java.io.IOException;

/**
 * Decodes a chunked HTTP body (RFC 9112, section 7.1) that arrives in any pieces. It allocates nothing, because a stream may
 * have a chunk for each token. Confined to one thread.
 */
final class Chunks implements Framing {
    private enum State {
        SIZE,
        EXTENSION,
        DATA,
        AFTER_DATA,
        /** At the start of a line behind the last chunk; an empty line ends the body. */
        TRAILER_START,
        TRAILER,
        ENDED
    }

    private static final long MAX_CHUNK = 1L << 40;

    private State state = State.SIZE;
    private long left;
    private int digits;

    @Override
    public boolean isEnded() {
        return state == State.ENDED;
    }

    @Override
    public boolean mayClose() {
        return false;
    }

    @Override
    public void feed(byte[] bytes, int from, int to, Check check) throws IOException {
        int at = from;
        while (at < to) {
            if (state == State.DATA) {
                int end = at + (int) Math.min(left, to - at);
                check.take(bytes, at, end);
                left -= end - at;
                at = end;
                if (left == 0) {
                    state = State.AFTER_DATA;
                }
            } else {
                framing(bytes[at++]);
            }
        }
    }

    private void framing(byte b) throws IOException {
        if (b == '\r') {
            return;
        }
        switch (state) {
            case SIZE -> size(b);
            case EXTENSION -> {
                if (b == '\n') {
                    endOfSize();
                }
            }
            case AFTER_DATA -> {
                if (b != '\n') {
                    throw new IOException("A chunk is longer than its size said");
                }
                state = State.SIZE;
            }
            case TRAILER_START -> state = b == '\n' ? State.ENDED : State.TRAILER;
            case TRAILER -> {
                if (b == '\n') {
                    state = State.TRAILER_START;
                }
            }
            case DATA, ENDED -> throw new IOException("Bytes after the end of the body");
        }
    }

    private void size(byte b) throws IOException {
        int digit = Character.digit(b, 16);
        if (digit >= 0) {
            left = left * 16 + digit;
            digits++;
        } else if (digits > 0 && (b == ';' || b == ' ' || b == '\t')) {
            state = State.EXTENSION;
        } else if (digits > 0 && b == '\n') {
            endOfSize();
        } else {
            throw new IOException("Not the size of a chunk: byte " + b);
        }
        if (left > MAX_CHUNK) {
            throw new IOException("Too long a chunk: " + left);
        }
    }

    private void endOfSize() {
        state = left == 0 ? State.TRAILER_START : State.DATA;
        digits = 0;
    }
}
