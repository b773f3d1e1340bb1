package dev.sluice.dialect;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import java.io.StringWriter;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The data of the events that end a stream of {@code /chat}. */
final class ChatEvents {
    private static final JsonFactory JSON = new JsonFactory();

    private ChatEvents() {}

    static String done(@Nullable String finishReason, @Nullable Usage usage) {
        var text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("finish_reason", finishReason);
            json.writeName("usage");
            json.writeRawValue(usage == null ? "null" : usage.json());
            json.writeEndObject();
        }
        return text.toString();
    }

    static String error(Failure failure) {
        var text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeObjectPropertyStart("error");
            json.writeStringProperty("message", failure.message());
            json.writeStringProperty("type", failure.type());
            json.writeStringProperty("code", failure.code());
            if (failure.details() != null) {
                json.writeRaw("," + failure.details());
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        return text.toString();
    }
}
