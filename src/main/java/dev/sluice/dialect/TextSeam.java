package dev.sluice.dialect;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Mends what providers cut in two between pieces of one text: a CRLF, which is one line break, and a surrogate pair,
 * which is one character. Both happen where a server cuts text by UTF-16 units. Guarded by the stream's thread.
 */
final class TextSeam {
    private boolean afterCr;
    private char pendingHigh; // 0 if none

    /** Whether the next piece can pass as it is, whatever it begins with. */
    boolean isClosed() {
        return !afterCr && pendingHigh == 0;
    }

    /**
     * The piece to pass on in the place of this one: without a LF that belongs to a CR passed before, and without half a
     * character at its end, which comes with the next piece.
     *
     * @return null if the piece can pass as it is
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

    /** What is left at the end of the text: half a character, if the provider never sent the other; else nothing. */
    char[] rest() {
        char high = pendingHigh;
        pendingHigh = 0;
        return high == 0 ? new char[0] : new char[] {high};
    }
}
