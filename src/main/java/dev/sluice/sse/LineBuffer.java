package dev.sluice.sse;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The bytes of an event stream that are still needed, and the search for the ends of its lines. A line ends with LF, CR or
 * CRLF; the two bytes of a CRLF may be fed apart.
 *
 * <pre>
 *   0        start            line             scanned      end
 *   │ dropped │ earlier lines  │ pending line without a line end │
 *                              │ searched      │ not searched    │
 * </pre>
 *
 * <p>All offsets lie in {@link #bytes}; {@link #feed} and {@link #releaseIfEmpty} change them. Guarded by the thread that
 * runs the stream.
 */
final class LineBuffer {
    private static final byte[] EMPTY = {};
    private static final byte[] BOM = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private byte[] bytes = EMPTY;
    private int start;
    private int line;
    private int scanned;
    private int end;
    private long fed;
    private boolean afterCr; // the line before ended with a CR, and the byte behind it is not known yet
    private boolean crlf; // the line before ended with CRLF, as far as is known
    private boolean nonAscii; // a byte that was searched since clearNonAscii() is not ASCII

    /** Takes all that remains in {@code more}; keeps no reference to it. */
    void feed(ByteBuffer more) {
        int length = more.remaining();
        if (bytes.length - end < length) {
            makeRoom(length);
        }
        more.get(bytes, end, length);
        end += length;
        fed += length;
    }

    /** Nothing before the pending line, or before {@code newStart} if that comes first, is needed any more. */
    void dropUpTo(int newStart) {
        start = newStart;
    }

    /** Gives the array back if no byte in it is needed. */
    void releaseIfEmpty() {
        if (start == end) {
            start = 0;
            line = 0;
            scanned = 0;
            end = 0;
            SpareArrays.give(bytes);
            bytes = EMPTY;
        }
    }

    /** The array that holds the bytes. To be read only. */
    byte[] bytes() {
        return bytes;
    }

    /** Where the bytes begin that were not dropped. */
    int start() {
        return start;
    }

    /** Where the pending line begins. */
    int line() {
        return line;
    }

    /** Where the bytes end that were fed. */
    int end() {
        return end;
    }

    /** How many bytes were fed since the stream began. */
    long fed() {
        return fed;
    }

    /** Whether the line before ended with a CR, and the byte behind it was not fed or not looked at yet. */
    boolean isAfterCr() {
        return afterCr;
    }

    /** Whether the line before ended with CRLF; if only its CR was fed, whether the one before that did. */
    boolean isCrlf() {
        return crlf;
    }

    /** Whether any byte was searched since {@link #clearNonAscii} that is not ASCII. */
    boolean isNonAscii() {
        return nonAscii;
    }

    void clearNonAscii() {
        nonAscii = false;
    }

    /**
     * Skips a byte order mark at the beginning of the stream, if there is one.
     *
     * @return false if so far the bytes may be the beginning of one, or of anything
     */
    boolean skipByteOrderMark() {
        int common = Arrays.mismatch(bytes, 0, Math.min(end, BOM.length), BOM, 0, BOM.length);
        if (common == end && end < BOM.length) {
            return false;
        }
        if (common < 0) {
            line = BOM.length;
            scanned = BOM.length;
        }
        return true;
    }

    /**
     * Skips the LF of a CRLF whose CR ended the line before. It does so only once that byte was fed: an event that a CR
     * ended must not wait for the byte behind it.
     *
     * @return whether it did
     */
    boolean skipLineFeedAfterCr() {
        if (!afterCr || line == end) {
            return false;
        }
        afterCr = false;
        if (bytes[line] != '\n') {
            return false;
        }
        line++;
        scanned = line;
        crlf = true;
        return true;
    }

    /** Searches for the end of the pending line. @return where it is, or {@link #end} if it was not fed yet */
    int findLineEnd() {
        byte[] in = bytes;
        int limit = end;
        int at = scanned;
        long seen = 0; // its highest bits tell whether any byte is not ASCII
        for (; at + 8 <= limit; at += 8) {
            long eight = EightBytes.at(in, at);
            // Bytes up to CR are rare in JSON but for line ends, so this one comparison mostly is enough.
            if (EightBytes.below('\r' + 1, eight) != 0) {
                long marks = EightBytes.equalTo('\n', eight) | EightBytes.equalTo('\r', eight);
                if (marks != 0) {
                    int before = EightBytes.first(marks);
                    seen |= EightBytes.firstOf(before, eight);
                    at += before;
                    break;
                }
            }
            seen |= eight;
        }
        for (; at < limit && in[at] != '\n' && in[at] != '\r'; at++) {
            seen |= in[at]; // a byte that is not ASCII is negative, so it sets the highest bit of the long too
        }
        nonAscii |= EightBytes.nonAscii(seen) != 0;
        scanned = at;
        return at;
    }

    /** Ends the pending line at the line end that was found at {@code at}. A CRLF is taken whole if both bytes were fed. */
    void endLine(int at) {
        boolean cr = bytes[at] == '\r';
        boolean whole = cr && at + 1 < end && bytes[at + 1] == '\n';
        afterCr = cr && at + 1 == end;
        crlf = whole || (afterCr && crlf);
        line = whole ? at + 2 : at + 1;
        scanned = line;
    }

    /** Ends the pending line where the bytes end, without a line end. */
    void endLineUnterminated() {
        afterCr = false;
        line = end;
        scanned = end;
    }

    private void makeRoom(int length) {
        int kept = end - start;
        int needed = kept + length;
        byte[] before = bytes;
        // Bytes that are copied once more find at least twice the room they need, so the copying takes linear time.
        boolean fits = before.length >= needed && start >= kept;
        if (!fits) {
            bytes = SpareArrays.take(Math.max(needed, 2 * kept));
        }
        System.arraycopy(before, start, bytes, 0, kept);
        if (!fits) {
            SpareArrays.give(before);
        }
        line -= start;
        scanned -= start;
        end -= start;
        start = 0;
    }
}
