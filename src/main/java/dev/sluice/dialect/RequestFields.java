package dev.sluice.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.chat.InvalidRequestException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;

/**
 * The top level of a request's body: the values and positions of the fields that Sluice uses. It validates only {@code
 * model}, {@code stream} and the fields that a dialect adds. It skips the values of other fields, whatever their size.
 * All positions are indexes into the array of the body. Used by one thread while it parses, and not changed after that.
 */
public class RequestFields {
    /** The limit of fields. Requests have about thirty, and each name is stored. */
    private static final int MOST_FIELDS = 1000;

    /** The limit of characters of a model's name, as in {@code /chat}. The name is written to logs and messages. */
    private static final int LONGEST_MODEL = 256;

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final int DECODED_AT_ONCE = 4096;

    private final String example;
    private final OutputFields output;
    private final Set<String> names = new HashSet<>();
    private final Set<String> duplicates = new HashSet<>();
    private Span body = new Span(0, 0);
    private int inside;
    private @Nullable String model;
    private @Nullable Span modelValue;
    private boolean modelInOtherCase;
    private boolean streamInOtherCase;
    private boolean streams;

    /** @param example a valid body, for error messages */
    protected RequestFields(String example) {
        this(example, OutputFields.Names.NONE);
    }

    /**
     * @param example a valid body, for error messages
     * @param output the names of the fields for the length of the answer
     */
    protected RequestFields(String example, OutputFields.Names output) {
        this.example = example;
        this.output = new OutputFields(output);
    }

    /**
     * Parses the top level of a body: one JSON object in UTF-8 (RFC 8259), with or without a byte order mark.
     *
     * @param json begins with the body
     * @param length the body's length in bytes
     * @throws InvalidRequestException a 400 that names the fault and its place, and never quotes a value
     */
    public static RequestFields of(byte[] json, int length) throws InvalidRequestException {
        return of(json, length, OutputFields.Names.NONE);
    }

    /**
     * The same, of a dialect whose requests say how long the answer may be.
     *
     * @param output the names of the fields for that
     */
    public static RequestFields of(byte[] json, int length, OutputFields.Names output) throws InvalidRequestException {
        RequestFields fields = new RequestFields("{\"model\": \"…\"}", output);
        fields.readBody(json, length);
        return fields;
    }

    /** Parses the body; see {@link #of}. Called once, before any other method. */
    protected final void readBody(byte[] json, int length) throws InvalidRequestException {
        body = new Span(startsWithMark(json, length) ? BYTE_ORDER_MARK.length : 0, length);
        requireText(json, body);
        try (JsonParser parser = Json.parser(json, body.from(), body.to() - body.from())) {
            readObject(parser);
        } catch (StreamConstraintsException e) {
            throw malformed("is nested too deeply, or holds a name or a number that is too long", e.getLocation());
        } catch (JacksonException e) {
            // The message of the exception quotes the body, so it is not used.
            throw malformed("is not valid JSON", e.getLocation());
        }
    }

    /**
     * Reads a field that the dialect knows. The parser is at its value before, and at the value's end after.
     *
     * @param again whether the body has had a field of that name before
     * @throws InvalidRequestException if the value is not valid in the dialect
     */
    protected void readField(String name, JsonParser parser, boolean again) throws InvalidRequestException {
        parser.skipChildren();
    }

    /**
     * Called before the length of the answer is limited.
     *
     * @throws InvalidRequestException if providers could find another number of prompts
     */
    protected void requireClearPrompts() throws InvalidRequestException {}

    /** The number of prompts, each of which gets its answers. */
    protected int prompts() {
        return 1;
    }

    protected static InvalidRequestException duplicate(String field) {
        return InvalidRequestException.badField("duplicate_field", field, "\"" + field + "\" is there more than once.");
    }

    /** The body without a byte order mark. */
    final Span body() {
        return body;
    }

    /** The index after the opening brace. */
    final int inside() {
        return inside;
    }

    protected final Set<String> names() {
        return names;
    }

    /** The names that occur more than once. */
    final Set<String> duplicates() {
        return duplicates;
    }

    final @Nullable String model() {
        return model;
    }

    /** The position of the value of {@code model}, which may be null; null if there is no such field. */
    final @Nullable Span modelValue() {
        return modelValue;
    }

    protected final boolean streams() {
        return streams;
    }

    /** The fields for the length of the answer. */
    final OutputFields output() {
        return output;
    }

    private void readObject(JsonParser parser) throws InvalidRequestException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw InvalidRequestException.badRequest(
                    "malformed_json", "The body must be a JSON object such as " + example + ".");
        }
        inside = behind(parser);
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            boolean known = !names.add(name);
            if (names.size() > MOST_FIELDS) {
                throw InvalidRequestException.badRequest(
                        "too_many_fields", "The body has more than " + MOST_FIELDS + " fields.");
            }
            if (known) {
                duplicates.add(name);
            }
            output.read(name, parser, this);
            modelInOtherCase |= name.equalsIgnoreCase("model") && !name.equals("model");
            streamInOtherCase |= name.equalsIgnoreCase("stream") && !name.equals("stream");
            switch (name) {
                case "model" -> readModel(parser, known);
                case "stream" -> streams = readBoolean("stream", parser, known);
                default -> readField(name, parser, known);
            }
        }
        if (parser.nextToken() != null) {
            throw malformed("is not valid JSON", parser.currentTokenLocation());
        }
        refuse(modelInOtherCase && modelValue != null, "model"); // some parsers ignore the case of names
        if (streamInOtherCase) { // such an upstream would answer in another way than is expected here
            throw invalid("stream", "written in lower case");
        }
    }

    private void readModel(JsonParser parser, boolean known) throws InvalidRequestException {
        refuse(known, "model");
        int from = start(parser);
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_STRING) {
            // The call for the length parses the string to its end.
            model = parser.getStringLength() <= LONGEST_MODEL ? parser.getString() : "";
        }
        boolean isName = model != null && !model.isBlank() && model.chars().noneMatch(Character::isISOControl);
        if (!isName && token != JsonToken.VALUE_NULL) {
            throw invalid(
                    "model",
                    "a name of 1 to " + LONGEST_MODEL + " characters, not blank and without control characters");
        }
        modelValue = new Span(from, behind(parser));
    }

    /** The value of a boolean field. JSON null counts as false. */
    protected static boolean readBoolean(String field, JsonParser parser, boolean known)
            throws InvalidRequestException {
        refuse(known, field);
        JsonToken token = parser.currentToken();
        if (!token.isBoolean() && token != JsonToken.VALUE_NULL) {
            throw invalid(field, "true or false");
        }
        return token == JsonToken.VALUE_TRUE;
    }

    /** Refuses a repeated field: Sluice could use one value and the upstream the other. */
    protected static void refuse(boolean known, String field) throws InvalidRequestException {
        if (known) {
            throw duplicate(field);
        }
    }

    /** The index of the current token's first byte. */
    protected final int start(JsonParser parser) {
        return body.from() + (int) parser.currentTokenLocation().getByteOffset();
    }

    /** The index after the current token, which was parsed to its end. */
    protected final int behind(JsonParser parser) {
        return body.from() + (int) parser.currentLocation().getByteOffset();
    }

    /** Refuses malformed UTF-8. Jackson accepts some malformed bytes, which an upstream might decode in another way. */
    private static void requireText(byte[] json, Span body) throws InvalidRequestException {
        CharsetDecoder decoder = UTF_8.newDecoder();
        ByteBuffer bytes = ByteBuffer.wrap(json, body.from(), body.to() - body.from());
        CharBuffer chars = CharBuffer.allocate(DECODED_AT_ONCE);
        CoderResult result;
        do {
            result = decoder.decode(bytes, chars.clear(), true);
        } while (result.isOverflow());
        if (result.isError()) {
            throw InvalidRequestException.badRequest("malformed_text", "The body is not valid UTF-8 text.");
        }
    }

    private static boolean startsWithMark(byte[] json, int length) {
        return length >= BYTE_ORDER_MARK.length
                && json[0] == BYTE_ORDER_MARK[0]
                && json[1] == BYTE_ORDER_MARK[1]
                && json[2] == BYTE_ORDER_MARK[2];
    }

    /** The failure of an invalid value. It does not quote the value, which may be a prompt in the wrong field. */
    protected static InvalidRequestException invalid(String field, String expected) {
        return InvalidRequestException.badField("invalid_value", field, "\"" + field + "\" must be " + expected + ".");
    }

    private static InvalidRequestException malformed(String how, @Nullable TokenStreamLocation where) {
        return InvalidRequestException.badRequest(
                "malformed_json",
                where == null
                        ? "The body " + how + "."
                        : "The body " + how + ": see line " + where.getLineNr() + ", column " + where.getColumnNr()
                                + ".");
    }
}
