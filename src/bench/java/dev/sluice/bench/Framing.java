package dev.sluice.bench;

import java.io.IOException;

/** How HTTP tells where a body ends. Confined to one thread. */
interface Framing {
    /** Hands the body's bytes among these to the check. */
    void feed(byte[] bytes, int from, int to, Check check) throws IOException;

    /** Whether the whole body has come. */
    boolean isEnded();

    /** Whether the body is whole if the connection ends now. */
    boolean mayClose();

    /** As the head of an answer says, in lower case. */
    static Framing of(String head) {
        if (head.contains("\r\ntransfer-encoding: chunked")) {
            return new Chunks();
        }
        int length = head.indexOf("\r\ncontent-length:");
        if (length < 0) {
            return new Plain(Long.MAX_VALUE);
        }
        int value = length + "\r\ncontent-length:".length();
        int end = head.indexOf("\r\n", value);
        return new Plain(Long.parseLong(
                head.substring(value, end < 0 ? head.length() : end).strip()));
    }

    /** A body of a length that was told, or one until the connection ends. */
    final class Plain implements Framing {
        private final boolean untilClosed;
        private long left;

        Plain(long length) {
            untilClosed = length == Long.MAX_VALUE;
            left = length;
        }

        @Override
        public void feed(byte[] bytes, int from, int to, Check check) throws IOException {
            if (to - from > left) {
                throw new IOException("Bytes after the end of the body");
            }
            if (!untilClosed) {
                left -= to - from;
            }
            check.take(bytes, from, to);
        }

        @Override
        public boolean isEnded() {
            return left == 0;
        }

        @Override
        public boolean mayClose() {
            return untilClosed;
        }
    }
}
