package dev.sluice.dialect.responses;

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
import tools.jackson.core.JsonGenerator;

/** OpenAI's {@code POST …/responses}, and that of compatible providers. */
public final class Responses implements ChatDialect {
    public static final String PATH = "/responses";

    private static final PassedHeaders HEADERS = PassedHeaders.COMMON.and(List.of(), List.of("openai-processing-ms"));

    private final boolean allowsState;

    /**
     * @param allowsState whether requests may have the provider store something, or refer to what it has stored. All
     *     clients share the provider's key, so each of them could read what is stored for another
     */
    public Responses(boolean allowsState) {
        this.allowsState = allowsState;
    }

    @Override
    public String name() {
        return "responses";
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
    public ApiRequest read(byte[] body, int length) throws InvalidRequestException {
        return new ResponseRequest(body, ResponseFields.read(body, length, allowsState));
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
        if (system != null) {
            json.writeStringProperty("instructions", Json.wellFormed(system));
        }
        json.writeStringProperty("input", Json.wellFormed(prompt.request().prompt()));
        json.writeBooleanProperty("stream", true);
        json.writeBooleanProperty(ResponseFields.STORE, false);
        json.writeNumberProperty("max_output_tokens", prompt.longest());
        if (temperature != null) {
            json.writeNumberProperty("temperature", temperature);
        }
        if (prompt.request().reasoning()) {
            json.writeObjectPropertyStart("reasoning");
            json.writeStringProperty("summary", "auto");
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    @Override
    public Translator textTranslator(boolean wantsReasoning, AnswerContext context) {
        return new TextOfResponse(context, wantsReasoning);
    }
}
