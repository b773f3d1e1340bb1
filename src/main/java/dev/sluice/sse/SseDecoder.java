package dev.sluice.sse;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of bytes into Server-Sent Events, by the WHATWG HTML Standard, section 9.2.6. Feed bytes in any pieces,
 * then take events until there is none: the pieces make no difference to the events.
 *
 * <p>It is a cursor, not a source of objects: after {@link #next()} said {@link Next#EVENT}, the accessors show that
 * event until the next call of a method that changes anything; and, for those who pass events on as they came, its very
 * bytes, and those of the lines around it. Time is linear in the bytes fed. Memory is bounded by the
 * longest event allowed and the largest piece fed, and given back once everything fed has been taken. A longer event is
 * the end of it all, or is shown in pieces, as its reader wishes.
 *
 * <p>The {@code retry} field is ignored: nobody here reconnects by it. Not safe for use by several threads at once.
 */
public final class SseDecoder {
    /** What {@link #next()} found. */
    public enum Next {
        /** A whole event: the accessors show it. */
        EVENT,
        /** Lines that belong to no event, such as comments: only {@link #asideLength} shows them. */
        ASIDE,
        /** A piece of an event longer than allowed: only {@link #asideLength} and {@link #eventLength} show it. */
        PIECE,
        /** Nothing whole: feed more. */
        NONE,
        /** An event longer than allowed; the decoder stays there. */
        TOO_LONG
    }

    private static final byte[] EMPTY = {};
    private static final byte[] BOM = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final byte[] DATA = ascii("data");
    private static final byte[] EVENT = ascii("event");
    private static final byte[] ID = ascii("id");
    private static final byte[] RETRY = ascii("retry");

    /** Bytes of stray lines that are kept: more than any error says. */
    private static final int MOST_STRAY = 4096;

    /** How nearly every line begins, as {@link EightBytes} shows it. */
    private static final long DATA_BLANK = EightBytes.at(ascii("data: \0\0"), 0);

    private static final int DATA_BLANK_LENGTH = 6;

    // All guarded by whoever runs the stream: one thread at a time.
    private final int maxEventBytes;
    private final boolean inPieces;
    private byte[] buffer = EMPTY;
    private int aside; // where what was not shown yet begins: lines of no event, up to `block`
    private int block; // where the pending event begins
    private int line; // where the pending line begins
    private int scan; // what lies between `line` and here holds no line end
    private int end; // of what was fed
    private long fed;
    private boolean beginning = true; // a byte order mark may stand here
    private boolean afterCr; // a LF here belongs to the CR before
    private boolean crlf; // how the line before ended
    private boolean nonAscii; // something since `block` is not ASCII
    private boolean tooLong;
    private boolean passing; // an event that is shown in pieces
    private boolean lineBegun; // while it passes: some of the pending line was shown
    private String stray = "";

    // The pending event's fields; once it is whole, what the accessors show.
    private int dataLines;
    private byte[] data = EMPTY;
    private int dataOffset;
    private int dataLength;
    private byte[] joined = EMPTY; // several data lines put together
    private @Nullable String type;
    private String lastEventId = "";
    private Next showing = Next.NONE; // what the accessors show, already taken

    /** @param maxEventBytes the longest event allowed, in bytes on the wire, its own line ends counted but the last */
    public SseDecoder(int maxEventBytes) {
        this(maxEventBytes, false);
    }

    /**
     * @param maxEventBytes the longest event allowed, in bytes on the wire, its own line ends counted but the last
     * @param inPieces whether a longer one is shown in pieces, instead of ending it all
     */
    public SseDecoder(int maxEventBytes, boolean inPieces) {
        this.maxEventBytes = maxEventBytes;
        this.inPieces = inPieces;
    }

    /** Takes all that remains in {@code bytes}; keeps no reference to it. */
    public void feed(ByteBuffer bytes) {
        int length = bytes.remaining();
        makeRoom(length);
        bytes.get(buffer, end, length);
        end += length;
        fed += length;
    }

    /** Moves to the next event, if a whole one has been fed. */
    public Next next() {
        forgetShown();
        if (tooLong) {
            return Next.TOO_LONG;
        }
        if (passing) {
            return nextPiece();
        }
        if (!skipByteOrderMark()) {
            return Next.NONE;
        }
        while (true) {
            skipLineFeedAfterCr();
            int lineEnd = findLineEnd();
            if (lineEnd - block > maxEventBytes) {
                if (inPieces) {
                    passing = true;
                    return nextPiece();
                }
                tooLong = true;
                return Next.TOO_LONG;
            }
            if (lineEnd == end) {
                if (block > aside) {
                    showing = Next.ASIDE;
                    return Next.ASIDE;
                }
                releaseIfEmpty();
                return Next.NONE;
            }
            int lineStart = line;
            endLine(lineEnd);
            if (lineEnd > lineStart) {
                field(lineStart, lineEnd);
                if (dataLines == 0 && type == null) {
                    block = line; // a comment, or a field that says nothing: pings must not add up to an event
                }
            } else if (endBlock()) {
                return Next.EVENT;
            }
        }
    }

    /**
     * The stream is over: shows what stands there unterminated, as if a blank line followed. The standard discards it,
     * and so should the caller, but for a last word it knows to be whole.
     *
     * @return whether there is such an event
     */
    public boolean finish() {
        forgetShown();
        if (tooLong || passing || (end == line && dataLines == 0)) {
            return false;
        }
        if (end > line) {
            field(line, end);
            line = end;
            scan = end;
        }
        return endBlock();
    }

    /** The array that holds what was fed, as it came; the offsets below lie in it. To be read only. */
    public byte[] wire() {
        return buffer;
    }

    /** Where in {@link #wire} the lines of no event begin that came before the event, or instead of one. */
    public int asideOffset() {
        return aside;
    }

    /** How many bytes they have: comments, blank lines, a byte order mark, fields without a meaning of their own. */
    public int asideLength() {
        return block - aside;
    }

    /** Where in {@link #wire} the event begins. */
    public int eventOffset() {
        return block;
    }

    /** How many bytes the event has there, its blank line included as far as it was fed. */
    public int eventLength() {
        return line - block;
    }

    /** Whether the event ends in a CR behind which a LF may be fed that belongs to it. */
    public boolean endsInCr() {
        return afterCr;
    }

    /** Whether the event ends in a CR whose LF is, by the lines before, still on its way. */
    public boolean isLineFeedDue() {
        return afterCr && crlf;
    }

    /** The array that holds the event's data, as valid UTF-8, from {@link #dataOffset} on. To be read only. */
    public byte[] data() {
        return data;
    }

    /** Where the data begins in {@link #data}. */
    public int dataOffset() {
        return dataOffset;
    }

    /** How many bytes the data has. */
    public int dataLength() {
        return dataLength;
    }

    /** Whether the data is exactly {@code text}, which must be ASCII. */
    public boolean dataIs(String text) {
        if (dataLength != text.length()) {
            return false;
        }
        for (int i = 0; i < dataLength; i++) {
            if (data[dataOffset + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** The data as text. */
    public String text() {
        return new String(data, dataOffset, dataLength, StandardCharsets.UTF_8);
    }

    /** The event's type; {@code message} if it names none. */
    public String type() {
        return type == null || type.isEmpty() ? "message" : type;
    }

    /** Whether the event names its type. */
    public boolean isTyped() {
        return type != null;
    }

    /** Whether an event that is shown in pieces has not ended: what is written now would come to stand within it. */
    public boolean isWithinEvent() {
        return passing;
    }

    /**
     * The lines so far whose field the standard does not know, which it ignores: {@code error: …}, or text that nobody
     * framed. No more of them than is worth reading; empty if there were none.
     */
    public String stray() {
        return stray;
    }

    /** The last {@code id} seen in the stream, empty if none. */
    public String lastEventId() {
        return lastEventId;
    }

    /** How many bytes were fed, from the beginning. */
    public long fedBytes() {
        return fed;
    }

    /** How many bytes wait here for the rest of their event, or to be taken. */
    public int heldBytes() {
        return end - aside + (dataLines > 1 ? joined.length : 0);
    }

    /** What was fed of an event that is too long, from the first line that was not shown, up to its blank line. */
    private Next nextPiece() {
        int at = line;
        while (passing && at < end) {
            if (afterCr && buffer[at] == '\n') {
                afterCr = false;
                crlf = true;
                at++;
                continue;
            }
            line = at;
            scan = Math.max(scan, at);
            int lineEnd = findLineEnd();
            lineBegun |= lineEnd > at;
            if (lineEnd == end) {
                afterCr = false;
                at = end;
            } else {
                passing = lineBegun;
                lineBegun = false;
                endLine(lineEnd);
                at = line;
            }
        }
        line = at;
        scan = at;
        if (line == aside) {
            releaseIfEmpty();
            return Next.NONE;
        }
        showing = Next.PIECE;
        return Next.PIECE;
    }

    private boolean skipByteOrderMark() {
        if (!beginning) {
            return true;
        }
        int common = Arrays.mismatch(buffer, 0, Math.min(end, BOM.length), BOM, 0, BOM.length);
        if (common == end && end < BOM.length) {
            return false; // nothing yet, or the beginning of a mark
        }
        beginning = false;
        if (common < 0) {
            block = BOM.length;
            line = BOM.length;
            scan = BOM.length;
        }
        return true;
    }

    /** Only once it is there: an event that a CR ended must not wait for the byte behind it. */
    private void skipLineFeedAfterCr() {
        if (afterCr && line < end) {
            afterCr = false;
            if (buffer[line] == '\n') {
                if (block == line) {
                    block++;
                }
                line++;
                scan = line;
                crlf = true;
            }
        }
    }

    /** Takes a CRLF whole where it is whole. */
    private void endLine(int at) {
        boolean cr = buffer[at] == '\r';
        boolean whole = cr && at + 1 < end && buffer[at + 1] == '\n';
        afterCr = cr && at + 1 == end;
        crlf = whole || (afterCr && crlf);
        line = whole ? at + 2 : at + 1;
        scan = line;
    }

    /** @return where the pending line's end is, or {@link #end} if it has not come */
    private int findLineEnd() {
        byte[] bytes = buffer;
        int limit = end;
        int at = scan;
        long seen = 0; // its highest bits tell whether any byte is not ASCII
        for (; at + 8 <= limit; at += 8) {
            long eight = EightBytes.at(bytes, at);
            // What is below a line break, or is one, is rare elsewhere.
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
        for (; at < limit && bytes[at] != '\n' && bytes[at] != '\r'; at++) {
            seen |= bytes[at]; // whose sign goes with it
        }
        nonAscii |= EightBytes.nonAscii(seen) != 0;
        scan = at;
        return at;
    }

    private void field(int from, int to) {
        if (to - from >= 8 && EightBytes.firstOf(DATA_BLANK_LENGTH, EightBytes.at(buffer, from)) == DATA_BLANK) {
            addData(from + DATA_BLANK_LENGTH, to); // at a glance, what most lines are
            return;
        }
        int colon = from;
        while (colon < to && buffer[colon] != ':') {
            colon++;
        }
        int value = Math.min(colon + 1, to);
        if (value < to && buffer[value] == ' ') {
            value++;
        }
        if (is(DATA, from, colon)) {
            addData(value, to);
        } else if (is(EVENT, from, colon)) {
            type = text(value, to);
        } else if (is(ID, from, colon) && !hasNul(value, to)) {
            lastEventId = text(value, to);
        } else if (colon > from && stray.length() < MOST_STRAY && !is(RETRY, from, colon) && !is(ID, from, colon)) {
            String more = text(from, Math.min(to, from + MOST_STRAY));
            stray = stray.isEmpty() ? more : stray + '\n' + more;
        }
    }

    private boolean is(byte[] name, int from, int to) {
        return Arrays.equals(name, 0, name.length, buffer, from, to);
    }

    private boolean hasNul(int from, int to) {
        for (int i = from; i < to; i++) {
            if (buffer[i] == 0) {
                return true;
            }
        }
        return false;
    }

    private String text(int from, int to) {
        byte[] mended = Utf8.mend(buffer, from, to);
        return mended == null
                ? new String(buffer, from, to - from, StandardCharsets.UTF_8)
                : new String(mended, StandardCharsets.UTF_8);
    }

    /** One line of data is shown where it lies; only several are copied. */
    private void addData(int from, int to) {
        dataLines++;
        if (dataLines == 1) {
            dataOffset = from - block; // relative, for the buffer may move below a pending event
            dataLength = to - from;
            return;
        }
        int length = dataLength + 1 + (to - from);
        if (joined.length < length) {
            byte[] larger = new byte[Math.max(length, Math.min(2 * length, maxEventBytes))];
            System.arraycopy(joined, 0, larger, 0, dataLines == 2 ? 0 : dataLength);
            joined = larger;
        }
        if (dataLines == 2) {
            System.arraycopy(buffer, block + dataOffset, joined, 0, dataLength);
        }
        joined[dataLength] = '\n';
        System.arraycopy(buffer, from, joined, dataLength + 1, to - from);
        dataLength = length;
    }

    /** @return whether the block is an event: one with a data line, however empty */
    private boolean endBlock() {
        if (dataLines == 0) {
            beginBlock();
            return false;
        }
        showing = Next.EVENT;
        if (dataLines == 1) {
            data = buffer;
            dataOffset += block;
        } else {
            data = joined;
            dataOffset = 0;
        }
        byte[] mended = nonAscii ? Utf8.mend(data, dataOffset, dataOffset + dataLength) : null;
        if (mended != null) {
            data = mended;
            dataOffset = 0;
            dataLength = mended.length;
        }
        return true;
    }

    private void forgetShown() {
        if (showing == Next.EVENT || showing == Next.PIECE) {
            beginBlock();
        }
        if (showing != Next.NONE) {
            showing = Next.NONE;
            aside = block;
        }
    }

    private void beginBlock() {
        block = line;
        dataLines = 0;
        data = EMPTY;
        dataOffset = 0;
        dataLength = 0;
        joined = EMPTY;
        type = null;
        nonAscii = false;
    }

    private void makeRoom(int length) {
        forgetShown();
        int pending = end - aside;
        if (buffer.length - end >= length) {
            return;
        }
        // Twice what is needed at least whenever bytes of one event are copied again: linear in the end.
        int needed = pending + length;
        byte[] before = buffer;
        boolean moves = before.length >= needed && aside >= pending;
        buffer = moves ? before : SpareArrays.take(Math.max(needed, 2 * pending));
        System.arraycopy(before, aside, buffer, 0, pending);
        if (!moves) {
            SpareArrays.give(before);
        }
        block -= aside;
        line -= aside;
        scan -= aside;
        end -= aside;
        aside = 0;
    }

    private void releaseIfEmpty() {
        if (aside == end) {
            aside = 0;
            block = 0;
            line = 0;
            scan = 0;
            end = 0;
            SpareArrays.give(buffer);
            buffer = EMPTY;
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
