package dev.sluice.servlet;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.JsonTranslator;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.openai.CompletionBody;
import dev.sluice.dialect.openai.UsageObject;
import dev.sluice.dialect.openai.VerbatimTranslator;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Upstream;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/chat/completions}: OpenAI's API, passed on as it is both ways. */
public final class CompletionsEndpoint implements Endpoint {
    private final Router router;
    private final ProviderWords words;
    private final int maxEventBytes;

    /**
     * @param words keeps keys out of what clients read
     * @param maxEventBytes the longest event of a provider
     */
    public CompletionsEndpoint(Router router, ProviderWords words, int maxEventBytes) {
        this.router = router;
        this.words = words;
        this.maxEventBytes = maxEventBytes;
    }

    @Override
    public String name() {
        return "completions";
    }

    @Override
    public @Nullable Failure refusal(@Nullable String contentType) {
        BodyType type = BodyType.of(contentType);
        return type != null && type.format() == BodyType.Format.JSON
                ? null
                : Failure.invalid(415, "unsupported_media_type", "The Content-Type must be application/json.", null);
    }

    @Override
    public Opening read(HttpServletRequest request, byte[] body, int length, Held held) throws InvalidRequestException {
        CompletionBody asked = CompletionBody.read(body, length);
        Upstream upstream = router.route(asked, PassedHeaders.of(request), held::letGo);
        return new Opening(upstream, translator(asked, upstream), asked.model(), asked.streams());
    }

    private Translator translator(CompletionBody body, Upstream upstream) {
        return body.streams()
                ? new VerbatimTranslator(
                        new AnswerContext(words, maxEventBytes, upstream::finishReasonIsOptional),
                        body.choices(),
                        body.wantsUsage())
                : new JsonTranslator(words, UsageObject::read);
    }
}
