package dev.sluice.dialect.openai;

import static dev.sluice.dialect.JsonBytes.blank;
import static dev.sluice.dialect.JsonBytes.hasEscape;
import static dev.sluice.dialect.JsonBytes.is;
import static dev.sluice.dialect.JsonBytes.number;
import static dev.sluice.dialect.JsonBytes.string;
import static dev.sluice.dialect.JsonBytes.word;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.dialect.Frame;
import dev.sluice.dialect.JsonBytes;
import dev.sluice.dialect.JsonText;

/**
 * Recognizes the kind of most events of a streamed completion, and the position of their text, without a parser: it
 * compares an event with the one before, or else scans its bytes once. It allocates nothing. An event that it does not
 * recognize with certainty is {@link EventKind#UNKNOWN} and has to be parsed by the {@link ChunkReader}: it may hold
 * more than a piece of the answer, or be malformed. For all other events, the reader would find the same, with one
 * exception: here an audio, and a list of parts without text, count as pieces of the answer.
 *
 * <p>The private methods take the index at which something should begin, and return the index after it, or {@link
 * #UNSURE}. They check the JSON strictly, because a missed quote would exchange what is within strings and what is not.
 *
 * <p>One instance serves one stream. Two threads must not use it at once.
 */
public final class EventGlance {
    /** What an event contains. */
    public enum EventKind {
        /** Nothing but a sign that the provider works: a role, an empty delta, a blank field. */
        LIFE,
        /** Only a piece of the text of choice 0. {@link #textOffset} is its position. */
        CONTENT,
        /** Only a piece of the reasoning of choice 0. {@link #textOffset} is its position. */
        REASONING,
        /** Only another piece of choice 0: of several texts, or of a tool call. */
        TOKEN,
        /** Anything else: a finish reason, an error, usage, several choices, or no chunk. It has to be parsed. */
        UNKNOWN
    }

    /** The object whose members are scanned. */
    private enum Place {
        EVENT,
        CHOICE,
        DELTA,
        ELSEWHERE
    }

    private static final int UNSURE = JsonBytes.NONE;

    /** The limit of nesting, which bounds the recursion. An ordinary event has six levels. */
    private static final int DEEPEST = 24;

    /**
     * The size limit in bytes of an event to scan. The reader refuses very long strings and numbers, but only beyond a
     * multiple of this.
     */
    private static final int LONGEST_EVENT = 1 << 24;

    private static final int LONGEST_NAME = 1_000;
    private static final int LONGEST_NUMBER = 100;

    private static final byte[] TRUE = bytes("true");
    private static final byte[] FALSE = bytes("false");
    private static final byte[] NULL = bytes("null");

    private static final byte[] CHOICES = bytes("choices");
    private static final byte[] OBJECT = bytes("object");
    private static final byte[] MESSAGE = bytes("message");
    private static final byte[] ERROR = bytes("error");
    private static final byte[] USAGE = bytes("usage");
    private static final byte[] GROQ = bytes("x_groq");
    private static final byte[] INDEX = bytes("index");
    private static final byte[] DELTA_NAME = bytes("delta");
    private static final byte[] TEXT_NAME = bytes("text");
    private static final byte[] FINISH_REASON = bytes("finish_reason");
    private static final byte[] CONTENT = bytes("content");
    private static final byte[] REFUSAL = bytes("refusal");
    private static final byte[] REASONING = bytes("reasoning");
    private static final byte[] REASONING_CONTENT = bytes("reasoning_content");
    private static final byte[] TOOL_CALLS = bytes("tool_calls");
    private static final byte[] FUNCTION_CALL = bytes("function_call");
    private static final byte[] AUDIO = bytes("audio");

    private final ChunkForm form;

    // The state of the current event. Guarded by the one thread that runs the stream.
    private EventKind said = EventKind.LIFE; // what has been found so far
    private int textOffset;
    private int textEnd;
    private boolean found; // the field that has the choice's piece
    private int otherOffset; // of the last string in the event's outermost object whose value does not matter
    private int otherEnd;

    /** The last event that was only text, and its kind. Guarded likewise. */
    private final Frame frame = new Frame();

    private EventKind framed = EventKind.UNKNOWN;

    /** For events of chat completions. */
    public EventGlance() {
        this(ChunkForm.CHAT);
    }

    EventGlance(ChunkForm form) {
        this.form = form;
    }

    /**
     * The kind of one event. Its SSE type ({@code event: error}) is not in its data, so the caller has to check that.
     *
     * @param data has the event's {@code data} field as valid UTF-8; neither kept nor changed
     * @param offset the index of the field's first byte
     * @param length the field's length in bytes
     */
    public EventKind at(byte[] data, int offset, int length) {
        if (length > LONGEST_EVENT) {
            return EventKind.UNKNOWN;
        }
        int end = offset + length;
        if (frame.fits(data, offset, end)) {
            textOffset = frame.textOffset();
            textEnd = frame.textEnd();
            return framed;
        }
        EventKind kind = look(data, offset, end);
        if (kind == EventKind.CONTENT || kind == EventKind.REASONING) {
            framed = kind;
            boolean other = otherOffset > textEnd;
            frame.keep(data, offset, end, textOffset, textEnd, other ? otherOffset : end, other ? otherEnd : end);
        }
        return kind;
    }

    /**
     * The index in the data of the text's first byte, after the opening quote. Valid after an event that was only text.
     */
    public int textOffset() {
        return textOffset;
    }

    /**
     * The index of the text's closing quote. The text is not empty, and still has the escapes of JSON; see {@link
     * JsonText}.
     */
    public int textEnd() {
        return textEnd;
    }

    private EventKind look(byte[] data, int offset, int end) {
        int start = blank(data, offset, end);
        if (start == end) {
            return EventKind.LIFE;
        }
        if (data[start] != '{') {
            return EventKind.UNKNOWN;
        }
        said = EventKind.LIFE;
        found = false;
        otherOffset = UNSURE;
        int behind = object(Place.EVENT, data, start, end, 0);
        return behind != UNSURE && found && blank(data, behind, end) == end ? said : EventKind.UNKNOWN;
    }

    // ---- The fields of the dialect.

    private int member(Place place, byte[] data, int name, int nameEnd, int at, int end, int depth) {
        if (at == end) {
            return UNSURE;
        }
        if (place == Place.ELSEWHERE) {
            return value(data, at, end, depth);
        }
        if (hasEscape(data, name, nameEnd)) {
            return UNSURE;
        }
        return switch (place) {
            case EVENT -> memberOfEvent(data, name, nameEnd, at, end, depth);
            case CHOICE -> memberOfChoice(data, name, nameEnd, at, end, depth);
            default -> memberOfDelta(data, name, nameEnd, at, end, depth);
        };
    }

    private int memberOfEvent(byte[] data, int name, int nameEnd, int at, int end, int depth) {
        if (is(CHOICES, data, name, nameEnd)) {
            return choices(data, at, end, depth);
        }
        if (is(ERROR, data, name, nameEnd) || is(USAGE, data, name, nameEnd) || is(GROQ, data, name, nameEnd)) {
            return word(NULL, data, at, end);
        }
        if (is(OBJECT, data, name, nameEnd)) {
            return harmlessType(data, at, end);
        }
        // It may be an error.
        if (is(MESSAGE, data, name, nameEnd) && (data[at] == '{' || data[at] == '[')) {
            return UNSURE;
        }
        int behind = value(data, at, end, depth);
        if (data[at] == '"') {
            otherOffset = at + 1;
            otherEnd = behind - 1;
        }
        return behind;
    }

    /** A value of "object". Errors of old vLLM have the value "error". */
    private int harmlessType(byte[] data, int at, int end) {
        int behind = data[at] == '"' ? string(data, at, end) : UNSURE;
        if (behind == UNSURE) {
            return UNSURE;
        }
        int close = behind - 1;
        return hasEscape(data, at + 1, close) || is(ERROR, data, at + 1, close) ? UNSURE : behind;
    }

    /** Exactly one choice. */
    private int choices(byte[] data, int at, int end, int depth) {
        int first = data[at] == '[' ? blank(data, at + 1, end) : end;
        if (first == end || data[first] != '{') {
            return UNSURE;
        }
        int choice = object(Place.CHOICE, data, first, end, depth + 1);
        if (choice == UNSURE) {
            return UNSURE;
        }
        int close = blank(data, choice, end);
        return close < end && data[close] == ']' ? close + 1 : UNSURE;
    }

    private int memberOfChoice(byte[] data, int name, int nameEnd, int at, int end, int depth) {
        if (is(form == ChunkForm.CHAT ? DELTA_NAME : TEXT_NAME, data, name, nameEnd)) {
            if (found) {
                return UNSURE; // there is a second one
            }
            found = true;
            if (form == ChunkForm.TEXT) {
                return text(EventKind.CONTENT, data, at, end);
            }
            return data[at] == '{' ? object(Place.DELTA, data, at, end, depth) : word(NULL, data, at, end);
        }
        if (is(INDEX, data, name, nameEnd)) {
            return data[at] == '0' ? at + 1 : word(NULL, data, at, end);
        }
        if (is(FINISH_REASON, data, name, nameEnd)) {
            // Some servers send "" until the choice is complete.
            return data[at] == '"' && at + 1 < end && data[at + 1] == '"' ? at + 2 : word(NULL, data, at, end);
        }
        if (is(USAGE, data, name, nameEnd) || is(ERROR, data, name, nameEnd)) {
            return word(NULL, data, at, end);
        }
        return value(data, at, end, depth);
    }

    private int memberOfDelta(byte[] data, int name, int nameEnd, int at, int end, int depth) {
        if (is(CONTENT, data, name, nameEnd)) {
            return data[at] == '[' ? list(data, at, end, depth) : text(EventKind.CONTENT, data, at, end);
        }
        if (is(REASONING_CONTENT, data, name, nameEnd) || is(REASONING, data, name, nameEnd)) {
            return text(EventKind.REASONING, data, at, end);
        }
        if (is(REFUSAL, data, name, nameEnd)) {
            return text(EventKind.CONTENT, data, at, end);
        }
        if (is(TOOL_CALLS, data, name, nameEnd)) {
            return data[at] == '[' ? list(data, at, end, depth) : word(NULL, data, at, end);
        }
        if (is(FUNCTION_CALL, data, name, nameEnd) || is(AUDIO, data, name, nameEnd)) {
            if (data[at] != '{') {
                return word(NULL, data, at, end);
            }
            said = EventKind.TOKEN;
            return value(data, at, end, depth);
        }
        return value(data, at, end, depth);
    }

    /** A string or null. A string that is not empty is a piece of the answer. */
    private int text(EventKind what, byte[] data, int at, int end) {
        if (data[at] != '"') {
            return word(NULL, data, at, end);
        }
        int behind = string(data, at, end);
        if (behind > at + 2) {
            said = said == EventKind.LIFE ? what : EventKind.TOKEN;
            textOffset = at + 1;
            textEnd = behind - 1;
        }
        return behind;
    }

    /** A list. One that is not empty is a piece of the answer. */
    private int list(byte[] data, int at, int end, int depth) {
        int behind = value(data, at, end, depth);
        if (behind != UNSURE && data[blank(data, at + 1, end)] != ']') {
            said = EventKind.TOKEN;
        }
        return behind;
    }

    // ---- JSON.

    private int value(byte[] data, int at, int end, int depth) {
        if (at == end) {
            return UNSURE;
        }
        return switch (data[at]) {
            case '{' -> object(Place.ELSEWHERE, data, at, end, depth);
            case '[' -> array(data, at, end, depth);
            case '"' -> string(data, at, end);
            case 't' -> word(TRUE, data, at, end);
            case 'f' -> word(FALSE, data, at, end);
            case 'n' -> word(NULL, data, at, end);
            default -> {
                int behind = number(data, at, end);
                yield behind - at > LONGEST_NUMBER ? UNSURE : behind;
            }
        };
    }

    private int object(Place place, byte[] data, int open, int end, int depth) {
        if (depth == DEEPEST) {
            return UNSURE;
        }
        int at = blank(data, open + 1, end);
        if (at < end && data[at] == '}') {
            return at + 1;
        }
        while (at < end && data[at] == '"') {
            int name = at + 1;
            int behindName = string(data, at, end);
            int colon = behindName == UNSURE ? end : blank(data, behindName, end);
            if (colon == end || data[colon] != ':' || behindName - name > LONGEST_NAME) {
                return UNSURE;
            }
            int value = blank(data, colon + 1, end);
            int member = member(place, data, name, behindName - 1, value, end, depth + 1);
            int behind = member == UNSURE ? end : blank(data, member, end);
            if (behind < end && data[behind] == '}') {
                return behind + 1;
            }
            if (behind == end || data[behind] != ',') {
                return UNSURE;
            }
            at = blank(data, behind + 1, end);
        }
        return UNSURE;
    }

    private int array(byte[] data, int open, int end, int depth) {
        if (depth == DEEPEST) {
            return UNSURE;
        }
        int at = blank(data, open + 1, end);
        if (at < end && data[at] == ']') {
            return at + 1;
        }
        while (at < end) {
            int element = value(data, at, end, depth + 1);
            int behind = element == UNSURE ? end : blank(data, element, end);
            if (behind < end && data[behind] == ']') {
                return behind + 1;
            }
            if (behind == end || data[behind] != ',') {
                return UNSURE;
            }
            at = blank(data, behind + 1, end);
        }
        return UNSURE;
    }

    private static byte[] bytes(String word) {
        return word.getBytes(US_ASCII);
    }
}
