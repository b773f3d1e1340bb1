package dev.sluice.dialect;

import java.util.Arrays;

/**
 * What stands around the text of an event: the events of one answer differ in little else, so most of them need only be
 * compared. An event fits if it has the same bytes, but for the text; and but for one string behind it that may be any,
 * such as the padding ("obfuscation") in which OpenAI hides the lengths of its tokens. Another string in the place of a
 * string changes nothing in the grammar around it.
 *
 * <p>Guarded, with all its fields, by the one thread that runs the stream.
 */
public final class Frame {
    private static final byte[] EMPTY = {};

    /** What is longer is not kept: an idle stream should cost little. */
    private static final int LONGEST = 1024;

    private byte[] bytes = EMPTY;

    // The parts, one behind the other: up to the text, up to the other string, and the rest. Strings lie between
    // quotes.
    private int toText;
    private int toOther;
    private int length; // 0 if there is no frame

    private int textOffset;
    private int textEnd;

    /**
     * Keeps the frame of an event.
     *
     * @param text where its text begins, behind its quote
     * @param textEnd where it ends, at its quote
     * @param other where the other string begins; the event's end if there is none
     * @param otherEnd where it ends; the event's end if there is none
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

    /** Whether the event fits, and has a text that is not empty. */
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

    /** Where the text begins in the event that fitted last. */
    public int textOffset() {
        return textOffset;
    }

    /** Where it ends. */
    public int textEnd() {
        return textEnd;
    }

    /** @return where the quote is that ends the string that begins at {@code from}; negative if there is none */
    private static int stringEnd(byte[] data, int from, int end) {
        return JsonBytes.string(data, from - 1, end) - 1;
    }

    private boolean has(int from, int to, byte[] data, int at, int end) {
        int behind = at + to - from;
        return behind <= end && Arrays.equals(bytes, from, to, data, at, behind);
    }
}
