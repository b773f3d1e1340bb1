package dev.sluice.dialect.anthropic;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ApiRequest;
import dev.sluice.dialect.ChatDialect;
import dev.sluice.dialect.ErrorAnswer;
import dev.sluice.dialect.Json;
import dev.sluice.dialect.ModelShape;
import dev.sluice.dialect.PassedHeaders;
import dev.sluice.dialect.Prompt;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.relay.Head.Field;
import dev.sluice.relay.Translator;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JsonGenerator;

/** Anthropic's {@code POST …/messages}, and that of compatible providers. */
public final class Messages implements ChatDialect {
    public static final String PATH = "/messages";

    /** What a request needs at Anthropic beside a key. Its documents have named the same version since 2023. */
    public static final List<Field> VERSION = List.of(new Field(AnthropicModels.HEADER, "2023-06-01"));

    static final PassedHeaders HEADERS = PassedHeaders.COMMON.and(
            List.of(AnthropicModels.HEADER, "anthropic-beta"), List.of("request-id", "anthropic-ratelimit-*"));

    /** Anthropic's SDKs add {@code ?beta=true} when they call a method of their beta API. */
    static final Set<String> PARAMETERS = Set.of("beta");

    static final String NAME = "messages";

    /** Anthropic refuses a smaller budget for thinking. */
    private static final int LEAST_THINKING = 1024;

    @Override
    public String name() {
        return NAME;
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
    public List<Field> headersOtherwise() {
        return VERSION;
    }

    @Override
    public Set<String> parameters() {
        return PARAMETERS;
    }

    @Override
    public ModelShape models() {
        return AnthropicModels.SHAPE;
    }

    @Override
    public List<Field> limitHeaders(List<Field> fields) {
        return AnthropicLimits.of(fields, Instant.now());
    }

    @Override
    public ApiRequest read(byte[] body, int length) throws InvalidRequestException {
        return MessageRequest.read(body, length);
    }

    @Override
    public ApiRequest readPrompt(byte[] body) throws InvalidRequestException {
        return MessageRequest.readPrompt(body);
    }

    @Override
    public Failure refused(ErrorAnswer answer, ProviderWords words) {
        return AnthropicError.of(answer, words);
    }

    @Override
    public String error(Failure failure) {
        return AnthropicError.text(failure);
    }

    /**
     * Half of the limit of tokens is for the thinking that the client wants to see. If that is less than the least that
     * Anthropic accepts, the model does not think. An operator's default for {@code thinking} replaces this one.
     */
    @Override
    public void write(Prompt prompt, JsonGenerator json) {
        String system = prompt.systemMessage();
        Double temperature = prompt.request().temperature();
        int thinking = prompt.request().reasoning() ? prompt.longest() / 2 : 0;
        json.writeStartObject();
        json.writeStringProperty("model", Json.wellFormed(prompt.model()));
        json.writeNumberProperty("max_tokens", prompt.longest());
        if (system != null) {
            json.writeStringProperty("system", Json.wellFormed(system));
        }
        json.writeArrayPropertyStart("messages");
        json.writeStartObject();
        json.writeStringProperty("role", "user");
        json.writeStringProperty("content", Json.wellFormed(prompt.request().prompt()));
        json.writeEndObject();
        json.writeEndArray();
        json.writeBooleanProperty("stream", true);
        if (thinking >= LEAST_THINKING) {
            json.writeObjectPropertyStart("thinking");
            json.writeStringProperty("type", "enabled");
            json.writeNumberProperty("budget_tokens", thinking);
            json.writeEndObject();
        } else if (temperature != null) { // Anthropic refuses one beside thinking
            json.writeNumberProperty("temperature", temperature);
        }
        json.writeEndObject();
    }

    @Override
    public Translator textTranslator(boolean wantsReasoning, AnswerContext context) {
        return new MessageTextTranslator(context, wantsReasoning);
    }
}
