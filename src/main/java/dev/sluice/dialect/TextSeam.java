package dev.sluice.dialect;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Joins what providers split between two pieces of one text: a CRLF, which is one line break, and a surrogate pair,
 * which is one character. Servers that cut text by UTF-16 units do this. Guarded by the stream's thread.
 */
final class TextSeam {
    private boolean afterCr;
    private char pendingHigh; // 0 if none

    /** Whether the next piece needs no change at its beginning. */
    boolean isClosed() {
        return !afterCr && pendingHigh == 0;
    }

    /**
     * The piece to pass on instead of this one. It lacks a LF that completes the CR of the piece before. It also lacks
     * a high surrogate at its end, which is passed on with the next piece.
     *
     * @return null if the piece needs no change
     */
    char @Nullable [] mend(char[] text, int offset, int length) {
        int from = offset;
        int to = offset + length;
        if (afterCr && text[from] == '\n') {
            from++;
        }
        char high = pendingHigh;
        afterCr = text[to - 1] == '\r';
        pendingHigh = 0;
        if (from < to && Character.isHighSurrogate(text[to - 1])) {
            pendingHigh = text[--to];
        }
        if (high == 0 && from == offset && to == offset + length) {
            return null;
        }
        if (high == 0) {
            return Arrays.copyOfRange(text, from, to);
        }
        char[] joined = new char[1 + to - from];
        joined[0] = high;
        System.arraycopy(text, from, joined, 1, to - from);
        return joined;
    }

    /** The rest at the end of the text: a high surrogate whose other half the provider has not sent; else nothing. */
    char[] rest() {
        char high = pendingHigh;
        pendingHigh = 0;
        return high == 0 ? new char[0] : new char[] {high};
    }
}
