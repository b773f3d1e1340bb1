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
 * What a provider's error object says beside the four fields that all have: llama.cpp's {@code n_ctx}, OpenRouter's
 * {@code metadata}. Used by one thread while a body is read.
 */
final class ErrorDetails {
    /** Characters, all fields together; a field that does not fit is left out. */
    private static final int MOST = 16 * 1024;

    /** Each field's value as JSON, in the provider's own words. */
    private final Map<String, String> fields = new LinkedHashMap<>();

    private int length;
    private @Nullable String raw;

    /** Keeps a field; the parser stands at its value, and then at its end. */
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

    /** What a provider behind this one has said, as OpenRouter passes it on. */
    @Nullable
    String raw() {
        return raw;
    }

    /** The fields as they may be shown: members of a JSON object; null if there are none. */
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
