package dev.sluice.dialect;

/**
 * Finds the strings of a JSON text that are too long to be parsed, such as images. Only their beginnings are to be parsed.
 * The text comes in pieces of any size. Used by one thread.
 */
final class StringCutter {
    /** The bytes of a string after which the rest of it is skipped. */
    static final int LONGEST = 64 * 1024;

    private boolean within; // a string
    private boolean skipping; // the rest of that string
    private int length; // of what was parsed of it, in bytes
    private boolean escaped; // the latest byte was a backslash that begins an escape
    private int digits; // those that are missing of an escape with four of them

    /** Skips the rest of a long string. The bytes from the returned index on, up to that of {@link #take}, are to be parsed. */
    int skip(byte[] json, int from, int end) {
        int at = from;
        while (skipping && at < end) {
            byte next = json[at];
            if (next == '"' && !escaped) {
                skipping = false;
            } else {
                escaped = next == '\\' && !escaped;
                at++;
            }
        }
        return at;
    }

    /** The index behind the bytes that are to be parsed. Neither an escape nor a character is cut. */
    int take(byte[] json, int from, int end) {
        for (int at = from; at < end; at++) {
            byte next = json[at];
            if (!within) {
                within = next == '"';
                length = 0;
            } else if (escaped) {
                escaped = false;
                digits = next == 'u' ? 4 : 0;
            } else if (digits > 0) {
                digits--;
            } else if (next == '"') {
                within = false;
            } else if (length >= LONGEST && !isInsideCharacter(next)) {
                skipping = true;
                return at;
            } else {
                escaped = next == '\\';
            }
            length++;
        }
        return end;
    }

    /** Whether the byte continues a character of several bytes in UTF-8. */
    private static boolean isInsideCharacter(byte next) {
        return (next & 0xc0) == 0x80;
    }
}
