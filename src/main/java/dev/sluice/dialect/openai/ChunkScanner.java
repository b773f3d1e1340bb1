package dev.sluice.dialect.openai;

import static dev.sluice.dialect.JsonBytes.blank;
import static dev.sluice.dialect.JsonBytes.hasEscape;
import static dev.sluice.dialect.JsonBytes.is;
import static dev.sluice.dialect.JsonBytes.string;

import dev.sluice.dialect.Frame;
import dev.sluice.dialect.JsonScanner;
import dev.sluice.dialect.JsonText;

/**
 * Finds out what most chunks of a streamed completion are, and where their text is, without a parser: it compares a chunk
 * with the one before, or else scans its bytes once. It allocates nothing. A chunk that it does not recognize with
 * certainty is {@link Kind#UNKNOWN}, and has to be parsed by the {@link ChunkReader}: it may hold more than a piece of the
 * answer, or be malformed. For all other chunks the reader would find the same, with one exception: here an audio, and a
 * list of parts without text, count as pieces of the answer.
 *
 * <p>One instance serves one stream. Two threads must not use it at once.
 */
public final class ChunkScanner extends JsonScanner<ChunkScanner.ObjectKind> {
    /** What a chunk contains. */
    public enum Kind {
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

    /** The objects whose members matter. */
    enum ObjectKind {
        EVENT,
        CHOICE,
        DELTA
    }

    /**
     * The size limit in bytes of an event to scan. The reader refuses very long strings and numbers, but only beyond a
     * multiple of this.
     */
    private static final int LONGEST_EVENT = 1 << 24;

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
    private Kind said = Kind.LIFE; // what has been found so far
    private int textOffset;
    private int textEnd;
    private boolean found; // the field that has the choice's piece
    private int otherOffset; // of the last string in the event's outermost object whose value does not matter
    private int otherEnd;

    /** The last event that was only text, and its kind. Guarded likewise. */
    private final Frame frame = new Frame();

    private Kind framed = Kind.UNKNOWN;

    /** For events of chat completions. */
    public ChunkScanner() {
        this(ChunkForm.CHAT);
    }

    ChunkScanner(ChunkForm form) {
        this.form = form;
    }

    /**
     * The kind of one event. Its SSE type ({@code event: error}) is not in its data, so the caller has to check that.
     *
     * @param data has the event's {@code data} field as valid UTF-8; neither kept nor changed
     * @param offset the index of the field's first byte
     * @param length the field's length in bytes
     */
    public Kind kind(byte[] data, int offset, int length) {
        if (length > LONGEST_EVENT) {
            return Kind.UNKNOWN;
        }
        int end = offset + length;
        if (frame.fits(data, offset, end)) {
            textOffset = frame.textOffset();
            textEnd = frame.textEnd();
            return framed;
        }
        Kind kind = scan(data, offset, end);
        if (kind == Kind.CONTENT || kind == Kind.REASONING) {
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

    private Kind scan(byte[] data, int offset, int end) {
        int start = blank(data, offset, end);
        if (start == end) {
            return Kind.LIFE;
        }
        if (data[start] != '{') {
            return Kind.UNKNOWN;
        }
        said = Kind.LIFE;
        found = false;
        otherOffset = UNSURE;
        int behind = object(ObjectKind.EVENT, data, start, end, 0);
        return behind != UNSURE && found && blank(data, behind, end) == end ? said : Kind.UNKNOWN;
    }

    // ---- The fields of the dialect.

    @Override
    protected int member(ObjectKind object, byte[] data, int name, int nameEnd, int at, int end, int depth) {
        return switch (object) {
            case EVENT -> memberOfEvent(data, name, nameEnd, at, end, depth);
            case CHOICE -> memberOfChoice(data, name, nameEnd, at, end, depth);
            case DELTA -> memberOfDelta(data, name, nameEnd, at, end, depth);
        };
    }

    private int memberOfEvent(byte[] data, int name, int nameEnd, int at, int end, int depth) {
        if (is(CHOICES, data, name, nameEnd)) {
            return choices(data, at, end, depth);
        }
        if (is(ERROR, data, name, nameEnd) || is(USAGE, data, name, nameEnd) || is(GROQ, data, name, nameEnd)) {
            return absent(data, at, end);
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
        int choice = object(ObjectKind.CHOICE, data, first, end, depth + 1);
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
                return text(Kind.CONTENT, data, at, end);
            }
            return data[at] == '{' ? object(ObjectKind.DELTA, data, at, end, depth) : absent(data, at, end);
        }
        if (is(INDEX, data, name, nameEnd)) {
            return data[at] == '0' ? at + 1 : absent(data, at, end);
        }
        if (is(FINISH_REASON, data, name, nameEnd)) {
            // Some servers send "" until the choice is complete.
            return data[at] == '"' && at + 1 < end && data[at + 1] == '"' ? at + 2 : absent(data, at, end);
        }
        if (is(USAGE, data, name, nameEnd) || is(ERROR, data, name, nameEnd)) {
            return absent(data, at, end);
        }
        return value(data, at, end, depth);
    }

    private int memberOfDelta(byte[] data, int name, int nameEnd, int at, int end, int depth) {
        if (is(CONTENT, data, name, nameEnd)) {
            return data[at] == '[' ? list(data, at, end, depth) : text(Kind.CONTENT, data, at, end);
        }
        if (is(REASONING_CONTENT, data, name, nameEnd) || is(REASONING, data, name, nameEnd)) {
            return text(Kind.REASONING, data, at, end);
        }
        if (is(REFUSAL, data, name, nameEnd)) {
            return text(Kind.CONTENT, data, at, end);
        }
        if (is(TOOL_CALLS, data, name, nameEnd)) {
            return data[at] == '[' ? list(data, at, end, depth) : absent(data, at, end);
        }
        if (is(FUNCTION_CALL, data, name, nameEnd) || is(AUDIO, data, name, nameEnd)) {
            if (data[at] != '{') {
                return absent(data, at, end);
            }
            said = Kind.TOKEN;
            return value(data, at, end, depth);
        }
        return value(data, at, end, depth);
    }

    /** A string or null. A string that is not empty is a piece of the answer. */
    private int text(Kind what, byte[] data, int at, int end) {
        if (data[at] != '"') {
            return absent(data, at, end);
        }
        int behind = string(data, at, end);
        if (behind > at + 2) {
            said = said == Kind.LIFE ? what : Kind.TOKEN;
            textOffset = at + 1;
            textEnd = behind - 1;
        }
        return behind;
    }

    /** A list. One that is not empty is a piece of the answer. */
    private int list(byte[] data, int at, int end, int depth) {
        int behind = value(data, at, end, depth);
        if (behind != UNSURE && data[blank(data, at + 1, end)] != ']') {
            said = Kind.TOKEN;
        }
        return behind;
    }
}
