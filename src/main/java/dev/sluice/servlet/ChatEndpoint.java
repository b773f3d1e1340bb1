package dev.sluice.servlet;

import dev.sluice.chat.ChatRequest;
import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.chat.LongestAnswer;
import dev.sluice.config.Settings;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ApiRequest;
import dev.sluice.dialect.ChatDialect;
import dev.sluice.dialect.Prompt;
import dev.sluice.dialect.PromptBody;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.relay.Upstream;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** {@code POST /chat}: takes one prompt, and sends its answer as events of plain text. */
public final class ChatEndpoint implements Endpoint {
    /**
     * The most bytes that the parsing of a body needs for each byte of it, beside the body: a copy if its length was unknown,
     * characters in pieces of growing size, these joined, and the text.
     */
    private static final int WORK = 8;

    private final ChatDialect dialect;
    private final Settings.Chat defaults;
    private final Router router;
    private final ProviderWords words;
    private final int maxEventBytes;

    /**
     * @param dialect in which prompts are put
     * @param defaults the values of fields that a request leaves out
     * @param words removes keys from messages
     * @param maxEventBytes the longest event of a provider
     */
    public ChatEndpoint(
            ChatDialect dialect, Settings.Chat defaults, Router router, ProviderWords words, int maxEventBytes) {
        this.dialect = dialect;
        this.defaults = defaults;
        this.router = router;
        this.words = words;
        this.maxEventBytes = maxEventBytes;
    }

    @Override
    public String name() {
        return "chat";
    }

    @Override
    public @Nullable Failure refusal(@Nullable String contentType) {
        return BodyType.of(contentType) != null
                ? null
                : Failure.invalid(
                        415,
                        "unsupported_media_type",
                        "The Content-Type must be application/json, application/x-www-form-urlencoded or text/plain, in"
                                + " a charset that is known here.",
                        null);
    }

    @Override
    public Opening read(HttpServletRequest request, byte[] body, int length, Allowance allowed, Held held)
            throws InvalidRequestException {
        held.work((long) WORK * length);
        ChatRequest chat = chat(request, length == body.length ? body : Arrays.copyOf(body, length));
        String model = chat.model() == null ? defaults.model() : chat.model();
        if (model == null) {
            throw InvalidRequestException.badField(
                    "model_required", "model", "Name a model in the request, or one for all in sluice.chat.model.");
        }
        Prompt prompt = prompt(chat, model, allowed.longest());
        PromptBody asks = new PromptBody(dialect, prompt);
        int size = asks.size();
        held.work(2L * length + size); // the texts are still in memory while it is written
        byte[] asked = asks.json(size);
        held.settle(size);
        ApiRequest sent = dialect.read(asked, asked.length);
        if (allowed.longest() != null) {
            sent = sent.limitedTo(allowed.longest(), defaults.maxTokensField());
        }
        Upstream upstream =
                router.route(dialect, sent, ClientHeaders.passed(request, dialect), allowed.models(), held::letGo);
        AnswerContext context = new AnswerContext(words, maxEventBytes, upstream::finishReasonIsOptional);
        return new Opening(
                upstream, dialect.textTranslator(chat.reasoning(), context), model, true, (long) prompt.longest());
    }

    private Prompt prompt(ChatRequest chat, String model, @Nullable LongestAnswer longest)
            throws InvalidRequestException {
        int most = longest == null ? Integer.MAX_VALUE : longest.tokens();
        Integer wanted = chat.maxTokens();
        if (longest != null && wanted != null && wanted > most) {
            throw longest.refusal("max_tokens", most, "");
        }
        return new Prompt(
                chat, model, Math.min(most, defaults.maxTokens()), defaults.maxTokensField(), defaults.system());
    }

    private static ChatRequest chat(HttpServletRequest request, byte[] body) throws InvalidRequestException {
        // The header itself: for an unknown charset Jetty's getContentType() throws.
        BodyType type = BodyType.of(request.getHeader("Content-Type"));
        if (type == null) {
            throw new IllegalStateException("was refused");
        }
        return switch (type.format()) {
            case JSON -> ChatRequestReader.json(body);
            case TEXT -> ChatRequestReader.text(body, type.charset());
            // A filter of the host may have read the body already.
            case FORM ->
                body.length == 0
                        ? ChatRequestReader.parameters(request::getParameter)
                        : ChatRequestReader.form(body, type.charset());
        };
    }
}
