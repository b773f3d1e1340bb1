package dev.sluice.sse;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Cuts a stream of bytes into Server-Sent Events, by the WHATWG HTML Standard, section 9.2.6. Feed bytes in any pieces,
 * then take events until there is none: the pieces make no difference to the events.
 *
 * <p>The decoder is a cursor and makes no objects. After {@link #next()} said {@link Next#EVENT}, the accessors show that
 * event until the next call of a method that changes anything. They also show its bytes as they were fed, and the bytes of
 * the lines before it that belong to no event, for a reader that passes everything on unchanged.
 *
 * <p>Time is linear in the bytes fed. Memory is bounded by the longest event allowed and the largest piece fed, and given
 * back once everything fed has been taken. An event longer than allowed ends the decoding, or is shown in pieces, as the
 * constructor is told.
 *
 * <p>The {@code retry} field is ignored: no reader here reconnects. Not safe for use by several threads at once.
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
        /** No whole event: feed more. */
        NONE,
        /** An event longer than allowed: every later call finds the same. */
        TOO_LONG
    }

    private final int maxEventBytes;
    private final boolean inPieces;

    // Guarded by the thread that runs the stream.
    private final LineBuffer lines = new LineBuffer();
    private final EventFields fields;
    private int
            asideLength; // of the lines, from the buffer's start, that belong to no event; the pending event follows
    private Next shown = Next.NONE; // what the accessors show
    private boolean atBeginning = true; // of the stream, where a byte order mark may stand
    private boolean tooLong;
    private boolean withinLongEvent; // of which pieces are shown
    private boolean lineBegun; // within a long event: the pending line is not blank, for a part of it was shown

    /** @param maxEventBytes the longest event allowed, in bytes as fed, with its line ends but the last */
    public SseDecoder(int maxEventBytes) {
        this(maxEventBytes, false);
    }

    /**
     * @param maxEventBytes the longest event allowed, in bytes as fed, with its line ends but the last
     * @param inPieces whether a longer event is shown in pieces, instead of ending the decoding
     */
    public SseDecoder(int maxEventBytes, boolean inPieces) {
        this.maxEventBytes = maxEventBytes;
        this.inPieces = inPieces;
        this.fields = new EventFields(maxEventBytes);
    }

    /** Takes all that remains in {@code bytes}; keeps no reference to it. */
    public void feed(ByteBuffer bytes) {
        forgetShown();
        lines.feed(bytes);
    }

    /** Moves to the next event, if a whole one has been fed. */
    public Next next() {
        forgetShown();
        if (tooLong) {
            return Next.TOO_LONG;
        }
        if (withinLongEvent) {
            return nextPiece();
        }
        if (!skipByteOrderMark()) {
            return Next.NONE;
        }
        while (true) {
            skipLineFeedAfterCr();
            int lineEnd = lines.findLineEnd();
            if (lineEnd - eventOffset() > maxEventBytes) {
                tooLong = !inPieces;
                withinLongEvent = inPieces;
                return inPieces ? nextPiece() : Next.TOO_LONG;
            }
            if (lineEnd == lines.end()) {
                return asideLength > 0 ? show(Next.ASIDE) : nothing();
            }
            int line = lines.line();
            lines.endLine(lineEnd);
            if (lineEnd > line) {
                fields.read(lines.bytes(), eventOffset(), line, lineEnd);
                if (!fields.isAny()) {
                    beginEventAtLine(); // after a comment or an ignored field: many pings must not add up to a long
                    // event
                }
            } else if (endEvent()) {
                return Next.EVENT;
            }
        }
    }

    /**
     * The stream is over: shows an event that no blank line ended, as if one followed. The standard discards such an
     * event, and so should the caller, unless it knows from its content that the event is whole.
     *
     * @return whether there is such an event
     */
    public boolean finish() {
        forgetShown();
        int line = lines.line();
        int end = lines.end();
        if (tooLong || withinLongEvent || (end == line && !fields.hasData())) {
            return false;
        }
        if (end > line) {
            fields.read(lines.bytes(), eventOffset(), line, end);
            lines.endLineUnterminated();
        }
        return endEvent();
    }

    /** The array that holds the bytes as they were fed; the offsets below lie in it. To be read only. */
    public byte[] wire() {
        return lines.bytes();
    }

    /** Where in {@link #wire} the lines begin that came before the event, or instead of one, and belong to none. */
    public int asideOffset() {
        return lines.start();
    }

    /** How many bytes those lines have: comments, blank lines, a byte order mark, ignored fields. */
    public int asideLength() {
        return asideLength;
    }

    /** Where in {@link #wire} the event begins. */
    public int eventOffset() {
        return lines.start() + asideLength;
    }

    /** How many bytes the event has there, with its blank line as far as that was fed. */
    public int eventLength() {
        return lines.line() - eventOffset();
    }

    /** Whether the event ends with a CR, and a LF that belongs to it may be fed next. */
    public boolean endsInCr() {
        return lines.isAfterCr();
    }

    /** Whether the event ends with a CR, and its LF is still to come, as the lines before ended with CRLF. */
    public boolean isLineFeedDue() {
        return lines.isAfterCr() && lines.isCrlf();
    }

    /** The array that holds the event's data, as valid UTF-8, from {@link #dataOffset} on. To be read only. */
    public byte[] data() {
        return fields.data();
    }

    /** Where the data begins in {@link #data}. */
    public int dataOffset() {
        return fields.dataOffset();
    }

    /** How many bytes the data has. */
    public int dataLength() {
        return fields.dataLength();
    }

    /** Whether the data is exactly {@code text}, which must be ASCII. */
    public boolean dataIs(String text) {
        if (dataLength() != text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (data()[dataOffset() + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** The data as text. */
    public String text() {
        return new String(data(), dataOffset(), dataLength(), StandardCharsets.UTF_8);
    }

    /** The event's type; {@code message} if it names none. */
    public String type() {
        String type = fields.type();
        return type == null || type.isEmpty() ? "message" : type;
    }

    /** Whether the event names its type. */
    public boolean isTyped() {
        return fields.type() != null;
    }

    /** Whether an event that is shown in pieces has not ended: bytes written to the client now would fall into it. */
    public boolean isWithinEvent() {
        return withinLongEvent;
    }

    /**
     * The lines so far whose field the standard does not know and ignores, such as {@code error: …}, or text that is no
     * event stream. Empty if there were none. The first few thousand characters are kept.
     */
    public String stray() {
        return fields.unknown();
    }

    /** The last {@code id} in the stream, empty if there was none. */
    public String lastEventId() {
        return fields.lastEventId();
    }

    /** How many bytes were fed since the stream began. */
    public long fedBytes() {
        return lines.fed();
    }

    /** How many bytes are held here: of events that are not whole, or were not taken yet. */
    public int heldBytes() {
        return lines.end() - lines.start() + fields.joinedBytes();
    }

    /** All that was fed of an event that is too long, up to its blank line. */
    private Next nextPiece() {
        while (withinLongEvent && lines.line() < lines.end()) {
            if (lines.skipLineFeedAfterCr()) {
                continue;
            }
            int lineEnd = lines.findLineEnd();
            lineBegun |= lineEnd > lines.line();
            if (lineEnd == lines.end()) {
                lines.endLineUnterminated();
            } else {
                lines.endLine(lineEnd);
                withinLongEvent = lineBegun;
                lineBegun = false;
            }
        }
        return lines.line() > lines.start() ? show(Next.PIECE) : nothing();
    }

    private Next show(Next found) {
        shown = found;
        return found;
    }

    private Next nothing() {
        lines.releaseIfEmpty();
        return Next.NONE;
    }

    /** Skips a byte order mark. @return false while too little was fed to know whether there is one */
    private boolean skipByteOrderMark() {
        if (atBeginning && lines.skipByteOrderMark()) {
            atBeginning = false;
            beginEventAtLine();
        }
        return !atBeginning;
    }

    private void skipLineFeedAfterCr() {
        boolean betweenEvents = eventLength() == 0;
        if (lines.skipLineFeedAfterCr() && betweenEvents) {
            beginEventAtLine();
        }
    }

    /** @return whether it is an event: one with a data line, however empty */
    private boolean endEvent() {
        if (!fields.hasData()) {
            beginEvent();
            return false;
        }
        shown = Next.EVENT;
        fields.end(lines.bytes(), eventOffset(), lines.isNonAscii());
        return true;
    }

    private void forgetShown() {
        if (shown == Next.EVENT || shown == Next.PIECE) {
            beginEvent();
        }
        if (shown != Next.NONE) {
            shown = Next.NONE;
            lines.dropUpTo(eventOffset());
            asideLength = 0;
        }
    }

    private void beginEvent() {
        beginEventAtLine();
        fields.clear();
        lines.clearNonAscii();
    }

    /** What comes before the pending line belongs to no event. */
    private void beginEventAtLine() {
        asideLength = lines.line() - lines.start();
    }
}
