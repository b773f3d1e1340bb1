package dev.sluice.dialect.responses;

import static dev.sluice.dialect.JsonBytes.blank;
import static dev.sluice.dialect.JsonBytes.hasEscape;
import static dev.sluice.dialect.JsonBytes.is;
import static dev.sluice.dialect.JsonBytes.string;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.dialect.JsonScanner;
import java.util.Arrays;

/**
 * Finds out what most events of a streamed response are, and where their text is, without a parser: it scans their bytes
 * once and allocates nothing. The {@code type} in the data decides, because not all providers name it in the {@code event}
 * field too. An event that is not recognized with certainty is {@link Kind#UNKNOWN}, and has to be parsed by the {@link
 * EventReader}: it may end the response, report an error, or be malformed.
 *
 * <p>One instance serves one stream. Two threads must not use it at once.
 */
final class EventScanner extends JsonScanner<EventScanner.ObjectKind> {
    /** What an event contains. */
    enum Kind {
        /** A piece of the answer's text or of a refusal. {@link #textOffset} is its position. */
        TEXT,
        /** A piece of the reasoning or of its summary. {@link #textOffset} is its position. */
        REASONING,
        /** A piece of anything else, such as the arguments of a function call. */
        PIECE,
        /** Another step of the response, or an empty piece. It ends nothing. */
        STEP,
        /** Nothing but a sign that the provider works. */
        ALIVE,
        /** Anything else. It has to be parsed. */
        UNKNOWN
    }

    /** The objects whose members matter. */
    enum ObjectKind {
        EVENT
    }

    /** The value of {@link #sequenceNumber} for an event without one. */
    static final long NO_NUMBER = -1;

    private static final int LONGEST_EVENT = 1 << 24;
    private static final int MOST_DIGITS = 18;

    private static final byte[] TYPE = bytes("type");
    private static final byte[] DELTA = bytes("delta");
    private static final byte[] ERROR = bytes("error");
    private static final byte[] SEQUENCE_NUMBER = bytes("sequence_number");

    private static final byte[] RESPONSE = bytes("response.");
    private static final byte[] OF_PIECES = bytes(".delta");
    private static final byte[] OF_REASONING = bytes("response.reasoning");
    private static final byte[] OUTPUT_TEXT = bytes(EventTypes.OUTPUT_TEXT);
    private static final byte[] REFUSAL = bytes(EventTypes.REFUSAL);
    private static final byte[] KEEPALIVE = bytes("keepalive");
    private static final byte[] PING = bytes("ping");

    // The members of the current event. Guarded by the one thread that runs the stream.
    private int typeOffset;
    private int typeEnd; // 0 if it has no type
    private int textOffset;
    private int textEnd; // 0 if its delta is no text
    private boolean delta;
    private long sequenceNumber;

    /**
     * The kind of one event.
     *
     * @param data has the event's {@code data} field as valid UTF-8; neither kept nor changed
     * @param offset the index of the field's first byte
     * @param length the field's length in bytes
     */
    Kind at(byte[] data, int offset, int length) {
        int end = offset + length;
        typeEnd = 0;
        textEnd = 0;
        delta = false;
        sequenceNumber = NO_NUMBER;
        int start = blank(data, offset, end);
        if (start == end || data[start] != '{' || length > LONGEST_EVENT) {
            return Kind.UNKNOWN;
        }
        int behind = object(ObjectKind.EVENT, data, start, end, 0);
        return behind != UNSURE && blank(data, behind, end) == end ? kind(data) : Kind.UNKNOWN;
    }

    /** The index in the data of the text's first byte, after the opening quote. Valid after a TEXT or a REASONING. */
    int textOffset() {
        return textOffset;
    }

    /** The index of the text's closing quote. The text is not empty, and still has the escapes of JSON. */
    int textEnd() {
        return textEnd;
    }

    /** The event's {@code sequence_number}; {@link #NO_NUMBER} if none was found. */
    long sequenceNumber() {
        return sequenceNumber;
    }

    /** Whether a type was found, even if the rest of the event is malformed or missing. */
    boolean isTyped() {
        return typeEnd > 0;
    }

    /** The type that was found in these data. */
    String type(byte[] data) {
        return new String(data, typeOffset, typeEnd - typeOffset, UTF_8);
    }

    private Kind kind(byte[] data) {
        if (typeEnd == 0) {
            return Kind.UNKNOWN;
        }
        if (!typeBeginsWith(RESPONSE, data)) {
            return typeIs(KEEPALIVE, data) || typeIs(PING, data) ? Kind.ALIVE : Kind.UNKNOWN;
        }
        if (typeEndsWith(OF_PIECES, data)) {
            return kindOfPiece(data);
        }
        return EventTypes.mayEnd(data, typeOffset, typeEnd) ? Kind.UNKNOWN : Kind.STEP;
    }

    private Kind kindOfPiece(byte[] data) {
        if (textEnd == 0) {
            return Kind.PIECE; // not a text, such as a part of an object
        }
        if (textEnd == textOffset) {
            return Kind.STEP;
        }
        if (typeIs(OUTPUT_TEXT, data) || typeIs(REFUSAL, data)) {
            return Kind.TEXT;
        }
        return typeBeginsWith(OF_REASONING, data) ? Kind.REASONING : Kind.PIECE;
    }

    private boolean typeIs(byte[] type, byte[] data) {
        return is(type, data, typeOffset, typeEnd);
    }

    private boolean typeBeginsWith(byte[] prefix, byte[] data) {
        int behind = typeOffset + prefix.length;
        return behind <= typeEnd && Arrays.equals(prefix, 0, prefix.length, data, typeOffset, behind);
    }

    private boolean typeEndsWith(byte[] suffix, byte[] data) {
        int from = typeEnd - suffix.length;
        return from >= typeOffset && Arrays.equals(suffix, 0, suffix.length, data, from, typeEnd);
    }

    @Override
    protected int member(ObjectKind object, byte[] data, int name, int nameEnd, int at, int end, int depth) {
        return switch (nameEnd - name) {
            case 4 -> is(TYPE, data, name, nameEnd) ? type(data, at, end) : value(data, at, end, depth);
            case 5 -> {
                if (is(DELTA, data, name, nameEnd)) {
                    yield delta(data, at, end, depth);
                }
                yield is(ERROR, data, name, nameEnd) ? absent(data, at, end) : value(data, at, end, depth);
            }
            case 15 ->
                is(SEQUENCE_NUMBER, data, name, nameEnd)
                        ? sequenceNumber(data, at, end, depth)
                        : value(data, at, end, depth);
            default -> value(data, at, end, depth);
        };
    }

    private int type(byte[] data, int at, int end) {
        int behind = data[at] == '"' && typeEnd == 0 ? string(data, at, end) : UNSURE;
        if (behind == UNSURE || hasEscape(data, at + 1, behind - 1)) {
            return UNSURE;
        }
        typeOffset = at + 1;
        typeEnd = behind - 1;
        return behind;
    }

    private int delta(byte[] data, int at, int end, int depth) {
        if (delta) {
            return UNSURE; // there is a second one
        }
        delta = true;
        int behind = value(data, at, end, depth);
        if (behind != UNSURE && data[at] == '"') {
            textOffset = at + 1;
            textEnd = behind - 1;
        }
        return behind;
    }

    private int sequenceNumber(byte[] data, int at, int end, int depth) {
        int behind = value(data, at, end, depth);
        if (behind == UNSURE || behind - at > MOST_DIGITS) {
            return behind;
        }
        long number = 0;
        for (int digit = at; digit < behind; digit++) {
            if (data[digit] < '0' || data[digit] > '9') {
                return behind; // it is no whole number
            }
            number = 10 * number + data[digit] - '0';
        }
        sequenceNumber = number;
        return behind;
    }
}
