package dev.sluice.sse;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one event, read line by line; and what outlives the event: the last {@code id}, and lines whose field the
 * standard does not know. Guarded by the thread that runs the stream.
 */
final class EventFields {
    private static final byte[] EMPTY = {};
    private static final byte[] DATA = ascii("data");
    private static final byte[] EVENT = ascii("event");
    private static final byte[] ID = ascii("id");
    private static final byte[] RETRY = ascii("retry");

    /** How nearly every line begins, as {@link EightBytes} shows it. */
    private static final long DATA_BLANK = EightBytes.at(ascii("data: \0\0"), 0);

    private static final int DATA_BLANK_LENGTH = 6;

    /** The most characters of unknown fields that are kept, about: error messages quote fewer. */
    private static final int MOST_UNKNOWN = 4096;

    /** The longest type, in bytes, that is kept for the next event. */
    private static final int LONGEST_KEPT_TYPE = 100;

    private final int maxEventBytes;

    private int dataLines;
    private byte[] data = EMPTY; // once the event is whole
    private int dataOffset; // in `data`; until the event is whole, from the event's beginning
    private int dataLength;
    private byte[] joined = EMPTY; // the data of several lines, with a LF between them
    private @Nullable String type;
    private byte[] keptType = EMPTY; // the bytes of keptTypeText: the events of one answer have few types
    private String keptTypeText = "";
    private String lastEventId = "";
    private String unknown = "";

    EventFields(int maxEventBytes) {
        this.maxEventBytes = maxEventBytes;
    }

    /**
     * Reads one line, which is not blank.
     *
     * @param event where the event begins in {@code bytes}
     * @param from where the line begins
     * @param to where it ends, without its line end
     */
    void read(byte[] bytes, int event, int from, int to) {
        if (to - from >= 8 && EightBytes.firstOf(DATA_BLANK_LENGTH, EightBytes.at(bytes, from)) == DATA_BLANK) {
            addData(bytes, event, from + DATA_BLANK_LENGTH, to);
            return;
        }
        int colon = from;
        while (colon < to && bytes[colon] != ':') {
            colon++;
        }
        int value = Math.min(colon + 1, to);
        if (value < to && bytes[value] == ' ') {
            value++;
        }
        if (is(DATA, bytes, from, colon)) {
            addData(bytes, event, value, to);
        } else if (is(EVENT, bytes, from, colon)) {
            type = typeIn(bytes, value, to);
        } else if (is(ID, bytes, from, colon)) {
            lastEventId = hasNul(bytes, value, to) ? lastEventId : text(bytes, value, to);
        } else if (colon > from && !is(RETRY, bytes, from, colon)) {
            addUnknown(bytes, from, to);
        }
    }

    /** Whether any line read since {@link #clear} had a meaning for the event. */
    boolean isAny() {
        return dataLines > 0 || type != null;
    }

    /** Whether any line read since {@link #clear} was data. An event without data is none. */
    boolean hasData() {
        return dataLines > 0;
    }

    /**
     * The event, which has data, is whole: from now on the data can be read.
     *
     * @param bytes the array in which its lines lie
     * @param event where it begins there
     * @param mayBeMalformed whether it may hold what is not UTF-8
     */
    void end(byte[] bytes, int event, boolean mayBeMalformed) {
        if (dataLines == 1) {
            data = bytes;
            dataOffset += event;
        } else {
            data = joined;
            dataOffset = 0;
        }
        byte[] mended = mayBeMalformed ? Utf8.mend(data, dataOffset, dataOffset + dataLength) : null;
        if (mended != null) {
            data = mended;
            dataOffset = 0;
            dataLength = mended.length;
        }
    }

    /** Forgets the event, for the next one. */
    void clear() {
        dataLines = 0;
        data = EMPTY;
        dataOffset = 0;
        dataLength = 0;
        joined = EMPTY;
        type = null;
    }

    byte[] data() {
        return data;
    }

    int dataOffset() {
        return dataOffset;
    }

    int dataLength() {
        return dataLength;
    }

    @Nullable
    String type() {
        return type;
    }

    String lastEventId() {
        return lastEventId;
    }

    /** The lines so far whose field the standard does not know, without those that came after many others. */
    String unknown() {
        return unknown;
    }

    /** How many bytes are held beside those that were fed. */
    int joinedBytes() {
        return joined.length;
    }

    /** One line of data is read where it lies; only several are copied, to join them. */
    private void addData(byte[] bytes, int event, int from, int to) {
        dataLines++;
        if (dataLines == 1) {
            dataOffset = from - event; // relative, because the bytes of a pending event may be moved
            dataLength = to - from;
            return;
        }
        int length = dataLength + 1 + (to - from);
        if (joined.length < length) {
            byte[] larger = new byte[Math.max(length, Math.min(2 * length, maxEventBytes))];
            System.arraycopy(joined, 0, larger, 0, dataLines == 2 ? 0 : dataLength);
            joined = larger;
        }
        if (dataLines == 2) {
            System.arraycopy(bytes, event + dataOffset, joined, 0, dataLength);
        }
        joined[dataLength] = '\n';
        System.arraycopy(bytes, from, joined, dataLength + 1, to - from);
        dataLength = length;
    }

    /** The type in these bytes. An event with the same type as the one before makes no new string. */
    private String typeIn(byte[] bytes, int from, int to) {
        if (is(keptType, bytes, from, to)) {
            return keptTypeText;
        }
        String text = text(bytes, from, to);
        if (to - from <= LONGEST_KEPT_TYPE) {
            keptType = Arrays.copyOfRange(bytes, from, to);
            keptTypeText = text;
        }
        return text;
    }

    private void addUnknown(byte[] bytes, int from, int to) {
        if (unknown.length() < MOST_UNKNOWN) {
            String line = text(bytes, from, Math.min(to, from + MOST_UNKNOWN));
            unknown = unknown.isEmpty() ? line : unknown + '\n' + line;
        }
    }

    private static boolean is(byte[] name, byte[] bytes, int from, int to) {
        return Arrays.equals(name, 0, name.length, bytes, from, to);
    }

    private static boolean hasNul(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == 0) {
                return true;
            }
        }
        return false;
    }

    private static String text(byte[] bytes, int from, int to) {
        byte[] mended = Utf8.mend(bytes, from, to);
        return mended == null
                ? new String(bytes, from, to - from, StandardCharsets.UTF_8)
                : new String(mended, StandardCharsets.UTF_8);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
