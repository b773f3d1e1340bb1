package dev.sluice.dialect.openai;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ApiRequest;
import dev.sluice.dialect.Dialect;
import dev.sluice.dialect.ErrorJson;
import dev.sluice.dialect.JsonRequest;
import dev.sluice.dialect.JsonTranslator;
import dev.sluice.dialect.PassedHeaders;
import dev.sluice.dialect.RequestFields;
import dev.sluice.relay.Translator;

/** OpenAI's {@code POST …/embeddings}: the answer is one JSON object, never a stream. */
public final class Embeddings implements Dialect {
    public static final String PATH = "/embeddings";

    @Override
    public String name() {
        return "embeddings";
    }

    @Override
    public String path() {
        return PATH;
    }

    @Override
    public PassedHeaders headers() {
        return ChatCompletions.HEADERS;
    }

    @Override
    public ApiRequest read(byte[] body, int length) throws InvalidRequestException {
        return new Request(body, RequestFields.of(body, length));
    }

    @Override
    public String error(Failure failure) {
        return ErrorJson.text(failure);
    }

    private static final class Request extends JsonRequest {
        Request(byte[] json, RequestFields fields) {
            super(json, fields);
        }

        @Override
        public boolean streams() {
            return false;
        }

        /** The answer is numbers, and no provider counts them as tokens. */
        @Override
        public Long outputTokens() {
            return 0L;
        }

        /** No default is added: an operator's defaults are for answers in words, and providers refuse them here. */
        @Override
        protected boolean isGiven(String name) {
            return true;
        }

        @Override
        public Translator translator(AnswerContext context) {
            return new JsonTranslator(context.words(), UsageObject::read, ErrorJson::text);
        }
    }
}
