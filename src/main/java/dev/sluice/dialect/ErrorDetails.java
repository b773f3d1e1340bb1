package dev.sluice.dialect;

import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectWriteContext;

/**
 * The fields of a provider's error object besides the four common ones, such as llama.cpp's {@code n_ctx} and
 * OpenRouter's {@code metadata}. Used by one thread while it parses a body.
 */
final class ErrorDetails {
    /** The limit of characters of all fields together. A field that does not fit is left out. */
    private static final int MOST = 16 * 1024;

    /** The values of the fields, as JSON that the provider has written. */
    private final Map<String, String> fields = new LinkedHashMap<>();

    private int length;
    private @Nullable String raw;

    /** Stores a field. The parser is at its value before, and at the value's end after. */
    void keep(String name, JsonParser parser) {
        StringWriter value = new StringWriter();
        try (JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), value)) {
            json.copyCurrentStructure(parser);
        }
        int more = name.length() + value.getBuffer().length();
        if (length + more <= MOST) {
            length += more;
            fields.put(name, value.toString());
            if (name.equals("metadata")) {
                raw = rawOf(value.toString());
            }
        }
    }

    /** The message of a provider behind this one, as OpenRouter passes it on. */
    @Nullable
    String raw() {
        return raw;
    }

    /** The fields without keys, as members of a JSON object; null if there are none. */
    @Nullable
    String fit(ProviderWords words) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            fields.forEach((name, value) -> {
                if (words.name(name) != null) {
                    json.writeName(name);
                    copy(value, words, json);
                }
            });
            json.writeEndObject();
        }
        String object = text.toString();
        String members = object.substring(1, object.length() - 1);
        return members.isEmpty() ? null : members;
    }

    private static void copy(String value, ProviderWords words, JsonGenerator to) {
        try (JsonParser parser = Json.parser(value)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                switch (token) {
                    case PROPERTY_NAME -> to.writeName(words.quote(parser.currentName()));
                    case VALUE_STRING -> to.writeString(words.quote(parser.getString()));
                    default -> to.copyCurrentEvent(parser);
                }
            }
        }
    }

    private static @Nullable String rawOf(String metadata) {
        try (JsonParser parser = Json.parser(metadata)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                JsonToken token = parser.nextToken();
                if (name.equals("raw") && token == JsonToken.VALUE_STRING) {
                    return parser.getString();
                }
                parser.skipChildren();
            }
        }
        return null;
    }
}
