package dev.sluice.bench;

import java.io.IOException;

/** The framing of an HTTP body (RFC 9112, section 6.3). Confined to one thread. */
interface Framing {
    /** Passes those of these bytes that belong to the body to the check. */
    void feed(byte[] bytes, int from, int to, Check check) throws IOException;

    /** Whether the body is complete. */
    boolean isEnded();

    /** Whether the body is complete if the connection is closed now. */
    boolean mayClose();

    /** The framing that a head names; the head is in lower case. */
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

    /** A body with a {@code Content-Length}, or one that ends with the connection. */
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
