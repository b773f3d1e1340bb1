package dev.sluice.dialect;

import java.util.Arrays;

/**
 * The bytes of an event without its token, to match the next event against. The events of one answer differ in little
 * besides the token, so a comparison of bytes replaces the parsing of most events. An event matches if its bytes are
 * the same except for the token. One more string after the token may differ as well, such as the padding
 * ("obfuscation") with which OpenAI hides the length of a token. If only the contents of strings differ, the structure
 * of the JSON is the same.
 *
 * <p>Guarded, with all its fields, by the one thread that runs the stream.
 */
public final class Frame {
    private static final byte[] EMPTY = {};

    /** The size limit in bytes. It keeps the memory of an idle stream small. */
    private static final int LONGEST = 1024;

    private byte[] bytes = EMPTY;

    // The three parts, without gaps: up to the token, up to the other string, and the rest. Both strings are between
    // quotes.
    private int toText;
    private int toOther;
    private int length; // 0 if nothing is stored

    private int textOffset;
    private int textEnd;

    /**
     * Stores the bytes of an event without its token.
     *
     * @param text the index of the token's first byte, after the opening quote
     * @param textEnd the index of the closing quote
     * @param other the index of the other string's first byte; the event's end if there is no such string
     * @param otherEnd the index of that string's closing quote; the event's end if there is no such string
     */
    public void keep(byte[] data, int offset, int end, int text, int textEnd, int other, int otherEnd) {
        int kept = end - offset - (textEnd - text) - (otherEnd - other);
        if (kept > LONGEST) {
            length = 0;
            return;
        }
        if (bytes.length < kept) {
            bytes = new byte[kept];
        }
        toText = text - offset;
        toOther = toText + other - textEnd;
        length = kept;
        System.arraycopy(data, offset, bytes, 0, toText);
        System.arraycopy(data, textEnd, bytes, toText, toOther - toText);
        System.arraycopy(data, otherEnd, bytes, toOther, length - toOther);
    }

    /** Whether the event matches and its token is not empty. */
    public boolean fits(byte[] data, int offset, int end) {
        if (length == 0 || !has(0, toText, data, offset, end)) {
            return false;
        }
        int text = offset + toText;
        int quote = stringEnd(data, text, end);
        if (quote <= text || !has(toText, toOther, data, quote, end)) {
            return false;
        }
        int rest = quote + toOther - toText;
        if (toOther < length) {
            rest = stringEnd(data, rest, end);
        }
        if (rest < 0 || end - rest != length - toOther || !has(toOther, length, data, rest, end)) {
            return false;
        }
        textOffset = text;
        textEnd = quote;
        return true;
    }

    /** The index of the token's first byte in the event that has matched last. */
    public int textOffset() {
        return textOffset;
    }

    /** The index of its closing quote. */
    public int textEnd() {
        return textEnd;
    }

    /**
     * @return the index of the closing quote of the string whose first byte is at {@code from}; negative if there is
     *     none
     */
    private static int stringEnd(byte[] data, int from, int end) {
        return JsonBytes.string(data, from - 1, end) - 1;
    }

    private boolean has(int from, int to, byte[] data, int at, int end) {
        int behind = at + to - from;
        return behind <= end && Arrays.equals(bytes, from, to, data, at, behind);
    }
}
