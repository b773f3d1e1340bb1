package dev.sluice.openai;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * What a provider says about an error, in whatever shape: OpenAI's {@code {"error":{"message","type","param","code"}}},
 * xAI's {@code {"code","error":"…"}}, FastAPI's {@code {"detail":…}}, {@code {"message"}}, Google's list of one. The
 * first word found for each field counts. Its words are the provider's own: nothing of them leaves but through
 * {@link ProviderWords}. Used by one thread while a body is read.
 */
final class ProviderError {
    private static final Pattern KEY_COMPLAINT = Pattern.compile(
            "\\b(?:incorrect|invalid|wrong|bad|missing|expired|revoked|no|provide an)\\b.{0,30}\\bapi ?key"
                    + "|\\bapi ?key\\b.{0,30}\\b(?:incorrect|invalid|not valid|wrong|missing|expired|revoked|disabled|blocked)\\b"
                    + "|\\bauthentication error\\b");

    private static final Pattern TIMEOUT = Pattern.compile("\\btime(?:d ?|-)?out\\b");

    private boolean reported;
    private @Nullable String message;
    private @Nullable String type;
    private @Nullable String code;
    private @Nullable String param;

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

    /** Reads one field of the object that may hold an error; the parser stands at the field's value. */
    void readField(String name, JsonParser parser) {
        switch (name) {
            case "error" -> {
                if (isTruthy(parser)) {
                    reported = true;
                    readWords(parser);
                } else {
                    parser.skipChildren();
                }
            }
            case "object" -> {
                // Old vLLM: {"object":"error","message":…}
                if (parser.currentToken() == JsonToken.VALUE_STRING) {
                    reported |= parser.getString().equals("error");
                }
                parser.skipChildren();
            }
            case "message", "detail", "msg" -> readWords(parser);
            case "type" -> type = first(type, parser);
            case "code" -> code = first(code, parser);
            case "param" -> param = first(param, parser);
            default -> parser.skipChildren();
        }
    }

    /** Whether the provider itself calls it an error. */
    boolean isReported() {
        return reported;
    }

    @Nullable
    String message() {
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

    /** Whether it is about our API key, which providers like to echo in pieces. */
    boolean complainsAboutKey() {
        return KEY_COMPLAINT.matcher(allWords()).find();
    }

    boolean speaksOfTimeout() {
        return TIMEOUT.matcher(allWords()).find();
    }

    private String allWords() {
        String words = code + " " + type + " " + message;
        return ProviderWords.bounded(words).replace('_', ' ').replace('-', ' ').toLowerCase(Locale.ROOT);
    }

    private void readFields(JsonParser parser) {
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            readField(name, parser);
        }
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
