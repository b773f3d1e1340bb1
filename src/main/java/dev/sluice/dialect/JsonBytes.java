package dev.sluice.dialect;

import dev.sluice.sse.EightBytes;
import java.util.Arrays;

/**
 * Scans the tokens of JSON (RFC 8259) in bytes, without allocation. Each method takes the index at which the token
 * should begin. It returns the index after the token, or {@link #NONE} if the token is missing or incomplete.
 * Stateless.
 */
public final class JsonBytes {
    public static final int NONE = -1;

    private JsonBytes() {}

    /** A string, with its quotes. */
    public static int string(byte[] data, int quote, int end) {
        int at = plain(data, quote + 1, end);
        while (at < end) {
            if (data[at] == '"') {
                return at + 1;
            }
            int length = data[at] == '\\' ? escape(data, at, end) : 0;
            if (length == 0) {
                return NONE;
            }
            at = plain(data, at + length, end);
        }
        return NONE;
    }

    /**
     * The characters of a string that are not escaped, possibly none: up to a quote, a backslash or a control
     * character.
     */
    public static int plain(byte[] data, int start, int end) {
        int at = start;
        for (; at + 8 <= end; at += 8) {
            long eight = EightBytes.at(data, at);
            long marks =
                    EightBytes.equalTo('"', eight) | EightBytes.equalTo('\\', eight) | EightBytes.below(' ', eight);
            if (marks != 0) {
                return at + EightBytes.first(marks);
            }
        }
        while (at < end && (data[at] < 0 || (data[at] >= ' ' && data[at] != '"' && data[at] != '\\'))) {
            at++;
        }
        return at;
    }

    /** @return the length of the escape; 0 if it is ill-formed */
    private static int escape(byte[] data, int backslash, int end) {
        if (backslash + 1 == end) {
            return 0;
        }
        return switch (data[backslash + 1]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> 2;
            case 'u' -> {
                int behind = backslash + 6;
                for (int at = backslash + 2; at < behind; at++) {
                    if (at >= end || data[at] < 0 || Character.digit(data[at], 16) < 0) {
                        yield 0;
                    }
                }
                yield 6;
            }
            default -> 0;
        };
    }

    /** A number. */
    public static int number(byte[] data, int start, int end) {
        int at = data[start] == '-' ? start + 1 : start;
        int whole = at;
        at = digits(data, at, end);
        if (at == whole || (at > whole + 1 && data[whole] == '0')) {
            return NONE;
        }
        if (at < end && data[at] == '.') {
            int fraction = at + 1;
            at = digits(data, fraction, end);
            if (at == fraction) {
                return NONE;
            }
        }
        if (at < end && (data[at] == 'e' || data[at] == 'E')) {
            at++;
            int exponent = at < end && (data[at] == '+' || data[at] == '-') ? at + 1 : at;
            at = digits(data, exponent, end);
            if (at == exponent) {
                return NONE;
            }
        }
        return at;
    }

    private static int digits(byte[] data, int start, int end) {
        int at = start;
        while (at < end && data[at] >= '0' && data[at] <= '9') {
            at++;
        }
        return at;
    }

    /** This word. */
    public static int word(byte[] word, byte[] data, int at, int end) {
        int behind = at + word.length;
        return behind <= end && is(word, data, at, behind) ? behind : NONE;
    }

    /** White space, possibly none. */
    public static int blank(byte[] data, int start, int end) {
        int at = start;
        while (at < end && (data[at] == ' ' || data[at] == '\t' || data[at] == '\n' || data[at] == '\r')) {
            at++;
        }
        return at;
    }

    /** Whether the bytes between the quotes of a string have an escape. */
    public static boolean hasEscape(byte[] data, int from, int to) {
        for (int at = from; at < to; at++) {
            if (data[at] == '\\') {
                return true;
            }
        }
        return false;
    }

    public static boolean is(byte[] word, byte[] data, int from, int to) {
        return to - from == word.length && Arrays.equals(word, 0, word.length, data, from, to);
    }
}
