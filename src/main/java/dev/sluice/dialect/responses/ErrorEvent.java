package dev.sluice.dialect.responses;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.Json;
import java.io.StringWriter;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/**
 * The data of the event that reports a failure of Sluice within a stream. The documents of the Responses API have the
 * fields of the error beside {@code type}. The API itself sends them within {@code error}, and some SDKs look for them
 * there. This event has both.
 */
final class ErrorEvent {
    private ErrorEvent() {}

    static String of(Failure failure, long sequenceNumber) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("type", EventTypes.ERROR);
            json.writeNumberProperty("sequence_number", sequenceNumber);
            writeFields(failure, json);
            json.writeObjectPropertyStart("error");
            json.writeStringProperty("type", failure.type());
            writeFields(failure, json);
            if (failure.details() != null) {
                json.writeRaw("," + failure.details());
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        return text.toString();
    }

    private static void writeFields(Failure failure, JsonGenerator json) {
        json.writeStringProperty("code", failure.code());
        json.writeStringProperty("message", Json.wellFormed(failure.message()));
        json.writeStringProperty("param", failure.param());
    }
}
