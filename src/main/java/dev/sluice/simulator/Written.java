package dev.sluice.simulator;

import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** JSON objects and events, as the writers of all dialects write them. */
final class Written {
    private static final JsonFactory JSON = new JsonFactory();

    private Written() {}

    /** An object with these members, on one line. */
    static String json(Consumer<JsonGenerator> members) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            members.accept(json);
            json.writeEndObject();
        }
        return text.toString();
    }

    /** An event without a type. */
    static String event(String data) {
        return "data: " + data + "\n\n";
    }

    /** An event of this type. */
    static String event(String type, String data) {
        return "event: " + type + "\n" + event(data);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The bytes of a {@link Script.Piece.Raw}. */
    static byte[] raw(Script.Piece.Raw raw) {
        return raw.bytes().getBytes(StandardCharsets.ISO_8859_1);
    }
}
