package dev.sluice.it;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Writes and reads JSON with a library, independent of the production code. */
public final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    /** A JSON string with its quotes. */
    public static String quote(String text) {
        return MAPPER.writeValueAsString(text);
    }

    public static JsonNode read(String json) {
        return MAPPER.readTree(json);
    }

    public static JsonNode read(byte[] json) {
        return MAPPER.readTree(json);
    }
}
