package dev.sluice.it;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** JSON as the tests write and read it: by a library, not by our own code. */
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
