package dev.sluice.dialect;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * A provider's error, read from any of these formats: OpenAI's {@code {"error":{"message","type","param","code"}}},
 * xAI's {@code {"code","error":"…"}}, Anthropic's {@code {"type":"error","error":{"type","message"}}}, FastAPI's {@code {"detail":…}}, {@code {"message"}}, TGI's {@code {"error_type",
 * "error_message"}}, Google's list of one. If a field occurs several times, the first text counts. The texts are the
 * provider's own, so they must pass through {@link ProviderWords} before anybody else gets them. Used by one thread
 * while it parses a body.
 */
public final class ProviderError {
    private static final Pattern KEY_COMPLAINT = Pattern.compile(
            "\\b(?:incorrect|invalid|wrong|bad|missing|expired|revoked|no|provide an)\\b.{0,30}\\bapi ?key"
                    + "|\\bapi ?key\\b.{0,30}\\b(?:incorrect|invalid|not valid|wrong|missing|expired|revoked|disabled|blocked)\\b"
                    + "|\\bauthentication error\\b");

    private static final Pattern TIMEOUT = Pattern.compile("\\btime(?:d ?|-)?out\\b");

    private static final Pattern NO_ERROR = Pattern.compile("0|2\\d\\d");

    /** The fields that {@link #readField} knows. */
    private static final Set<String> WORDS = Set.of(
            "error",
            "object",
            "message",
            "detail",
            "msg",
            "type",
            "code",
            "param",
            "status",
            "error_message",
            "error_type",
            "choices");

    private boolean reported;
    private boolean said; // the provider itself calls it an error
    private boolean complained;
    private boolean inAnswer;
    private @Nullable String message;
    private @Nullable String type;
    private @Nullable String code;
    private @Nullable String param;
    private @Nullable String status;
    private final ErrorDetails details = new ErrorDetails();

    /**
     * Parses the body of a whole answer. If it was cut at a size limit, the part before the cut counts.
     *
     * @return empty if the body is no JSON object
     */
    static ProviderError inBody(byte[] body) {
        ProviderError error = new ProviderError();
        try (JsonParser parser = Json.parser(body, 0, body.length)) {
            JsonToken token = parser.nextToken();
            if (token == JsonToken.START_ARRAY) {
                token = parser.nextToken();
            }
            if (token == JsonToken.START_OBJECT) {
                error.readFields(parser);
            }
        } catch (JacksonException e) {
            // The body is malformed or incomplete JSON. The part before the fault counts.
        }
        return error;
    }

    /**
     * Parses the data of an event whose type is {@code error}: an object as above, a text that is not JSON, or a JSON
     * string.
     */
    public static ProviderError inEvent(byte[] data) {
        ProviderError error = inBody(data);
        if (error.message == null) {
            error.message = plainWords(data);
        }
        return error;
    }

    private static @Nullable String plainWords(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8).strip();
        if (text.isEmpty() || text.startsWith("{") || text.startsWith("[")) {
            return null;
        }
        try (JsonParser parser = Json.parser(data, 0, data.length)) {
            return parser.nextToken() == JsonToken.VALUE_STRING ? parser.getString() : text;
        } catch (JacksonException e) {
            return text;
        }
    }

    /**
     * Parses a list of errors, as Google sends it. The parser is at the list's beginning before, and at its end after.
     */
    public void readList(JsonParser parser) {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                readFields(parser);
            } else {
                parser.skipChildren();
            }
        }
    }

    /** The object of the error also has {@code choices}. */
    public void isInAnswer() {
        inAnswer = true;
    }

    /**
     * The error is in a list, where clients do not look for one. So its name alone does not make it a {@linkplain
     * #isReported reported} error; it is a complaint.
     */
    public void isOnlyComplaint() {
        reported = false;
        complained = true;
    }

    /** Reads one field of the object that may be an error. The parser is at the field's value. */
    public void readField(String name, JsonParser parser) {
        switch (name) {
            case "error" -> {
                if (isTruthy(parser)) {
                    reported = true;
                    readError(parser);
                } else {
                    parser.skipChildren();
                }
            }
            case "object" -> {
                // An error of old vLLM: {"object":"error","message":…}
                if (parser.currentToken() == JsonToken.VALUE_STRING) {
                    boolean called = parser.getString().equals("error");
                    reported |= called;
                    said |= called;
                }
                parser.skipChildren();
            }
            case "message", "msg" -> readWords(parser);
            case "detail", "error_message" -> {
                complained |= isTruthy(parser);
                readWords(parser);
            }
            case "type" -> type = first(type, parser);
            case "error_type" -> {
                complained |= isTruthy(parser);
                type = first(type, parser);
            }
            case "choices" -> {
                inAnswer |= parser.currentToken() == JsonToken.START_ARRAY;
                parser.skipChildren();
            }
            case "code" -> code = first(code, parser);
            case "status" -> status = first(status, parser);
            case "param" -> param = first(param, parser);
            default -> parser.skipChildren();
        }
    }

    /**
     * Whether the provider itself calls it an error. Some providers send an empty error beside each piece of an answer;
     * that does not count.
     */
    public boolean isReported() {
        return reported && (said || !inAnswer);
    }

    /** Whether it looks like an error, is not part of an answer, and the provider does not call it an error. */
    public boolean isComplaint() {
        boolean coded = code != null && !NO_ERROR.matcher(code).matches();
        return !inAnswer && (complained || (message != null && (coded || "error".equals(type))));
    }

    public @Nullable String message() {
        return message;
    }

    @Nullable
    String code() {
        return code;
    }

    @Nullable
    String param() {
        return param;
    }

    @Nullable
    String type() {
        return type;
    }

    ErrorDetails details() {
        return details;
    }

    /** The HTTP status of its code, else of its status or type; 0 if none is known. */
    int status() {
        int said = ErrorStatus.of(code);
        said = said == 0 ? ErrorStatus.of(status) : said;
        return said == 0 ? ErrorStatus.of(type) : said;
    }

    /** Whether it is about our API key. Providers often quote parts of the key in such errors. */
    boolean complainsAboutKey() {
        return KEY_COMPLAINT.matcher(allWords()).find();
    }

    boolean speaksOfTimeout() {
        return TIMEOUT.matcher(allWords()).find();
    }

    private String allWords() {
        String words = code + " " + type + " " + message + " " + details.raw();
        return ProviderWords.bounded(words).replace('_', ' ').replace('-', ' ').toLowerCase(Locale.ROOT);
    }

    private void readErrorObject(JsonParser parser) {
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            if (WORDS.contains(name)) {
                readField(name, parser);
            } else {
                details.keep(name, parser);
            }
        }
    }

    private void readFields(JsonParser parser) {
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            readField(name, parser);
        }
    }

    /** Also sets whether the error is empty. One with only the code 0 is. */
    private void readError(JsonParser parser) {
        String messageBefore = message;
        String typeBefore = type;
        String codeBefore = code;
        message = null;
        type = null;
        code = null;
        boolean scalar = parser.currentToken().isScalarValue();
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            readErrorObject(parser);
        } else {
            readWords(parser);
        }
        said |= scalar || message != null || type != null || (code != null && !code.equals("0"));
        message = messageBefore != null ? messageBefore : message;
        // Anthropic's objects have the type "error", and what is the matter within.
        boolean isVague = typeBefore == null || (typeBefore.equals("error") && type != null);
        type = isVague ? type : typeBefore;
        code = codeBefore != null ? codeBefore : code;
    }

    /** The recursion is bounded by the parser's limit of nesting. */
    private void readWords(JsonParser parser) {
        switch (parser.currentToken()) {
            case START_OBJECT -> readFields(parser);
            case START_ARRAY -> {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    readWords(parser);
                }
            }
            default -> message = first(message, parser);
        }
    }

    private static @Nullable String first(@Nullable String found, JsonParser parser) {
        JsonToken token = parser.currentToken();
        if (found == null && (token == JsonToken.VALUE_STRING || token.isNumeric()) && parser.getStringLength() > 0) {
            return parser.getString();
        }
        parser.skipChildren();
        return found;
    }

    /** Whether the value is true in JavaScript, because common clients decide so. */
    private static boolean isTruthy(JsonParser parser) {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> parser.getStringLength() > 0;
            case START_OBJECT, START_ARRAY, VALUE_TRUE -> true;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue() != 0;
            default -> false;
        };
    }
}
