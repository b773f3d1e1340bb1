package dev.sluice.dialect;

import dev.sluice.chat.Failure;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A failure in the shape of OpenAI's errors: {@code {"error":{"message","type","param","code"}}}, and what else an
 * upstream says of its error.
 */
public final class ErrorJson {
    private static final JsonFactory JSON = new JsonFactory();

    private ErrorJson() {}

    /** As a body, in UTF-8. */
    public static byte[] utf8(Failure failure) {
        return text(failure).getBytes(StandardCharsets.UTF_8);
    }

    /** As text on one line. */
    public static String text(Failure failure) {
        // A writer rather than bytes: half a surrogate pair in an upstream's words becomes '?', not an exception.
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
