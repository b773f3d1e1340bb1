package dev.sluice.dialect.openai;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ApiRequest;
import dev.sluice.dialect.ChatDialect;
import dev.sluice.dialect.ErrorJson;
import dev.sluice.dialect.Json;
import dev.sluice.dialect.PassedHeaders;
import dev.sluice.dialect.Prompt;
import dev.sluice.relay.Translator;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JsonGenerator;

/** OpenAI's {@code POST …/chat/completions}, and that of compatible providers. */
public final class ChatCompletions implements ChatDialect {
    public static final String PATH = "/chat/completions";

    /** Those of all of OpenAI's paths. */
    static final PassedHeaders HEADERS = PassedHeaders.COMMON.and(List.of(), List.of("openai-processing-ms"));

    @Override
    public String name() {
        return "chat-completions";
    }

    @Override
    public String path() {
        return PATH;
    }

    @Override
    public PassedHeaders headers() {
        return HEADERS;
    }

    @Override
    public Set<String> ownFields() {
        return Set.of("model", "stream", CompletionFields.STREAM_OPTIONS);
    }

    @Override
    public ApiRequest read(byte[] body, int length) throws InvalidRequestException {
        return CompletionBody.read(body, length);
    }

    @Override
    public String error(Failure failure) {
        return ErrorJson.text(failure);
    }

    @Override
    public void write(Prompt prompt, JsonGenerator json) {
        String system = prompt.systemMessage();
        Double temperature = prompt.request().temperature();
        json.writeStartObject();
        json.writeStringProperty("model", Json.wellFormed(prompt.model()));
        json.writeArrayPropertyStart("messages");
        if (system != null) {
            writeMessage(json, "system", system);
        }
        writeMessage(json, "user", prompt.request().prompt());
        json.writeEndArray();
        json.writeBooleanProperty("stream", true);
        json.writeNumberProperty(prompt.maxTokensField(), prompt.longest());
        if (temperature != null) {
            json.writeNumberProperty("temperature", temperature);
        }
        json.writeEndObject();
    }

    private static void writeMessage(JsonGenerator json, String role, String content) {
        json.writeStartObject();
        json.writeStringProperty("role", role);
        json.writeStringProperty("content", Json.wellFormed(content));
        json.writeEndObject();
    }

    @Override
    public Translator textTranslator(boolean wantsReasoning, AnswerContext context) {
        return new ChatTranslator(context, 1, wantsReasoning);
    }
}
