package dev.sluice.dialect.anthropic;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.JsonRequest;
import dev.sluice.dialect.JsonTranslator;
import dev.sluice.dialect.OutputFields;
import dev.sluice.dialect.RequestFields;
import dev.sluice.relay.Translator;
import java.util.List;

/** The body of a {@code POST /v1/messages}. */
final class MessageRequest extends JsonRequest {
    private MessageRequest(byte[] json, Fields fields) {
        super(json, fields);
    }

    static MessageRequest read(byte[] json, int length) throws InvalidRequestException {
        return new MessageRequest(json, Fields.read(json, length));
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
    }
}
