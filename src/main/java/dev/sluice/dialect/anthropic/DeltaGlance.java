package dev.sluice.dialect.anthropic;

import static dev.sluice.dialect.JsonBytes.blank;
import static dev.sluice.dialect.JsonBytes.is;
import static dev.sluice.dialect.JsonBytes.string;

import dev.sluice.dialect.JsonScanner;
import dev.sluice.dialect.JsonText;

/**
 * Finds the text of an event that is only a piece of text or of thinking, without a parser: it scans the event's bytes once,
 * and allocates nothing. Whatever it does not recognize with certainty has to be parsed by the {@link EventReader}, which
 * finds the same in the others. Guarded by the stream's thread.
 */
final class DeltaGlance extends JsonScanner<DeltaGlance.Place> {
    /** What an event contains. */
    enum Piece {
        TEXT,
        THINKING,
        /** Anything else. It has to be parsed. */
        UNKNOWN
    }

    /** The object whose members are scanned. */
    enum Place {
        EVENT,
        DELTA
    }

    private static final byte[] DELTA = bytes("delta");
    private static final byte[] TEXT = bytes("text");
    private static final byte[] THINKING = bytes("thinking");
    private static final byte[] MESSAGE = bytes("message");
    private static final byte[] CONTENT_BLOCK = bytes("content_block");
    private static final byte[] USAGE = bytes("usage");

    // The state of the current event.
    private Piece piece = Piece.UNKNOWN;
    private boolean delta; // the member was found
    private int textOffset;
    private int textEnd;

    /**
     * What the event contains.
     *
     * @param data has the event's {@code data} field as valid UTF-8; neither kept nor changed
     * @param offset the index of the field's first byte
     * @param length the field's length in bytes
     */
    Piece at(byte[] data, int offset, int length) {
        int end = offset + length;
        int start = blank(data, offset, end);
        if (start == end || data[start] != '{') {
            return Piece.UNKNOWN;
        }
        piece = Piece.UNKNOWN;
        delta = false;
        int behind = object(Place.EVENT, data, start, end, 0);
        return behind != UNSURE && blank(data, behind, end) == end ? piece : Piece.UNKNOWN;
    }

    /** The index in the data of the text's first byte, after the opening quote. */
    int textOffset() {
        return textOffset;
    }

    /** The index of the text's closing quote. The text still has the escapes of JSON; see {@link JsonText}. */
    int textEnd() {
        return textEnd;
    }

    @Override
    protected int member(Place place, byte[] data, int name, int nameEnd, int at, int end, int depth) {
        if (place == Place.EVENT) {
            if (is(DELTA, data, name, nameEnd)) {
                if (delta || data[at] != '{') {
                    return UNSURE;
                }
                delta = true;
                return object(Place.DELTA, data, at, end, depth);
            }
            return isOfAnotherEvent(data, name, nameEnd) ? UNSURE : value(data, at, end, depth);
        }
        if (is(TEXT, data, name, nameEnd)) {
            return text(Piece.TEXT, data, at, end);
        }
        if (is(THINKING, data, name, nameEnd)) {
            return text(Piece.THINKING, data, at, end);
        }
        return value(data, at, end, depth);
    }

    private static boolean isOfAnotherEvent(byte[] data, int name, int nameEnd) {
        return is(MESSAGE, data, name, nameEnd)
                || is(CONTENT_BLOCK, data, name, nameEnd)
                || is(USAGE, data, name, nameEnd);
    }

    /** A string that is not empty, the only one of the event. */
    private int text(Piece what, byte[] data, int at, int end) {
        int behind = data[at] == '"' && piece == Piece.UNKNOWN ? string(data, at, end) : UNSURE;
        if (behind <= at + 2) {
            return UNSURE;
        }
        piece = what;
        textOffset = at + 1;
        textEnd = behind - 1;
        return behind;
    }
}
