package dev.sluice.dialect.anthropic;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.Edits;
import dev.sluice.dialect.JsonRequest;
import dev.sluice.dialect.JsonTranslator;
import dev.sluice.dialect.OutputFields;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.dialect.RequestFields;
import dev.sluice.dialect.Span;
import dev.sluice.relay.Translator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;

/** The body of a {@code POST /v1/messages}. */
final class MessageRequest extends JsonRequest {
    private static final String THINKING = "thinking";

    /** Anthropic refuses most values of them beside {@code thinking}. */
    private static final Set<String> OF_SAMPLING = Set.of("temperature", "top_k", "top_p");

    /** The fields that other dialects have and messages have not. Anthropic refuses a request with one of them. */
    private static final Set<String> OF_OTHERS = Set.of(
            "audio",
            "background",
            "best_of",
            "conversation",
            "echo",
            "frequency_penalty",
            "function_call",
            "functions",
            "include",
            "instructions",
            "logit_bias",
            "logprobs",
            "max_completion_tokens",
            "max_output_tokens",
            "max_tool_calls",
            "modalities",
            "n",
            "parallel_tool_calls",
            "prediction",
            "presence_penalty",
            "prompt_cache_key",
            "prompt_cache_retention",
            "reasoning",
            "reasoning_effort",
            "response_format",
            "safety_identifier",
            "seed",
            "stop",
            "store",
            "suffix",
            "text",
            "top_logprobs",
            "truncation",
            "user",
            "verbosity",
            "web_search_options");

    private final Fields fields;
    private final boolean isPrompt;

    private MessageRequest(byte[] json, Fields fields, boolean isPrompt) {
        super(json, fields);
        this.fields = fields;
        this.isPrompt = isPrompt;
    }

    static MessageRequest read(byte[] json, int length) throws InvalidRequestException {
        return new MessageRequest(json, Fields.read(json, length), false);
    }

    /** A prompt of {@code /chat} that Sluice has written. */
    static MessageRequest readPrompt(byte[] json) throws InvalidRequestException {
        return new MessageRequest(json, Fields.read(json, json.length), true);
    }

    /** The models of a provider differ in the {@code thinking} that they accept. So its operator's counts. */
    @Override
    protected void edit(Edits edits, boolean askForUsage, RequestDefaults defaults) {
        Span written = fields.thinking;
        if (isPrompt && written != null && defaults.names().contains(THINKING)) {
            edits.replace(written, defaults.value(THINKING));
        }
    }

    @Override
    protected boolean takes(String name) {
        if (OF_SAMPLING.contains(name)) {
            return !isGiven(THINKING);
        }
        return name.equals(THINKING) ? OF_SAMPLING.stream().noneMatch(this::isGiven) : !OF_OTHERS.contains(name);
    }

    @Override
    public Translator translator(AnswerContext context) {
        return streams()
                ? new MessageTranslator(context)
                : new JsonTranslator(context.words(), MessageUsage::read, AnthropicError::text);
    }

    /** Used by one thread while it parses. */
    static final class Fields extends RequestFields {
        /** Llama.cpp has one more name, which it prefers. */
        private static final OutputFields.Names OUTPUT =
                new OutputFields.Names(List.of("max_tokens"), List.of("n_predict"), List.of());

        /** The position of the value of {@code thinking}; null if there is none. */
        private @Nullable Span thinking;

        private Fields() {
            super(
                    "{\"model\": \"…\", \"max_tokens\": 1024, \"messages\": [{\"role\": \"user\", \"content\": \"…\"}]}",
                    OUTPUT);
        }

        static Fields read(byte[] json, int length) throws InvalidRequestException {
            Fields fields = new Fields();
            fields.readBody(json, length);
            return fields;
        }

        @Override
        protected void readField(String name, JsonParser parser, boolean again) {
            int from = start(parser);
            parser.skipChildren();
            if (name.equals(THINKING)) {
                thinking = new Span(from, behind(parser));
            }
        }
    }
}
