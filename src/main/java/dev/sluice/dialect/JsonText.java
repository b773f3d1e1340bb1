package dev.sluice.dialect;

import dev.sluice.sse.SseEncoder;

/**
 * The text of a JSON string, taken from between its quotes to an event of the client's without any characters or strings
 * between: what is written as it reads is copied, and only escapes are looked at. Every method takes the bytes between
 * the quotes of a string that is known to be well-formed. Stateless.
 */
public final class JsonText {
    private static final int UNICODE_ESCAPE = 6;

    private JsonText() {}

    /**
     * Whether the text may end in the first half of what another text completes: a CR, or the first of two surrogates.
     * Sometimes said of one that does not (an escaped backslash and an r), never denied of one that does.
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

    /** Writes the text into the event that is open in {@code out}. */
    public static void write(byte[] json, int from, int to, SseEncoder out) {
        int kept = from; // what lies before it is written
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

    /** How many bytes the escape at {@code backslash} has. */
    private static int length(byte[] json, int backslash) {
        return json[backslash + 1] == 'u' ? UNICODE_ESCAPE : 2;
    }

    /** What the escape at {@code backslash} stands for. */
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
