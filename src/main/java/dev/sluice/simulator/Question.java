package dev.sluice.simulator;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The fields of a request body that the simulator uses; it ignores all others. Immutable.
 *
 * @param model the model's name
 * @param prompt the text of the last message of the user, or of the prompt of an older completion
 * @param system the text of the last system or developer message
 * @param stream whether the answer is streamed
 * @param maxTokens the longest answer in tokens, 1 or more; null for no limit
 * @param temperature the JSON number as the client has written it
 * @param usage {@code stream_options.include_usage}: whether a last chunk has the usage
 */
record Question(
        String model,
        String prompt,
        @Nullable String system,
        boolean stream,
        @Nullable Integer maxTokens,
        @Nullable String temperature,
        boolean usage) {
    private static final JsonFactory JSON = new JsonFactory();

    /**
     * The question in a body of this dialect.
     *
     * @throws Unreadable if the body is no request for an answer in words
     */
    static Question read(SimulatedDialect dialect, byte[] body) throws Unreadable {
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), body)) {
            return new Reader(dialect, json).read();
        } catch (JacksonException x) {
            throw new Unreadable(null, "The body is not valid JSON.");
        }
    }

    /** Without the prompt: no log line may contain it. */
    @Override
    public String toString() {
        return "Question[model=" + model + "]";
    }

    /** The body is no request that the simulator understands. */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1;

        /** The field at fault; null if it is the whole body. */
        final @Nullable String param;

        Unreadable(@Nullable String param, String message) {
            super(message);
            this.param = param;
        }

        String message() {
            return String.valueOf(getMessage());
        }
    }

    /** Parses one body. Used by one thread. */
    private static final class Reader {
        private final SimulatedDialect dialect;
        private final JsonParser json;
        private @Nullable String model;
        private @Nullable String prompt;
        private @Nullable String system;
        private boolean stream;
        private @Nullable Integer maxTokens;
        private @Nullable String temperature;
        private boolean usage;

        Reader(SimulatedDialect dialect, JsonParser json) {
            this.dialect = dialect;
            this.json = json;
        }

        Question read() throws Unreadable {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new Unreadable(null, "The body is not a JSON object.");
            }
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String field = json.currentName();
                json.nextToken();
                field(field);
            }
            if (json.nextToken() != null) {
                throw new Unreadable(null, "The body goes on after its JSON object.");
            }
            if (model == null) {
                throw new Unreadable("model", "The field model is missing.");
            }
            if (prompt == null) {
                String field = dialect.promptField();
                throw new Unreadable(field, "The field " + field + " holds no message of the user.");
            }
            if (dialect == SimulatedDialect.MESSAGES && maxTokens == null) {
                throw new Unreadable("max_tokens", "The field max_tokens is missing.");
            }
            return new Question(model, prompt, system, stream, maxTokens, temperature, usage);
        }

        private void field(String field) throws Unreadable {
            switch (field) {
                case "model" -> model = string(field);
                case "messages" -> messages(field);
                case "input" -> input();
                case "instructions" -> instructions();
                case "prompt" -> prompt = texts(field);
                case "system" -> system = content(field);
                case "stream" -> stream = flag(field);
                case "stream_options" -> streamOptions();
                case "max_tokens", "max_completion_tokens", "max_output_tokens" -> maxTokens = limit(field);
                case "temperature" -> temperature = number(field);
                default -> json.skipChildren();
            }
        }

        /** The input of a response is a string, or an array of items of which some are messages. */
        private void input() throws Unreadable {
            if (json.hasToken(JsonToken.VALUE_STRING)) {
                prompt = string("input");
            } else {
                messages("input");
            }
        }

        private void instructions() throws Unreadable {
            if (!json.hasToken(JsonToken.VALUE_NULL)) {
                system = string("instructions");
            }
        }

        private void messages(String list) throws Unreadable {
            expect(JsonToken.START_ARRAY, list, "an array");
            while (json.nextToken() != JsonToken.END_ARRAY) {
                expect(JsonToken.START_OBJECT, list, "an array of objects");
                message(list);
            }
        }

        private void message(String list) throws Unreadable {
            String role = "";
            String text = "";
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String field = json.currentName();
                json.nextToken();
                switch (field) {
                    case "role" -> role = string(list + ".role");
                    case "content" -> text = content(list + ".content");
                    default -> json.skipChildren();
                }
            }
            switch (role) {
                case "user" -> prompt = text;
                case "system", "developer" -> system = text;
                default -> {
                    // The answer does not depend on messages of the assistant or of tools.
                }
            }
        }

        /** A string, or the strings of a list; those of the older completions are prompts. */
        private String texts(String field) throws Unreadable {
            if (json.hasToken(JsonToken.VALUE_STRING)) {
                return string(field);
            }
            expect(JsonToken.START_ARRAY, field, "a string or an array");
            StringBuilder texts = new StringBuilder();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                if (json.hasToken(JsonToken.VALUE_STRING)) {
                    texts.append(texts.isEmpty() ? "" : "\n").append(string(field));
                }
                json.skipChildren();
            }
            return texts.toString();
        }

        /** The content is a string, or an array of parts of which some have a text. */
        private String content(String field) throws Unreadable {
            if (json.hasToken(JsonToken.VALUE_NULL)) {
                return "";
            }
            if (json.hasToken(JsonToken.VALUE_STRING)) {
                return string(field);
            }
            expect(JsonToken.START_ARRAY, field, "a string or an array of parts");
            StringBuilder text = new StringBuilder();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                expect(JsonToken.START_OBJECT, field, "an array of objects");
                while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                    boolean isText = "text".equals(json.currentName());
                    json.nextToken();
                    if (isText) {
                        text.append(string(field + ".text"));
                    } else {
                        json.skipChildren();
                    }
                }
            }
            return text.toString();
        }

        private void streamOptions() throws Unreadable {
            if (json.hasToken(JsonToken.VALUE_NULL)) {
                return;
            }
            expect(JsonToken.START_OBJECT, "stream_options", "an object");
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean isUsage = "include_usage".equals(json.currentName());
                json.nextToken();
                if (isUsage) {
                    usage = flag("stream_options.include_usage");
                } else {
                    json.skipChildren();
                }
            }
        }

        /** A lone surrogate, which JSON can express and UTF-8 cannot, becomes a question mark. */
        private String string(String field) throws Unreadable {
            expect(JsonToken.VALUE_STRING, field, "a string");
            return new String(json.getString().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        }

        private boolean flag(String field) throws Unreadable {
            if (json.hasToken(JsonToken.VALUE_TRUE)) {
                return true;
            }
            if (json.hasToken(JsonToken.VALUE_FALSE) || json.hasToken(JsonToken.VALUE_NULL)) {
                return false;
            }
            throw mistyped(field, "true or false");
        }

        private @Nullable Integer limit(String field) throws Unreadable {
            if (json.hasToken(JsonToken.VALUE_NULL)) {
                return null;
            }
            expect(JsonToken.VALUE_NUMBER_INT, field, "a whole number");
            int limit = json.getIntValue();
            if (limit < 1) {
                throw mistyped(field, "1 or more");
            }
            return limit;
        }

        private @Nullable String number(String field) throws Unreadable {
            if (json.hasToken(JsonToken.VALUE_NULL)) {
                return null;
            }
            if (!json.hasToken(JsonToken.VALUE_NUMBER_INT) && !json.hasToken(JsonToken.VALUE_NUMBER_FLOAT)) {
                throw mistyped(field, "a number");
            }
            return json.getString();
        }

        private void expect(JsonToken token, String field, String what) throws Unreadable {
            if (!json.hasToken(token)) {
                throw mistyped(field, what);
            }
        }

        private static Unreadable mistyped(String field, String what) {
            return new Unreadable(field, "The field " + field + " must be " + what + ".");
        }
    }
}
