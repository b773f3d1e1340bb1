package dev.sluice.dialect;

import static dev.sluice.dialect.JsonBytes.blank;
import static dev.sluice.dialect.JsonBytes.hasEscape;
import static dev.sluice.dialect.JsonBytes.number;
import static dev.sluice.dialect.JsonBytes.string;
import static dev.sluice.dialect.JsonBytes.word;
import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

/**
 * Scans the bytes of one JSON value (RFC 8259) once, without allocation, and shows a subclass the members of the objects
 * that matter to it. It checks the JSON strictly, because after a missed quote it would take the text of strings for JSON.
 *
 * <p>The methods take the index at which something should begin, and return the index after it, or {@link #UNSURE} if it is
 * malformed or too large to judge here. Then the value has to be parsed.
 *
 * @param <O> the objects that matter, by what they are
 */
public abstract class JsonScanner<O> {
    protected static final int UNSURE = JsonBytes.NONE;

    /** The limit of nesting, which bounds the recursion. An ordinary event has six levels. */
    private static final int DEEPEST = 24;

    private static final int LONGEST_NAME = 1_000;
    private static final int LONGEST_NUMBER = 100;

    private static final byte[] TRUE = bytes("true");
    private static final byte[] FALSE = bytes("false");
    private static final byte[] NULL = bytes("null");

    /**
     * Scans the value of a member.
     *
     * @param object what it is a member of
     * @param name the index of the name's first byte, after the opening quote; the name has no escapes
     * @param nameEnd the index of the name's closing quote
     * @param at the index of the value's first byte, which is before {@code end}
     * @param depth to be passed on to {@link #value} and {@link #object}
     */
    protected abstract int member(O object, byte[] data, int name, int nameEnd, int at, int end, int depth);

    /** Any value. None of its members matters. */
    protected final int value(byte[] data, int at, int end, int depth) {
        if (at == end) {
            return UNSURE;
        }
        return switch (data[at]) {
            case '{' -> object(null, data, at, end, depth);
            case '[' -> array(data, at, end, depth);
            case '"' -> string(data, at, end);
            case 't' -> word(TRUE, data, at, end);
            case 'f' -> word(FALSE, data, at, end);
            case 'n' -> absent(data, at, end);
            default -> {
                int behind = number(data, at, end);
                yield behind - at > LONGEST_NUMBER ? UNSURE : behind;
            }
        };
    }

    /** {@code null}. */
    protected static int absent(byte[] data, int at, int end) {
        return word(NULL, data, at, end);
    }

    /**
     * An object.
     *
     * @param object what it is; null if its members do not matter
     * @param open the index of the opening brace
     */
    protected final int object(@Nullable O object, byte[] data, int open, int end, int depth) {
        if (depth == DEEPEST) {
            return UNSURE;
        }
        int at = blank(data, open + 1, end);
        if (at < end && data[at] == '}') {
            return at + 1;
        }
        while (at < end && data[at] == '"') {
            int behindName = string(data, at, end);
            int colon = behindName == UNSURE ? end : blank(data, behindName, end);
            if (colon == end || data[colon] != ':' || behindName - at > LONGEST_NAME) {
                return UNSURE;
            }
            int value = blank(data, colon + 1, end);
            int member = object == null
                    ? value(data, value, end, depth + 1)
                    : shown(object, data, at + 1, behindName - 1, value, end, depth + 1);
            int behind = member == UNSURE ? end : blank(data, member, end);
            if (behind < end && data[behind] == '}') {
                return behind + 1;
            }
            if (behind == end || data[behind] != ',') {
                return UNSURE;
            }
            at = blank(data, behind + 1, end);
        }
        return UNSURE;
    }

    private int shown(O object, byte[] data, int name, int nameEnd, int at, int end, int depth) {
        if (at == end || hasEscape(data, name, nameEnd)) {
            return UNSURE;
        }
        return member(object, data, name, nameEnd, at, end, depth);
    }

    private int array(byte[] data, int open, int end, int depth) {
        if (depth == DEEPEST) {
            return UNSURE;
        }
        int at = blank(data, open + 1, end);
        if (at < end && data[at] == ']') {
            return at + 1;
        }
        while (at < end) {
            int element = value(data, at, end, depth + 1);
            int behind = element == UNSURE ? end : blank(data, element, end);
            if (behind < end && data[behind] == ']') {
                return behind + 1;
            }
            if (behind == end || data[behind] != ',') {
                return UNSURE;
            }
            at = blank(data, behind + 1, end);
        }
        return UNSURE;
    }

    /** The bytes of an ASCII name, for {@link JsonBytes#is}. */
    protected static byte[] bytes(String name) {
        return name.getBytes(US_ASCII);
    }
}
