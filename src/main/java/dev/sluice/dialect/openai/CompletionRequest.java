package dev.sluice.dialect.openai;

import dev.sluice.chat.ChatRequest;
import dev.sluice.dialect.Json;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/**
 * The body of {@code POST …/chat/completions} that asks for what a client of {@code /chat} wants: a stream, with usage at
 * its end.
 *
 * @param request what the client said; its {@code maxTokens} and {@code system} win over the defaults below, and a
 *     blank {@code system} asks for none
 * @param model the model's name as the upstream knows it, whatever the client called it
 * @param maxTokens the longest answer if the request does not say, 1 or more
 * @param maxTokensField how the upstream calls that: {@code max_tokens} or {@code max_completion_tokens}
 * @param system the system message if the request has none of its own
 */
public record CompletionRequest(
        ChatRequest request,
        String model,
        int maxTokens,
        String maxTokensField,
        @Nullable String system) {
    /** How many bytes it has as JSON: a prompt of control characters becomes six times as long. */
    public int size() {
        Counter counter = new Counter();
        write(counter);
        return counter.count;
    }

    /**
     * It as JSON in UTF-8, in an array that is no larger.
     *
     * @param size the one that {@link #size} has told
     */
    public byte[] json(int size) {
        byte[] json = new byte[size];
        ByteBuffer rest = ByteBuffer.wrap(json);
        write(new OutputStream() {
            @Override
            public void write(int octet) {
                rest.put((byte) octet);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                rest.put(bytes, offset, length);
            }
        });
        return json;
    }

    private void write(OutputStream bytes) {
        String told = request.system() != null ? request.system() : system;
        Integer most = request.maxTokens();
        Double temperature = request.temperature();
        try (JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
            json.writeStartObject();
            json.writeStringProperty("model", Json.wellFormed(model));
            json.writeArrayPropertyStart("messages");
            if (told != null && !told.isBlank()) {
                writeMessage(json, "system", told);
            }
            writeMessage(json, "user", request.prompt());
            json.writeEndArray();
            json.writeBooleanProperty("stream", true);
            json.writeNumberProperty(maxTokensField, most != null ? most : maxTokens);
            if (temperature != null) {
                json.writeNumberProperty("temperature", temperature);
            }
            json.writeEndObject();
        }
    }

    /** Never the prompts: a log line must not leak one. */
    @Override
    public String toString() {
        return "CompletionRequest[model=" + model + "]";
    }

    private static void writeMessage(JsonGenerator json, String role, String content) {
        json.writeStartObject();
        json.writeStringProperty("role", role);
        json.writeStringProperty("content", Json.wellFormed(content));
        json.writeEndObject();
    }

    /** Only counts what is written. Confined to one thread. */
    private static final class Counter extends OutputStream {
        private int count;

        @Override
        public void write(int octet) {
            count++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            count += length;
        }
    }
}
