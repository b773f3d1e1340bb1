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
 * Reads along as one JSON answer passes, in any pieces: how it opens, what it cost, and whether it is whole. It never
 * holds more than one string or number of it, and its {@code usage}; an answer that it cannot read, or with a string of
 * more than a million characters, it leaves alone.
 *
 * <p>Guarded by the one thread that runs the stream.
 */
public final class AnswerReader {
    /** How an answer opens. */
    public enum Opening {
        /** Too little of it has come. */
        UNKNOWN,
        /** As a completion does. */
        COMPLETION,
        /** As providers' errors do, which some send with status 200. */
        ERROR
    }

    /** A completion has none of these before its first own field. */
    private static final Set<String> OF_ERRORS =
            Set.of("error", "code", "message", "type", "param", "detail", "status");

    private static final int MOST_USAGE = 16 * 1024;

    private final JsonParser parser = Json.ALONG.createNonBlockingByteArrayParser(ObjectReadContext.empty());
    private final ByteArrayFeeder feeder = (ByteArrayFeeder) parser.nonBlockingInputFeeder();
    private final UsageReader usageReader;
    private Opening opening = Opening.UNKNOWN;
    private int depth;
    private String field = ""; // of the outermost object
    private boolean unreadable;
    private boolean closed; // the outermost object
    private long fed;
    private long usageFrom = -1; // where it begins, while it is read
    private final ByteArrayOutputStream usageBytes = new ByteArrayOutputStream(0);
    private @Nullable Usage usage;

    /** @param usageReader reads the answer's {@code usage} */
    public AnswerReader(UsageReader usageReader) {
        this.usageReader = usageReader;
    }

    /** Reads on; keeps no reference to the array. */
    public void feed(byte[] bytes, int offset, int length) {
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
            unreadable = true; // or too long a string to be worth it
            opening = Opening.COMPLETION;
        }
    }

    /** How it opens, as far as it was fed. */
    public Opening opening() {
        return opening;
    }

    /** Whether it ends where it should; an answer that cannot be read is believed to. */
    public boolean isWhole() {
        return closed || unreadable;
    }

    /** What it cost, if that was said. */
    public @Nullable Usage usage() {
        return usage;
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
                    // Old vLLM's errors begin {"object":"error": its value decides.
                    if (opening == Opening.UNKNOWN && !field.equals("object")) {
                        opening = OF_ERRORS.contains(field) ? Opening.ERROR : Opening.COMPLETION;
                    }
                }
            }
            case VALUE_STRING -> {
                if (depth == 1 && opening == Opening.UNKNOWN) {
                    opening = parser.getString().equals("error") ? Opening.ERROR : Opening.COMPLETION;
                }
            }
            default -> {}
        }
    }

    /** Where the parser is in the whole answer, behind the token that it has just read. */
    private long position() {
        return parser.currentLocation().getByteOffset();
    }

    /** Keeps what these bytes hold of the usage, up to {@code to} in the whole answer. */
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
            // There was more of it than is worth keeping.
        }
    }
}
