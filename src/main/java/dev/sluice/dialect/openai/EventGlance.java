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
 * Sees at a glance what most events of a streamed completion mean, and where their text stands: by comparison with the
 * one before, or else in one pass over the bytes; without garbage. It is sure or it says so: an event that it does not
 * know well, that may hold more than a piece of the answer, or that is not plain JSON, needs the {@link ChunkReader}.
 * Whatever it is sure of, the reader would read the same, but that a sound and a list of parts without text count as
 * pieces of the answer here.
 *
 * <p>Inside, every step takes the index at which something should begin, and returns the index behind it, or
 * {@link #UNSURE}. The grammar is held to everywhere, for one quote overlooked would turn the JSON inside out.
 *
 * <p>One glance serves one stream. It is not safe for use by two threads at once.
 */
public final class EventGlance {
    /** What an event is for the stream's clocks, and for whoever watches over its end. */
    public enum Sight {
        /** Surely nothing but a sign of life: a role, an empty delta, a blank field. */
        LIFE,
        /** Surely a piece of the text with index 0, and nothing else: {@link #textOffset} shows it. */
        CONTENT,
        /** Surely a piece of what the model thinks, and nothing else: {@link #textOffset} shows it. */
        REASONING,
        /** Surely another piece of the answer with index 0, and nothing else: of several texts, or of a tool's call. */
        TOKEN,
        /** Anything: an end, an error, usage, several choices, or no chunk at all. It needs a closer look. */
        CLOSER
    }

    /** Whose members are being looked at. */
    private enum Place {
        EVENT,
        CHOICE,
        DELTA,
        ELSEWHERE
    }

    private static final int UNSURE = JsonBytes.NONE;

    /** Levels of nesting that a glance goes down, which bounds the recursion; an ordinary event has six. */
    private static final int DEEPEST = 24;

    /** Bytes. The reader refuses what is absurdly long, but not before a multiple of these. */
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
    private static final byte[] FINISH_REASON = bytes("finish_reason");
    private static final byte[] CONTENT = bytes("content");
    private static final byte[] REFUSAL = bytes("refusal");
    private static final byte[] REASONING = bytes("reasoning");
    private static final byte[] REASONING_CONTENT = bytes("reasoning_content");
    private static final byte[] TOOL_CALLS = bytes("tool_calls");
    private static final byte[] FUNCTION_CALL = bytes("function_call");
    private static final byte[] AUDIO = bytes("audio");

    // All of the event that is looked at. Guarded by the one thread that runs the stream.
    private Sight said = Sight.LIFE; // so far
    private int textOffset;
    private int textEnd;
    private boolean delta; // it was there
    private int otherOffset; // of the last string that the event itself has and that may be any
    private int otherEnd;

    /** Of the last event that was nothing but text, and what it was. Guarded likewise. */
    private final Frame frame = new Frame();

    private Sight framed = Sight.CLOSER;

    /**
     * Looks at one event. Its type ({@code event: error}) is not in its data: the caller minds it.
     *
     * @param data holds the event's {@code data} field as valid UTF-8; not kept, not changed
     * @param offset where the field begins
     * @param length its length in bytes
     */
    public Sight at(byte[] data, int offset, int length) {
        if (length > LONGEST_EVENT) {
            return Sight.CLOSER;
        }
        int end = offset + length;
        if (frame.fits(data, offset, end)) {
            textOffset = frame.textOffset();
            textEnd = frame.textEnd();
            return framed;
        }
        Sight sight = look(data, offset, end);
        if (sight == Sight.CONTENT || sight == Sight.REASONING) {
            framed = sight;
            boolean other = otherOffset > textEnd;
            frame.keep(data, offset, end, textOffset, textEnd, other ? otherOffset : end, other ? otherEnd : end);
        }
        return sight;
    }

    /** Where the text begins in the data, behind its quote, once an event was seen to be nothing but text. */
    public int textOffset() {
        return textOffset;
    }

    /** Where the text ends, at its quote. As JSON writes it, see {@link JsonText}; it is not empty. */
    public int textEnd() {
        return textEnd;
    }

    private Sight look(byte[] data, int offset, int end) {
        int start = blank(data, offset, end);
        if (start == end) {
            return Sight.LIFE;
        }
        if (data[start] != '{') {
            return Sight.CLOSER;
        }
        said = Sight.LIFE;
        delta = false;
        otherOffset = UNSURE;
        int behind = object(Place.EVENT, data, start, end, 0);
        return behind != UNSURE && delta && blank(data, behind, end) == end ? said : Sight.CLOSER;
    }

    // ---- what the dialect means

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
        // An error may hide in it.
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

    /** Old vLLM calls its errors so. */
    private int harmlessType(byte[] data, int at, int end) {
        int behind = data[at] == '"' ? string(data, at, end) : UNSURE;
        if (behind == UNSURE) {
            return UNSURE;
        }
        int close = behind - 1;
        return hasEscape(data, at + 1, close) || is(ERROR, data, at + 1, close) ? UNSURE : behind;
    }

    /** One choice and no other. */
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
        if (is(DELTA_NAME, data, name, nameEnd)) {
            if (delta) {
                return UNSURE; // twice: for the reader to judge
            }
            delta = true;
            return data[at] == '{' ? object(Place.DELTA, data, at, end, depth) : word(NULL, data, at, end);
        }
        if (is(INDEX, data, name, nameEnd)) {
            return data[at] == '0' ? at + 1 : word(NULL, data, at, end);
        }
        if (is(FINISH_REASON, data, name, nameEnd)) {
            // Some servers send "" until there is a reason.
            return data[at] == '"' && at + 1 < end && data[at + 1] == '"' ? at + 2 : word(NULL, data, at, end);
        }
        if (is(USAGE, data, name, nameEnd) || is(ERROR, data, name, nameEnd)) {
            return word(NULL, data, at, end);
        }
        return value(data, at, end, depth);
    }

    private int memberOfDelta(byte[] data, int name, int nameEnd, int at, int end, int depth) {
        if (is(CONTENT, data, name, nameEnd)) {
            return data[at] == '[' ? list(data, at, end, depth) : text(Sight.CONTENT, data, at, end);
        }
        if (is(REASONING_CONTENT, data, name, nameEnd) || is(REASONING, data, name, nameEnd)) {
            return text(Sight.REASONING, data, at, end);
        }
        if (is(REFUSAL, data, name, nameEnd)) {
            return text(Sight.CONTENT, data, at, end);
        }
        if (is(TOOL_CALLS, data, name, nameEnd)) {
            return data[at] == '[' ? list(data, at, end, depth) : word(NULL, data, at, end);
        }
        if (is(FUNCTION_CALL, data, name, nameEnd) || is(AUDIO, data, name, nameEnd)) {
            if (data[at] != '{') {
                return word(NULL, data, at, end);
            }
            said = Sight.TOKEN;
            return value(data, at, end, depth);
        }
        return value(data, at, end, depth);
    }

    /** A string, which says something unless it is empty, or null. */
    private int text(Sight what, byte[] data, int at, int end) {
        if (data[at] != '"') {
            return word(NULL, data, at, end);
        }
        int behind = string(data, at, end);
        if (behind > at + 2) {
            said = said == Sight.LIFE ? what : Sight.TOKEN;
            textOffset = at + 1;
            textEnd = behind - 1;
        }
        return behind;
    }

    /** A list, which says something unless it is empty. */
    private int list(byte[] data, int at, int end, int depth) {
        int behind = value(data, at, end, depth);
        if (behind != UNSURE && data[blank(data, at + 1, end)] != ']') {
            said = Sight.TOKEN;
        }
        return behind;
    }

    // ---- what JSON means

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
