package dev.sluice.simulator;

import dev.sluice.simulator.Question.Unreadable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The fields of a request for embeddings that the simulator uses. Immutable.
 *
 * @param model the model's name
 * @param inputs each text, or its list of token ids as text; one or more
 * @param dimensions the length of each vector
 * @param base64 whether the vectors are wanted as base64 of their bytes, as several SDKs ask
 */
record EmbeddingQuestion(String model, List<String> inputs, int dimensions, boolean base64) {
    private static final int USUAL_DIMENSIONS = 256;
    private static final int MOST_DIMENSIONS = 4096;
    private static final int MOST_INPUTS = 2048;
    private static final JsonFactory JSON = new JsonFactory();

    EmbeddingQuestion {
        inputs = List.copyOf(inputs);
    }

    /** @throws Unreadable if the body is no request for embeddings */
    static EmbeddingQuestion read(byte[] body) throws Unreadable {
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), body)) {
            return read(json);
        } catch (JacksonException x) {
            throw new Unreadable(null, "The body is not valid JSON.");
        }
    }

    private static EmbeddingQuestion read(JsonParser json) throws Unreadable {
        String model = null;
        List<String> inputs = List.of();
        int dimensions = USUAL_DIMENSIONS;
        boolean base64 = false;
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new Unreadable(null, "The body is not a JSON object.");
        }
        for (String field = json.nextName(); field != null; field = json.nextName()) {
            JsonToken value = json.nextToken();
            switch (field) {
                case "model" -> model = value == JsonToken.VALUE_STRING ? text(json) : null;
                case "input" -> inputs = inputs(json);
                case "dimensions" -> {
                    dimensions = value == JsonToken.VALUE_NUMBER_INT ? json.getIntValue() : USUAL_DIMENSIONS;
                    require(dimensions >= 1 && dimensions <= MOST_DIMENSIONS, field, "1 to " + MOST_DIMENSIONS);
                }
                case "encoding_format" ->
                    base64 = value == JsonToken.VALUE_STRING && text(json).equals("base64");
                default -> {}
            }
            json.skipChildren();
        }
        if (json.nextToken() != null) {
            throw new Unreadable(null, "The body goes on after its JSON object.");
        }
        require(model != null, "model", "a string");
        require(!inputs.isEmpty() && inputs.size() <= MOST_INPUTS, "input", "1 to " + MOST_INPUTS + " texts");
        return new EmbeddingQuestion(String.valueOf(model), inputs, dimensions, base64);
    }

    /** A text, a list of texts, a list of token ids, or a list of such lists. */
    private static List<String> inputs(JsonParser json) throws Unreadable {
        if (json.hasToken(JsonToken.VALUE_STRING)) {
            return List.of(text(json));
        }
        require(json.hasToken(JsonToken.START_ARRAY), "input", "a text or a list");
        List<String> inputs = new ArrayList<>();
        StringBuilder ids = new StringBuilder();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.hasToken(JsonToken.VALUE_STRING)) {
                inputs.add(text(json));
            } else if (json.hasToken(JsonToken.START_ARRAY)) {
                StringBuilder list = new StringBuilder();
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    addId(list, json);
                }
                inputs.add(list.toString());
            } else {
                addId(ids, json);
            }
        }
        if (ids.length() > 0) {
            inputs.add(ids.toString());
        }
        return inputs;
    }

    private static void addId(StringBuilder ids, JsonParser json) throws Unreadable {
        require(json.hasToken(JsonToken.VALUE_NUMBER_INT), "input", "texts or token ids");
        ids.append(json.getString()).append(' ');
    }

    /** A lone surrogate, which JSON can express and UTF-8 cannot, becomes a question mark. */
    private static String text(JsonParser json) {
        return new String(json.getString().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    private static void require(boolean valid, @Nullable String field, String what) throws Unreadable {
        if (!valid) {
            throw new Unreadable(field, "The field " + field + " must be " + what + ".");
        }
    }

    /** Without the texts: no log line may contain them. */
    @Override
    public String toString() {
        return "EmbeddingQuestion[model=" + model + "]";
    }
}
