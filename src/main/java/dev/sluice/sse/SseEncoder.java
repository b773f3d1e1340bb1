package dev.sluice.sse;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes Server-Sent Events, as the WHATWG HTML Standard, section 9.2, has them read, into a buffer that grows to what
 * it holds. Text with line breaks becomes several {@code data} lines; a CR or CRLF in it is read as LF. What cannot be
 * UTF-8 (an unpaired surrogate) becomes U+FFFD.
 *
 * <p>Whoever sends the bytes takes them from {@link #array} and must not let them be written over before they are sent:
 * {@link #clear} only then. Not safe for use by several threads at once.
 */
public final class SseEncoder {
    private static final byte[] EMPTY = {};
    private static final byte[] DATA = ascii("data: ");
    private static final byte[] EVENT = ascii("event: ");
    private static final int SMALLEST = 512;
    private static final int KEPT_WHEN_CLEARED = 4096;

    // Both guarded by whoever runs the stream: one thread at a time.
    private byte[] buffer = EMPTY;
    private int length;

    /** Writes one whole event of the given type, which must be ASCII without line breaks. */
    public void event(String type, char[] text, int offset, int count) {
        write(EVENT);
        write(ascii(type));
        write('\n');
        event(text, offset, count);
    }

    /** Writes one whole event of the given type, which must be ASCII without line breaks. */
    public void event(String type, String text) {
        event(type, text.toCharArray(), 0, text.length());
    }

    /** Writes one whole event without a type. */
    public void event(char[] text, int offset, int count) {
        ensure(count + DATA.length + 2);
        write(DATA);
        int to = offset + count;
        for (int at = offset; at < to; at++) {
            char c = text[at];
            if (c == '\n' || c == '\r') {
                if (c == '\r' && at + 1 < to && text[at + 1] == '\n') {
                    at++;
                }
                write('\n');
                write(DATA);
            } else if (c < 0x80) {
                write(c);
            } else {
                at += writeMultiByte(c, at + 1 < to ? text[at + 1] : 0);
            }
        }
        write('\n');
        write('\n');
    }

    /**
     * Writes a comment, which no client sees. There is no blank line after it: some clients would take that for the end
     * of an event.
     */
    public void comment(String ascii) {
        write(':');
        write(' ');
        write(ascii(ascii));
        write('\n');
    }

    /** Writes bytes as they are. */
    public void bytes(byte[] bytes) {
        write(bytes);
    }

    /** Writes bytes as they are. */
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

    /** Forgets what was written. */
    public void clear() {
        length = 0;
        if (buffer.length > KEPT_WHEN_CLEARED) {
            buffer = EMPTY;
        }
    }

    /** @return how many characters it took beyond the first: 1 for a surrogate pair */
    private int writeMultiByte(char c, char next) {
        ensure(4);
        if (c < 0x800) {
            buffer[length++] = (byte) (0xC0 | (c >> 6));
            buffer[length++] = (byte) (0x80 | (c & 0x3F));
            return 0;
        }
        if (Character.isHighSurrogate(c) && Character.isLowSurrogate(next)) {
            int point = Character.toCodePoint(c, next);
            buffer[length++] = (byte) (0xF0 | (point >> 18));
            buffer[length++] = (byte) (0x80 | ((point >> 12) & 0x3F));
            buffer[length++] = (byte) (0x80 | ((point >> 6) & 0x3F));
            buffer[length++] = (byte) (0x80 | (point & 0x3F));
            return 1;
        }
        char d = Character.isSurrogate(c) ? '\uFFFD' : c;
        buffer[length++] = (byte) (0xE0 | (d >> 12));
        buffer[length++] = (byte) (0x80 | ((d >> 6) & 0x3F));
        buffer[length++] = (byte) (0x80 | (d & 0x3F));
        return 0;
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
            buffer = Arrays.copyOf(buffer, Math.max(Math.max(SMALLEST, 2 * length), length + more));
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
