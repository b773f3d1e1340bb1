package dev.sluice.dialect.responses;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/**
 * The beginning of an event that is longer than the limit, as its provider has sent it. Immutable.
 *
 * @param named the type in its {@code event} field; empty if that has not come
 * @param data the index at which its data begins; the end of the beginning if that has not come
 */
record LongEvent(String named, int data) {
    private static final byte[] EVENT = "event:".getBytes(US_ASCII);
    private static final byte[] DATA = "data:".getBytes(US_ASCII);

    static LongEvent at(byte[] wire, int offset, int end) {
        String named = "";
        for (int line = offset; line < end; ) {
            int lineEnd = lineEnd(wire, line, end);
            if (beginsWith(DATA, wire, line, lineEnd)) {
                return new LongEvent(named, line + DATA.length);
            }
            if (beginsWith(EVENT, wire, line, lineEnd)) {
                int value = line + EVENT.length;
                named = new String(wire, value, lineEnd - value, UTF_8).strip();
            }
            line = lineEnd + 1;
        }
        return new LongEvent(named, end);
    }

    private static int lineEnd(byte[] wire, int from, int end) {
        int at = from;
        while (at < end && wire[at] != '\n' && wire[at] != '\r') {
            at++;
        }
        return at;
    }

    private static boolean beginsWith(byte[] prefix, byte[] wire, int from, int end) {
        return end - from >= prefix.length && Arrays.equals(prefix, 0, prefix.length, wire, from, from + prefix.length);
    }
}
