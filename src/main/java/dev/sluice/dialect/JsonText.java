package dev.sluice.dialect;

import dev.sluice.sse.SseEncoder;

/**
 * Writes the text of a JSON string to an event for the client, without an array of characters or a string between. It
 * copies bytes and decodes only escapes. Every method takes the bytes between the quotes of a well-formed string.
 * Stateless.
 */
public final class JsonText {
    private static final int UNICODE_ESCAPE = 6;

    private JsonText() {}

    /**
     * Whether the text may end with a CR or with a high surrogate, whose other half may come with the next text. It can
     * be true for a text that does not (one that ends with an escaped backslash and an r), but is never false for one
     * that does.
     */
    public static boolean mayEndInHalf(byte[] json, int from, int to) {
        if (to - from < 2) {
            return false;
        }
        if (json[to - 2] == '\\' && json[to - 1] == 'r') {
            return true;
        }
        int escape = to - UNICODE_ESCAPE;
        if (escape < from || json[escape] != '\\' || json[escape + 1] != 'u') {
            return false;
        }
        char last = unit(json, escape);
        return last == '\r' || Character.isHighSurrogate(last);
    }

    /** Writes the text to the open event of {@code out}. */
    public static void write(byte[] json, int from, int to, SseEncoder out) {
        int kept = from; // what is before it has been written
        int at = from;
        while (at < to) {
            if (json[at] != '\\') {
                at++;
                continue;
            }
            out.bytes(json, kept, at - kept);
            char unit = unit(json, at);
            at += length(json, at);
            boolean escapeFollows = at < to && json[at] == '\\';
            if (unit == '\n') {
                out.lineBreak();
            } else if (unit == '\r') {
                out.lineBreak();
                if (escapeFollows && unit(json, at) == '\n') {
                    at += length(json, at);
                }
            } else if (Character.isHighSurrogate(unit) && escapeFollows && Character.isLowSurrogate(unit(json, at))) {
                out.character(Character.toCodePoint(unit, unit(json, at)));
                at += UNICODE_ESCAPE;
            } else {
                out.character(unit);
            }
            kept = at;
        }
        out.bytes(json, kept, to - kept);
    }

    /** The number of bytes of the escape at {@code backslash}. */
    private static int length(byte[] json, int backslash) {
        return json[backslash + 1] == 'u' ? UNICODE_ESCAPE : 2;
    }

    /** The character of the escape at {@code backslash}. */
    private static char unit(byte[] json, int backslash) {
        byte kind = json[backslash + 1];
        return switch (kind) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'u' -> {
                int unit = 0;
                for (int at = backslash + 2; at < backslash + UNICODE_ESCAPE; at++) {
                    unit = unit << 4 | Character.digit(json[at], 16);
                }
                yield (char) unit;
            }
            default -> (char) kind; // a quote, a backslash, a slash
        };
    }
}
