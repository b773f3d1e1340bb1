package dev.sluice.sse;

import java.nio.charset.StandardCharsets;

/**
 * Writes Server-Sent Events, by the WHATWG HTML Standard, section 9.2, into a buffer that grows as needed. Text with line
 * breaks becomes several {@code data} lines; a CR or CRLF in it reaches the reader as LF. An unpaired surrogate, which UTF-8
 * cannot express, becomes U+FFFD.
 *
 * <p>The bytes are sent from {@link #array}. Until they are sent, nothing more may be written, and the array may not be
 * {@linkplain #release released}. Not safe for use by several threads at once.
 */
public final class SseEncoder {
    private static final byte[] EMPTY = {};
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EVENT = "event: ".getBytes(StandardCharsets.US_ASCII);

    // Guarded by the thread that runs the stream.
    private byte[] buffer = EMPTY;
    private int length;

    /** Writes one whole event of the given type, which must be ASCII without line breaks. */
    public void event(String type, char[] text, int offset, int count) {
        begin(type);
        text(text, offset, count);
        end();
    }

    /** Writes one whole event of the given type, which must be ASCII without line breaks. */
    public void event(String type, String text) {
        event(type, text.toCharArray(), 0, text.length());
    }

    /** Writes one whole event without a type. */
    public void event(char[] text, int offset, int count) {
        begin();
        text(text, offset, count);
        end();
    }

    /** As {@link #begin()}, of an event of the given type, which must be ASCII without line breaks. */
    public void begin(String type) {
        write(EVENT);
        ascii(type);
        write('\n');
        begin();
    }

    /**
     * Begins an event without a type. What is written next is its text: {@link #bytes} of UTF-8 without line breaks,
     * {@link #character}s, {@link #lineBreak}s, and nothing else until {@link #end}.
     */
    public void begin() {
        write(DATA);
    }

    /** Writes a character other than CR and LF. A surrogate is written as U+FFFD. */
    public void character(int point) {
        if (point < 0x80) {
            write((char) point);
        } else {
            writeMultiByte(point);
        }
    }

    /** Goes on to the text's next line. */
    public void lineBreak() {
        write('\n');
        write(DATA);
    }

    /** Ends the event that was begun. */
    public void end() {
        write('\n');
        write('\n');
    }

    /**
     * Writes a comment, which clients ignore. No blank line follows it, because some clients would take that for the end
     * of an event.
     */
    public void comment(String ascii) {
        write(':');
        write(' ');
        ascii(ascii);
        write('\n');
    }

    /** Writes bytes unchanged. */
    public void bytes(byte[] bytes) {
        write(bytes);
    }

    /** Writes bytes unchanged. */
    public void bytes(byte[] bytes, int offset, int count) {
        ensure(count);
        System.arraycopy(bytes, offset, buffer, length, count);
        length += count;
    }

    /** Writes one whole event without a type. */
    public void event(String text) {
        event(text.toCharArray(), 0, text.length());
    }

    /** The array that holds what was written, from 0 to {@link #length}. */
    public byte[] array() {
        return buffer;
    }

    /** How many bytes were written since the last {@link #clear}. */
    public int length() {
        return length;
    }

    /** Forgets what was written. The array is kept, and its bytes stay as they are until something is written. */
    public void clear() {
        length = 0;
    }

    /** Forgets what was written, and gives the array back: it may not be read any more. */
    public void release() {
        length = 0;
        SpareArrays.give(buffer);
        buffer = EMPTY;
    }

    private void text(char[] text, int offset, int count) {
        ensure(count + 2);
        int to = offset + count;
        for (int at = offset; at < to; at++) {
            char c = text[at];
            if (c == '\n' || c == '\r') {
                if (c == '\r' && at + 1 < to && text[at + 1] == '\n') {
                    at++;
                }
                lineBreak();
            } else if (c < 0x80) {
                write(c);
            } else if (Character.isHighSurrogate(c) && at + 1 < to && Character.isLowSurrogate(text[at + 1])) {
                writeMultiByte(Character.toCodePoint(c, text[++at]));
            } else {
                writeMultiByte(c);
            }
        }
    }

    private void writeMultiByte(int point) {
        ensure(4);
        if (point < 0x800) {
            buffer[length++] = (byte) (0xC0 | (point >> 6));
            buffer[length++] = (byte) (0x80 | (point & 0x3F));
            return;
        }
        if (point >= Character.MIN_SUPPLEMENTARY_CODE_POINT) {
            buffer[length++] = (byte) (0xF0 | (point >> 18));
            buffer[length++] = (byte) (0x80 | ((point >> 12) & 0x3F));
            buffer[length++] = (byte) (0x80 | ((point >> 6) & 0x3F));
            buffer[length++] = (byte) (0x80 | (point & 0x3F));
            return;
        }
        int unit = Character.isSurrogate((char) point) ? 0xFFFD : point;
        buffer[length++] = (byte) (0xE0 | (unit >> 12));
        buffer[length++] = (byte) (0x80 | ((unit >> 6) & 0x3F));
        buffer[length++] = (byte) (0x80 | (unit & 0x3F));
    }

    private void ascii(String text) {
        ensure(text.length());
        for (int at = 0; at < text.length(); at++) {
            buffer[length++] = (byte) text.charAt(at);
        }
    }

    private void write(byte[] bytes) {
        ensure(bytes.length);
        System.arraycopy(bytes, 0, buffer, length, bytes.length);
        length += bytes.length;
    }

    private void write(char ascii) {
        ensure(1);
        buffer[length++] = (byte) ascii;
    }

    private void ensure(int more) {
        if (buffer.length - length < more) {
            byte[] before = buffer;
            buffer = SpareArrays.take(Math.max(length + length / 2, length + more));
            System.arraycopy(before, 0, buffer, 0, length);
            SpareArrays.give(before);
        }
    }
}
