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
 * What a provider says about an error, in whatever shape: OpenAI's {@code {"error":{"message","type","param","code"}}},
 * xAI's {@code {"code","error":"…"}}, FastAPI's {@code {"detail":…}}, {@code {"message"}}, TGI's {@code {"error_type",
 * "error_message"}}, Google's list of one. The first word found for each field counts. Its words are the provider's own: nothing of them leaves but through
 * {@link ProviderWords}. Used by one thread while a body is read.
 */
public final class ProviderError {
    private static final Pattern KEY_COMPLAINT = Pattern.compile(
            "\\b(?:incorrect|invalid|wrong|bad|missing|expired|revoked|no|provide an)\\b.{0,30}\\bapi ?key"
                    + "|\\bapi ?key\\b.{0,30}\\b(?:incorrect|invalid|not valid|wrong|missing|expired|revoked|disabled|blocked)\\b"
                    + "|\\bauthentication error\\b");

    private static final Pattern TIMEOUT = Pattern.compile("\\btime(?:d ?|-)?out\\b");

    private static final Pattern NO_ERROR = Pattern.compile("0|2\\d\\d");

    /** The fields that {@link #readField} understands. */
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
    private boolean said; // that it is one, in so many words
    private boolean complained;
    private boolean inAnswer;
    private @Nullable String message;
    private @Nullable String type;
    private @Nullable String code;
    private @Nullable String param;
    private @Nullable String status;
    private final ErrorDetails details = new ErrorDetails();

    /**
     * Reads the body of a whole answer, as far as it is JSON: one cut at a bound counts up to the cut.
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
            // Not JSON, or not all of it. What was read before counts.
        }
        return error;
    }

    /**
     * Reads the data of an event whose type is {@code error}: an object as above, or words that are no JSON, or a JSON
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

    /** Reads the list at whose beginning the parser stands, to its end: Google's errors come in one. */
    public void readList(JsonParser parser) {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                readFields(parser);
            } else {
                parser.skipChildren();
            }
        }
    }

    /** The object that holds the error also has a list of choices. */
    public void isInAnswer() {
        inAnswer = true;
    }

    /** In a list nobody would look for an error: that it is called one makes it a complaint. */
    public void isOnlyComplaint() {
        reported = false;
        complained = true;
    }

    /** Reads one field of the object that may hold an error; the parser stands at the field's value. */
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
                // Old vLLM: {"object":"error","message":…}
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
     * Whether the provider itself calls it an error. Some put an error without any words beside each good piece of an
     * answer: that is none.
     */
    public boolean isReported() {
        return reported && (said || !inAnswer);
    }

    /** Whether it reads like an error, beside no answer, though the provider does not call it one. */
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

    /** The HTTP status that its code, or else its status or type, stands for; 0 if they stand for none. */
    int status() {
        int said = ErrorStatus.of(code);
        said = said == 0 ? ErrorStatus.of(status) : said;
        return said == 0 ? ErrorStatus.of(type) : said;
    }

    /** Whether it is about our API key, which providers like to echo in pieces. */
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

    /** Notes besides whether there is anything in it: a code of 0 alone says nothing. */
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
        type = typeBefore != null ? typeBefore : type;
        code = codeBefore != null ? codeBefore : code;
    }

    /** Recursion ends at the parser's bound on nesting. */
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

    /** As in JavaScript, by whose rule the common clients judge. */
    private static boolean isTruthy(JsonParser parser) {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> parser.getStringLength() > 0;
            case START_OBJECT, START_ARRAY, VALUE_TRUE -> true;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue() != 0;
            default -> false;
        };
    }
}
