package dev.sluice.dialect.anthropic;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.chat.Usage;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ApiRequest;
import dev.sluice.dialect.Dialect;
import dev.sluice.dialect.ErrorAnswer;
import dev.sluice.dialect.JsonRequest;
import dev.sluice.dialect.JsonTranslator;
import dev.sluice.dialect.PassedHeaders;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestFields;
import dev.sluice.relay.Head.Field;
import dev.sluice.relay.Translator;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** Anthropic's {@code POST …/messages/count_tokens}: how many tokens a request for a message would have. It costs none. */
public final class TokenCount implements Dialect {
    public static final String PATH = Messages.PATH + "/count_tokens";

    private static final Usage NONE = new Usage(0, 0, 0, 0, "{}");

    @Override
    public String name() {
        return "count-tokens";
    }

    @Override
    public String family() {
        return Messages.NAME;
    }

    @Override
    public String path() {
        return PATH;
    }

    @Override
    public PassedHeaders headers() {
        return Messages.HEADERS;
    }

    @Override
    public List<Field> headersOtherwise() {
        return Messages.VERSION;
    }

    @Override
    public Set<String> parameters() {
        return Messages.PARAMETERS;
    }

    @Override
    public List<Field> limitHeaders(List<Field> fields) {
        return AnthropicLimits.of(fields, Instant.now());
    }

    @Override
    public ApiRequest read(byte[] body, int length) throws InvalidRequestException {
        return new Request(body, RequestFields.of(body, length));
    }

    @Override
    public Failure refused(ErrorAnswer answer, ProviderWords words) {
        return AnthropicError.of(answer, words);
    }

    @Override
    public String error(Failure failure) {
        return AnthropicError.text(failure);
    }

    private static final class Request extends JsonRequest {
        Request(byte[] json, RequestFields fields) {
            super(json, fields);
        }

        @Override
        public boolean streams() {
            return false;
        }

        /** There is no answer in words. */
        @Override
        public Long outputTokens() {
            return 0L;
        }

        /** No default is added: an operator's defaults are for answers in words, and Anthropic refuses them here. */
        @Override
        protected boolean isGiven(String name) {
            return true;
        }

        @Override
        public Translator translator(AnswerContext context) {
            return new JsonTranslator(context.words(), MessageUsage::read, AnthropicError::text, NONE);
        }
    }
}
