package dev.sluice.servlet;

import dev.sluice.chat.ChatRequest;
import dev.sluice.chat.InvalidRequestException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/**
 * Parses the body of {@code POST /chat} in each of its three types. Every fault is an {@link InvalidRequestException} with
 * status 400. Its message names the fault and the field, but no value, which may be a prompt. Stateless.
 */
final class ChatRequestReader {
    /** Without thread-local buffers, which would stay in the container's threads. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .recyclerPool(JsonRecyclerPools.newBoundedPool(8))
            // Jackson would detect UTF-16 or UTF-32 in some malformed bytes.
            .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
            .build();

    private static final int MAX_NAME_SHOWN = 64;
    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final int MARK_BYTES = 3;
    private static final int FEW_CHARACTERS = 4096;

    /** Limits the length too. {@code Double} would also accept hexadecimal numbers and {@code 1d}. */
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]{1,20}(\\.[0-9]{0,20})?([eE][+-]?[0-9]{1,3})?");

    private ChatRequestReader() {}

    /** {@code application/json}, in UTF-8. A field that is null counts as left out. */
    static ChatRequest json(byte[] body) throws InvalidRequestException {
        refuseMalformed(body, body.length, StandardCharsets.UTF_8);
        int start = startsWithMark(body) ? MARK_BYTES : 0;
        ChatDraft draft = new ChatDraft();
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body, start, body.length - start)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw InvalidRequestException.badRequest(
                        "malformed_json", "The body must be a JSON object such as {\"prompt\": \"…\"}.");
            }
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                parser.nextToken();
                readField(name, parser, draft);
            }
            if (parser.nextToken() != null) {
                throw malformedJson(parser.currentTokenLocation());
            }
        } catch (JacksonException e) {
            // Jackson's message quotes the body.
            throw malformedJson(e.getLocation());
        }
        return draft.request();
    }

    /**
     * {@code application/x-www-form-urlencoded}. Fields of other names are ignored: frameworks add their own. An empty
     * field counts as left out, since browsers send every field of a form.
     */
    static ChatRequest form(byte[] body, Charset charset) throws InvalidRequestException {
        Map<String, String> fields = FormBody.read(body, charset, ChatDraft.FIELDS);
        return parameters(fields::get);
    }

    /** {@code text/plain}: all of it is the prompt. */
    static ChatRequest text(byte[] body, Charset charset) throws InvalidRequestException {
        ChatDraft draft = new ChatDraft();
        String text = decode(body, body.length, charset);
        draft.prompt(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text);
        return draft.request();
    }

    /**
     * The fields of a form that has been parsed already, by a filter of the host.
     *
     * @param values the value of a field by its name, or null
     */
    static ChatRequest parameters(Function<String, @Nullable String> values) throws InvalidRequestException {
        ChatDraft draft = new ChatDraft();
        for (String name : ChatDraft.FIELDS) {
            String value = values.apply(name);
            if (value != null && !value.isEmpty()) {
                readParameter(name, value, draft);
            }
        }
        return draft.request();
    }

    /** Decodes the first bytes; bytes that are invalid in the charset are a fault. */
    static String decode(byte[] bytes, int length, Charset charset) throws InvalidRequestException {
        refuseMalformed(bytes, length, charset);
        return new String(bytes, 0, length, charset);
    }

    /** Decodes in small pieces, because to decode all at once needs twice as much memory beside the text. */
    private static void refuseMalformed(byte[] bytes, int length, Charset charset) throws InvalidRequestException {
        CharsetDecoder decoder = charset.newDecoder();
        ByteBuffer rest = ByteBuffer.wrap(bytes, 0, length);
        CharBuffer few = CharBuffer.allocate(Math.min(FEW_CHARACTERS, length + 1));
        CoderResult result;
        do {
            few.clear();
            result = decoder.decode(rest, few, true);
        } while (result.isOverflow());
        if (result.isError()) {
            throw InvalidRequestException.badRequest(
                    "malformed_text", "The body is not valid " + charset.name() + " text.");
        }
    }

    /** Some editors put a byte order mark before every text. */
    private static boolean startsWithMark(byte[] utf8) {
        return utf8.length >= MARK_BYTES && utf8[0] == (byte) 0xEF && utf8[1] == (byte) 0xBB && utf8[2] == (byte) 0xBF;
    }

    private static void readField(String name, JsonParser parser, ChatDraft draft) throws InvalidRequestException {
        if (!ChatDraft.FIELDS.contains(name)) {
            String shown = shown(name);
            throw InvalidRequestException.badField(
                    "unknown_field",
                    shown,
                    "\"" + shown + "\" is no field of /chat; there are " + String.join(", ", ChatDraft.FIELDS) + ".");
        }
        draft.once(name);
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_NULL) {
            return;
        }
        switch (name) {
            case "prompt" -> draft.prompt(string(name, parser));
            case "system" -> draft.system(string(name, parser));
            case "model" -> draft.model(string(name, parser));
            case "max_tokens" -> draft.maxTokens(isInt(parser) ? parser.getIntValue() : 0);
            case "temperature" -> draft.temperature(token.isNumeric() ? parser.getDoubleValue() : Double.NaN);
            default -> {
                if (!token.isBoolean()) {
                    throw ChatDraft.invalid(name, "true or false");
                }
                draft.reasoning(parser.getBooleanValue());
            }
        }
    }

    private static void readParameter(String name, String value, ChatDraft draft) throws InvalidRequestException {
        switch (name) {
            case "prompt" -> draft.prompt(value);
            case "system" -> draft.system(value);
            case "model" -> draft.model(value);
            case "max_tokens" -> draft.maxTokens(wholeNumber(value.strip()));
            case "temperature" -> draft.temperature(number(value.strip()));
            default -> draft.reasoning(truth(name, value.strip().toLowerCase(Locale.ROOT)));
        }
    }

    private static String string(String name, JsonParser parser) throws InvalidRequestException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw ChatDraft.invalid(name, "a string");
        }
        return parser.getString();
    }

    private static boolean isInt(JsonParser parser) {
        return parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() == JsonParser.NumberType.INT;
    }

    private static long wholeNumber(String value) {
        return value.matches("[0-9]{1,18}") ? Long.parseLong(value) : 0;
    }

    private static double number(String value) {
        return NUMBER.matcher(value).matches() ? Double.parseDouble(value) : Double.NaN;
    }

    private static boolean truth(String name, String value) throws InvalidRequestException {
        return switch (value) {
            case "true", "on", "1" -> true;
            case "false", "off", "0" -> false;
            default -> throw ChatDraft.invalid(name, "true or false (on and off, 1 and 0 do as well)");
        };
    }

    private static InvalidRequestException malformedJson(@Nullable TokenStreamLocation where) {
        return InvalidRequestException.badRequest(
                "malformed_json",
                where == null
                        ? "The body is not valid JSON."
                        : "The body is not valid JSON: see line " + where.getLineNr() + ", column "
                                + where.getColumnNr() + ".");
    }

    /** The name of an unknown field for a message: shortened and on one line, because the client has sent it. */
    private static String shown(String name) {
        String line = name.replaceAll("[\\p{Cntrl}\\p{Cs}\\u2028\\u2029]", "?");
        return line.length() <= MAX_NAME_SHOWN ? line : line.substring(0, MAX_NAME_SHOWN) + "…";
    }
}
