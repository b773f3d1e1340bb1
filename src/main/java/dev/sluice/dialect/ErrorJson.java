package dev.sluice.dialect;

import dev.sluice.chat.Failure;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A failure in OpenAI's error format: {@code {"error":{"message","type","param","code"}}}, with the additional fields
 * of an upstream's error.
 */
public final class ErrorJson {
    private static final JsonFactory JSON = new JsonFactory();

    private ErrorJson() {}

    /** The failure as a response body in UTF-8. */
    public static byte[] utf8(Failure failure) {
        return text(failure).getBytes(StandardCharsets.UTF_8);
    }

    /** The failure as text on one line. */
    public static String text(Failure failure) {
        // This writes characters instead of bytes: an unpaired surrogate in an upstream's text becomes '?' instead of
        // an exception.
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeObjectPropertyStart("error");
            json.writeStringProperty("message", failure.message());
            json.writeStringProperty("type", failure.type());
            writeNullable(json, "param", failure.param());
            json.writeStringProperty("code", failure.code());
            if (failure.details() != null) {
                json.writeRaw("," + failure.details());
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        return text.toString();
    }

    private static void writeNullable(JsonGenerator json, String name, @Nullable String value) {
        if (value == null) {
            json.writeNullProperty(name);
        } else {
            json.writeStringProperty(name, value);
        }
    }
}
