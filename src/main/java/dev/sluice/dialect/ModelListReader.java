package dev.sluice.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.dialect.ModelList.Model;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Parses one list of models. Entries are taken over unchanged, except that fields which openai-java requires are added
 * where they are missing or null. Used by one thread.
 */
final class ModelListReader {
    private static final int MOST_ENTRIES = 10_000;
    private static final int LONGEST_ID = 512;

    private final byte[] body;
    private final String owner;
    private final JsonParser parser;
    private final List<Model> models = new ArrayList<>();

    private ModelListReader(byte[] body, String owner, JsonParser parser) {
        this.body = body;
        this.owner = owner;
        this.parser = parser;
    }

    /** The models; empty if the body is no list. */
    static Optional<List<Model>> read(byte[] body, String owner) {
        try (JsonParser parser = Json.parser(body, 0, body.length)) {
            ModelListReader reader = new ModelListReader(body, owner, parser);
            return reader.readList() ? Optional.of(reader.models) : Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    private boolean readList() {
        JsonToken first = parser.nextToken();
        if (first == JsonToken.START_ARRAY) {
            readEntries();
            return true;
        }
        boolean found = false;
        if (first == JsonToken.START_OBJECT) {
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                JsonToken value = parser.nextToken();
                if (name.equals("data") && value == JsonToken.START_ARRAY) {
                    found = true;
                    readEntries();
                } else {
                    found |= name.equals("data")
                            && value == JsonToken.VALUE_NULL; // Go programs write an empty list as null
                    parser.skipChildren();
                }
            }
        }
        return found;
    }

    private void readEntries() {
        int entries = 0;
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (token == JsonToken.START_OBJECT && entries++ < MOST_ENTRIES) {
                Model model = readEntry();
                if (model != null) {
                    models.add(model);
                }
            } else {
                parser.skipChildren();
            }
        }
    }

    private @Nullable Model readEntry() {
        StringBuilder json = new StringBuilder();
        int copied = tokenStart();
        String id = null;
        Set<Needed> missing = EnumSet.allOf(Needed.class);
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            JsonToken value = parser.nextToken();
            if (name.equals("id") && value == JsonToken.VALUE_STRING) {
                id = parser.getString();
            }
            Needed field = Needed.named(name);
            if (field != null && missing.remove(field) && value == JsonToken.VALUE_NULL) {
                int at = tokenStart();
                json.append(text(copied, at)).append(field.standIn(owner));
                copied = at + "null".length();
            }
            parser.skipChildren();
        }
        int end = (int) parser.currentLocation().getByteOffset();
        json.append(text(copied, end - 1));
        for (Needed field : missing) {
            json.append(",\"").append(field.name).append("\":").append(field.standIn(owner));
        }
        json.append('}');
        return id == null || id.isEmpty() || id.length() > LONGEST_ID ? null : new Model(id, json.toString());
    }

    /** The index in the body of the current token's first byte. */
    private int tokenStart() {
        return (int) parser.currentTokenLocation().getByteOffset();
    }

    /** The text of these bytes. Tokens begin and end with ASCII characters, so no character is cut. */
    private String text(int from, int to) {
        return new String(body, from, to - from, UTF_8);
    }

    private enum Needed {
        OBJECT("object"),
        CREATED("created"),
        OWNED_BY("owned_by");

        private final String name;

        Needed(String name) {
            this.name = name;
        }

        static @Nullable Needed named(String name) {
            for (Needed field : values()) {
                if (field.name.equals(name)) {
                    return field;
                }
            }
            return null;
        }

        /** The value to add, as JSON. */
        String standIn(String owner) {
            return switch (this) {
                case OBJECT -> "\"model\"";
                case CREATED -> "0";
                case OWNED_BY -> ModelList.quote(owner);
            };
        }
    }
}
