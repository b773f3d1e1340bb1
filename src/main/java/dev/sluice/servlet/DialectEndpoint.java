package dev.sluice.servlet;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ApiRequest;
import dev.sluice.dialect.Dialect;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.relay.Head.Field;
import dev.sluice.relay.Upstream;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A provider's API in one dialect, passed on as it is both ways, such as {@code POST /v1/chat/completions}. */
public final class DialectEndpoint implements Endpoint {
    private final Dialect dialect;
    private final String maxTokensField;
    private final Router router;
    private final ProviderWords words;
    private final int maxEventBytes;

    /**
     * @param maxTokensField the field in which chat completions name the longest answer, if it is set for them
     * @param words removes keys from messages
     * @param maxEventBytes the longest event of a provider
     */
    public DialectEndpoint(
            Dialect dialect, String maxTokensField, Router router, ProviderWords words, int maxEventBytes) {
        this.dialect = dialect;
        this.maxTokensField = maxTokensField;
        this.router = router;
        this.words = words;
        this.maxEventBytes = maxEventBytes;
    }

    @Override
    public String name() {
        return dialect.name();
    }

    @Override
    public List<Field> limitHeaders(List<Field> fields) {
        return dialect.limitHeaders(fields);
    }

    @Override
    public @Nullable Failure refusal(@Nullable String contentType) {
        BodyType type = BodyType.of(contentType);
        return type != null && type.format() == BodyType.Format.JSON
                ? null
                : Failure.invalid(415, "unsupported_media_type", "The Content-Type must be application/json.", null);
    }

    @Override
    public Opening read(HttpServletRequest request, byte[] body, int length, Allowance allowed, Held held)
            throws InvalidRequestException {
        ApiRequest asked = dialect.read(body, length);
        if (allowed.longest() != null) {
            asked = asked.limitedTo(allowed.longest(), maxTokensField);
        }
        Upstream upstream =
                router.route(dialect, asked, ClientHeaders.passed(request, dialect), allowed.models(), held::letGo);
        AnswerContext context = new AnswerContext(words, maxEventBytes, upstream::finishReasonIsOptional);
        return new Opening(upstream, asked.translator(context), asked.model(), asked.streams(), asked.outputTokens());
    }
}
