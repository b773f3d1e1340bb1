package dev.sluice.dialect.openai;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.Json;
import dev.sluice.dialect.openai.CompletionBody.Span;
import dev.sluice.dialect.openai.CompletionBody.Splice;
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
 * The top level of a completion request's body: what the fields that matter to us say, and where they lie. All places
 * are indexes into the array that holds the body. Values of other fields are passed over where they lie, whatever their
 * size. Used by one thread while it reads, not changed after.
 */
final class CompletionFields {
    /** Requests have some thirty. Each name is kept. */
    private static final int MOST_FIELDS = 1000;

    /** As for {@code /chat}: a name that goes into logs and messages. */
    private static final int LONGEST_MODEL = 256;

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final int DECODED_AT_ONCE = 4096;

    private final Span body;
    private final Set<String> names = new HashSet<>();
    private final Set<String> duplicates = new HashSet<>();
    private int inside;
    private @Nullable String model;
    private @Nullable Span modelValue;
    private boolean streams;
    private boolean wantsUsage;
    private int choices = 1;
    private @Nullable Splice usage;

    private CompletionFields(Span body) {
        this.body = body;
    }

    static CompletionFields read(byte[] json, int length) throws InvalidRequestException {
        Span body = new Span(startsWithMark(json, length) ? BYTE_ORDER_MARK.length : 0, length);
        requireText(json, body);
        CompletionFields fields = new CompletionFields(body);
        try (JsonParser parser = Json.parser(json, body.from(), body.to() - body.from())) {
            fields.readObject(parser);
        } catch (StreamConstraintsException e) {
            throw malformed("is nested too deeply, or holds a name or a number that is too long", e.getLocation());
        } catch (JacksonException e) {
            // Its message quotes the body.
            throw malformed("is not valid JSON", e.getLocation());
        }
        return fields;
    }

    static InvalidRequestException duplicate(String field) {
        return InvalidRequestException.badField("duplicate_field", field, "\"" + field + "\" is there more than once.");
    }

    /** All of the body but a byte order mark. */
    Span body() {
        return body;
    }

    /** Right behind the opening brace. */
    int inside() {
        return inside;
    }

    Set<String> names() {
        return names;
    }

    /** Of the names, those that are there more than once. */
    Set<String> duplicates() {
        return duplicates;
    }

    @Nullable
    String model() {
        return model;
    }

    /** Where {@code model} is given, even as null; null where it is not. */
    @Nullable
    Span modelValue() {
        return modelValue;
    }

    boolean streams() {
        return streams;
    }

    /** 1 or more. */
    int choices() {
        return choices;
    }

    boolean wantsUsage() {
        return wantsUsage;
    }

    /** What makes the {@code stream_options} that are there ask for usage; null if they do, or if there are none. */
    @Nullable
    Splice usage() {
        return usage;
    }

    private void readObject(JsonParser parser) throws InvalidRequestException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw InvalidRequestException.badRequest(
                    "malformed_json",
                    "The body must be a JSON object such as {\"model\": \"…\", \"messages\": [{\"role\": \"user\","
                            + " \"content\": \"…\"}]}.");
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
            switch (name) {
                case "model" -> readModel(parser, known);
                case "stream" -> streams = readBoolean("stream", parser, known);
                case CompletionBody.STREAM_OPTIONS -> readOptions(parser, known);
                case "n" -> readChoices(parser);
                default -> parser.skipChildren();
            }
        }
        if (parser.nextToken() != null) {
            throw malformed("is not valid JSON", parser.currentTokenLocation());
        }
    }

    private void readModel(JsonParser parser, boolean known) throws InvalidRequestException {
        refuse(known, "model");
        int from = start(parser);
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_STRING) {
            // Reading its length reads it to its end.
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

    /** For the upstream to judge: what is no number of choices stands for one. */
    private void readChoices(JsonParser parser) {
        boolean isInt = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() == JsonParser.NumberType.INT;
        choices = isInt ? Math.max(1, parser.getIntValue()) : 1;
        parser.skipChildren();
    }

    private void readOptions(JsonParser parser, boolean known) throws InvalidRequestException {
        String field = CompletionBody.STREAM_OPTIONS;
        refuse(known, field);
        int from = start(parser);
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            usage = new Splice(new Span(from, behind(parser)), "{\"" + CompletionBody.INCLUDE_USAGE + "\":true}");
            return;
        }
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw invalid(field, "an object");
        }
        int open = behind(parser);
        boolean empty = true;
        boolean given = false;
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            empty = false;
            if (name.equals(CompletionBody.INCLUDE_USAGE)) {
                readIncludeUsage(parser, given);
                given = true;
            } else {
                parser.skipChildren();
            }
        }
        if (!given) {
            String member = "\"" + CompletionBody.INCLUDE_USAGE + "\":true";
            usage = new Splice(new Span(open, open), empty ? member : member + ",");
        }
    }

    private void readIncludeUsage(JsonParser parser, boolean known) throws InvalidRequestException {
        int from = start(parser);
        wantsUsage = readBoolean(CompletionBody.STREAM_OPTIONS + "." + CompletionBody.INCLUDE_USAGE, parser, known);
        if (!wantsUsage) {
            usage = new Splice(new Span(from, behind(parser)), "true");
        }
    }

    /** Null counts as false. */
    private static boolean readBoolean(String field, JsonParser parser, boolean known) throws InvalidRequestException {
        refuse(known, field);
        JsonToken token = parser.currentToken();
        if (!token.isBoolean() && token != JsonToken.VALUE_NULL) {
            throw invalid(field, "true or false");
        }
        return token == JsonToken.VALUE_TRUE;
    }

    /** The router could take the one and the upstream the other. */
    private static void refuse(boolean known, String field) throws InvalidRequestException {
        if (known) {
            throw duplicate(field);
        }
    }

    /** Where the current token begins. */
    private int start(JsonParser parser) {
        return body.from() + (int) parser.currentTokenLocation().getByteOffset();
    }

    /** Behind the current token, which has been read whole. */
    private int behind(JsonParser parser) {
        return body.from() + (int) parser.currentLocation().getByteOffset();
    }

    /** Jackson would let some malformed bytes pass, which the upstream might read otherwise. */
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

    /** Never says what was sent: it may be a prompt in the wrong place. */
    private static InvalidRequestException invalid(String field, String expected) {
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
