package dev.sluice.upstream;

import java.nio.ByteBuffer;

/**
 * Parses the header and the trailer of a gzip member (RFC 1952, section 2.3), which may arrive in any pieces. Used by one
 * thread at a time.
 */
final class GzipFrame {
    private static final int LONGEST_HEADER = 1024;
    private static final int TRAILER = 8;

    // Flags of the header.
    private static final int CHECKSUM = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;

    private final byte[] bytes = new byte[LONGEST_HEADER]; // of the current header or trailer
    private int length;

    /** Whether no byte of the current header or trailer has been read. */
    boolean isAtStart() {
        return length == 0;
    }

    /**
     * Reads the header, or the next part of it.
     *
     * @return whether it is complete; the input's position is behind the bytes that were read
     */
    boolean readHeader(ByteBuffer input) throws Inflated.Malformed {
        while (input.hasRemaining()) {
            if (length == bytes.length) {
                throw new Inflated.Malformed("a header without end", null);
            }
            bytes[length++] = input.get();
            if (isWholeHeader()) {
                length = 0;
                return true;
            }
        }
        return false;
    }

    /**
     * Reads the trailer, or the next part of it.
     *
     * @param checksum the CRC-32 of the member's content
     * @return whether it is complete; the input's position is behind the bytes that were read
     */
    boolean readTrailer(ByteBuffer input, long checksum) throws Inflated.Malformed {
        while (input.hasRemaining()) {
            bytes[length++] = input.get();
            if (length == TRAILER) {
                length = 0;
                long expected = at(0) | at(1) << 8 | at(2) << 16 | (long) at(3) << 24;
                if (expected != checksum) {
                    throw new Inflated.Malformed("a wrong checksum", null);
                }
                return true;
            }
        }
        return false;
    }

    private boolean isWholeHeader() throws Inflated.Malformed {
        boolean gzip = at(0) == 0x1f && (length < 2 || at(1) == 0x8b) && (length < 3 || at(2) == 8);
        if (!gzip) {
            throw new Inflated.Malformed("no gzip", null);
        }
        if (length < 10) {
            return false;
        }
        int flags = at(3);
        int end = 10;
        if ((flags & EXTRA) != 0) {
            if (length < 12) {
                return false;
            }
            end = 12 + at(10) + (at(11) << 8);
        }
        if ((flags & NAME) != 0) {
            end = behindZero(end);
        }
        if ((flags & COMMENT) != 0) {
            end = behindZero(end);
        }
        if ((flags & CHECKSUM) != 0) {
            end += 2;
        }
        return length >= end;
    }

    /** The index behind the next zero byte; beyond the longest header if there is none yet. */
    private int behindZero(int from) {
        for (int i = from; i < length; i++) {
            if (bytes[i] == 0) {
                return i + 1;
            }
        }
        return LONGEST_HEADER + 1;
    }

    private int at(int index) {
        return bytes[index] & 0xff;
    }
}
