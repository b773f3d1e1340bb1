package dev.sluice.dialect;

import dev.sluice.chat.Usage;
import java.io.ByteArrayOutputStream;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.async.ByteArrayFeeder;

/**
 * Parses one JSON answer while it passes, in pieces of any size: what kind of answer it is, its {@code usage}, and
 * whether it is complete. It never holds more of the answer than the beginning of one string, or one number, and the
 * {@code usage}. It stops at malformed JSON.
 *
 * <p>Guarded by the one thread that runs the stream.
 */
public final class AnswerReader {
    /** What an answer is, by its first field. */
    public enum AnswerKind {
        /** Too little of it has been received. */
        UNKNOWN,
        /** A completion. */
        COMPLETION,
        /** An error. Some providers send errors with status 200. */
        ERROR
    }

    /** The fields of an error. In a completion, none of them comes first. */
    private static final Set<String> OF_ERRORS =
            Set.of("error", "code", "message", "type", "param", "detail", "status");

    private static final int MOST_USAGE = 16 * 1024;

    private final JsonParser parser = Json.FACTORY.createNonBlockingByteArrayParser(ObjectReadContext.empty());
    private final ByteArrayFeeder feeder = (ByteArrayFeeder) parser.nonBlockingInputFeeder();
    private final StringCutter cutter = new StringCutter();
    private final UsageReader usageReader;
    private AnswerKind kind = AnswerKind.UNKNOWN;
    private int depth;
    private String field = ""; // the latest one of the outermost object
    private boolean unreadable;
    private boolean closed; // whether the outermost object has ended
    private long fed;
    private long usageFrom = -1; // the position of its first byte while it is being read; else -1
    private final ByteArrayOutputStream usageBytes = new ByteArrayOutputStream(0);
    private @Nullable Usage usage;
    private @Nullable String status;

    /** @param usageReader parses the {@code usage} */
    public AnswerReader(UsageReader usageReader) {
        this.usageReader = usageReader;
    }

    /** Parses the next piece. Keeps no reference to the array. */
    public void feed(byte[] bytes, int offset, int length) {
        int end = offset + length;
        for (int at = offset; at < end; ) {
            int from = cutter.skip(bytes, at, end);
            at = cutter.take(bytes, from, end);
            parse(bytes, from, at - from);
        }
    }

    private void parse(byte[] bytes, int offset, int length) {
        if (unreadable || length == 0) {
            return;
        }
        try {
            feeder.feedInput(bytes, offset, offset + length);
            long base = fed;
            fed += length;
            for (JsonToken token = parser.nextToken();
                    token != null && token != JsonToken.NOT_AVAILABLE;
                    token = parser.nextToken()) {
                take(token, bytes, offset, base);
            }
            if (usageFrom >= 0) {
                keep(bytes, offset, base, fed);
            }
        } catch (JacksonException e) {
            unreadable = true;
            kind = AnswerKind.COMPLETION;
        }
    }

    /** What the answer is, as far as it has been received. */
    public AnswerKind kind() {
        return kind;
    }

    /** Whether the answer is complete. An answer that cannot be parsed counts as complete. */
    public boolean isWhole() {
        return closed || unreadable;
    }

    /** The {@code usage}; null if the answer has none. */
    public @Nullable Usage usage() {
        return usage;
    }

    /** The text of the outermost object's {@code status}, cut if it is very long; null if it has none. */
    public @Nullable String status() {
        return status;
    }

    private void take(JsonToken token, byte[] bytes, int offset, long base) {
        switch (token) {
            case START_OBJECT, START_ARRAY -> {
                depth++;
                if (depth == 2 && field.equals("usage") && token == JsonToken.START_OBJECT) {
                    usageFrom = position() - 1;
                }
            }
            case END_OBJECT, END_ARRAY -> {
                depth--;
                closed = depth == 0;
                if (depth == 1 && usageFrom >= 0) {
                    keep(bytes, offset, base, position());
                    usageFrom = -1;
                    readUsage();
                }
            }
            case PROPERTY_NAME -> {
                if (depth == 1) {
                    field = parser.currentName();
                    // Errors of old vLLM begin with {"object":"error". The value of "object" decides.
                    if (kind == AnswerKind.UNKNOWN && !field.equals("object")) {
                        kind = OF_ERRORS.contains(field) ? AnswerKind.ERROR : AnswerKind.COMPLETION;
                    }
                }
            }
            case VALUE_STRING -> {
                if (depth == 1 && field.equals("status")) {
                    status = parser.getString();
                }
                if (depth == 1 && kind == AnswerKind.UNKNOWN) {
                    kind = parser.getString().equals("error") ? AnswerKind.ERROR : AnswerKind.COMPLETION;
                }
            }
            default -> {}
        }
    }

    /** The position among all bytes that were parsed, after the current token. */
    private long position() {
        return parser.currentLocation().getByteOffset();
    }

    /** Copies those of these bytes that belong to the usage. It ends at position {@code to} of what was parsed. */
    private void keep(byte[] bytes, int offset, long base, long to) {
        long from = Math.max(usageFrom, base);
        if (usageBytes.size() + (to - from) <= MOST_USAGE) {
            usageBytes.write(bytes, offset + (int) (from - base), (int) (to - from));
        }
    }

    private void readUsage() {
        byte[] object = usageBytes.toByteArray();
        usageBytes.reset();
        try (JsonParser again = Json.parser(object, 0, object.length)) {
            again.nextToken();
            usage = usageReader.read(again, object, 0);
        } catch (JacksonException cutShort) {
            // It was longer than the limit, so only a part of it was copied.
        }
    }
}
