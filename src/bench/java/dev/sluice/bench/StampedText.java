package dev.sluice.bench;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The event of a token that contains the time of its write, with a fixed length. The upstream writes it, and the client
 * reads the time. Immutable.
 */
final class StampedText {
    /** The digits of a time: nanoseconds of the monotonic clock, enough for thirty years after the machine's start. */
    private static final int DIGITS = 18;

    private static final String STAMP = "@" + "#".repeat(DIGITS);

    private final byte[] event;
    private final int numbersAt;
    private final int stampAt;

    private StampedText(String event) {
        this.event = event.getBytes(StandardCharsets.US_ASCII);
        numbersAt = event.indexOf(StreamText.MARK);
        stampAt = event.indexOf(STAMP) + 1;
    }

    /** @param event the event of a token, with {@link StreamText#MARK} before the place of the time */
    static StampedText of(String event) {
        return new StampedText(withRoom(event));
    }

    /** The event with room for the time, without HTTP's framing. */
    static String withRoom(String event) {
        return event.contains(STAMP) ? event : event.replace(StreamText.MARK, StreamText.MARK + STAMP);
    }

    int length() {
        return event.length;
    }

    /** Writes the event of a token at this index. */
    void put(int stream, int token, long nanos, byte[] to, int at) {
        System.arraycopy(event, 0, to, at, event.length);
        number(stream, to, at + numbersAt, StreamText.STREAM_DIGITS);
        number(token, to, at + numbersAt + StreamText.STREAM_DIGITS + 1, StreamText.TOKEN_DIGITS);
        to[at + numbersAt + StreamText.STREAM_DIGITS] = '.';
        number(nanos, to, at + stampAt, DIGITS);
    }

    /** The time at which the token was written; -1 if these bytes are not its event. */
    long stamp(int stream, int token, byte[] bytes) {
        long stamp = parsed(bytes, stampAt, DIGITS);
        byte[] expected = new byte[event.length];
        put(stream, token, Math.max(0, stamp), expected, 0);
        return Arrays.equals(expected, 0, event.length, bytes, 0, event.length) ? stamp : -1;
    }

    private static long parsed(byte[] bytes, int at, int digits) {
        long value = 0;
        for (int i = at; i < at + digits; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    private static void number(long number, byte[] to, int at, int digits) {
        long rest = number;
        for (int place = at + digits - 1; place >= at; place--) {
            to[place] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }
}
