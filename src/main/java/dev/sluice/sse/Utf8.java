package dev.sluice.sse;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/** Replaces malformed UTF-8 as a decoder by the WHATWG Encoding Standard, section 8.1.1, would. */
final class Utf8 {
    private static final byte[] REPLACEMENT = {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD};

    private Utf8() {}

    /**
     * Puts U+FFFD in the place of each malformed sequence.
     *
     * @return the bytes, or null if none is malformed, which is the usual case and allocates nothing
     */
    static byte @Nullable [] mend(byte[] bytes, int from, int to) {
        ByteArrayOutputStream mended = null;
        int kept = from; // the bytes before it are in `mended`, once that exists
        int at = from;
        while (at < to) {
            int length = sequenceLength(bytes, at, to);
            if (length > 0) {
                at += length;
                continue;
            }
            if (mended == null) {
                mended = new ByteArrayOutputStream(to - from + 16);
            }
            mended.write(bytes, kept, at - kept);
            mended.writeBytes(REPLACEMENT);
            at -= length;
            kept = at;
        }
        if (mended == null) {
            return null;
        }
        mended.write(bytes, kept, to - kept);
        return mended.toByteArray();
    }

    /** The length of the character at {@code at}; or, negative, of the malformed sequence that one U+FFFD replaces. */
    private static int sequenceLength(byte[] bytes, int at, int to) {
        int first = bytes[at];
        if (first >= 0) {
            return 1;
        }
        first &= 0xFF;
        // The second byte's bounds depend on the first: no overlong form, no surrogate, nothing above U+10FFFF.
        int lower = 0x80;
        int upper = 0xBF;
        int needed;
        if (first >= 0xC2 && first <= 0xDF) {
            needed = 1;
        } else if (first >= 0xE0 && first <= 0xEF) {
            needed = 2;
            lower = first == 0xE0 ? 0xA0 : lower;
            upper = first == 0xED ? 0x9F : upper;
        } else if (first >= 0xF0 && first <= 0xF4) {
            needed = 3;
            lower = first == 0xF0 ? 0x90 : lower;
            upper = first == 0xF4 ? 0x8F : upper;
        } else {
            return -1;
        }
        for (int seen = 1; seen <= needed; seen++) {
            int next = at + seen < to ? bytes[at + seen] & 0xFF : -1;
            if (next < lower || next > upper) {
                return -seen;
            }
            lower = 0x80;
            upper = 0xBF;
        }
        return needed + 1;
    }
}
