package dev.sluice.servlet;

import dev.sluice.chat.ChatRequest;
import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.chat.LongestAnswer;
import dev.sluice.config.Settings;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ApiRequest;
import dev.sluice.dialect.ChatDialect;
import dev.sluice.dialect.LateTranslator;
import dev.sluice.dialect.Prompt;
import dev.sluice.dialect.PromptBody;
import dev.sluice.dialect.PromptCall;
import dev.sluice.dialect.PromptRequest;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Upstream;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code POST /chat}: takes one prompt, and sends its answer as events of plain text. */
public final class ChatEndpoint implements Endpoint {
    /**
     * The most bytes that the parsing of a body needs for each byte of it, beside the body: a copy if its length was unknown,
     * characters in pieces of growing size, these joined, and the text.
     */
    private static final int WORK = 8;

    private final Settings.Chat defaults;
    private final PromptRouter router;
    private final ProviderWords words;
    private final int maxEventBytes;

    /**
     * @param defaults the values of fields that a request leaves out
     * @param words removes keys from messages
     * @param maxEventBytes the longest event of a provider
     */
    public ChatEndpoint(Settings.Chat defaults, PromptRouter router, ProviderWords words, int maxEventBytes) {
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
        Written written = requests(request, prompt, length, allowed, held);
        List<PromptRequest> requests = written.requests();
        PromptCall call = router.route(model, requests, held::letGo);
        Upstream upstream = call.upstream();
        AnswerContext context = new AnswerContext(words, maxEventBytes, upstream::finishReasonIsOptional);
        Translator translator = requests.size() == 1
                ? requests.get(0).dialect().textTranslator(chat.reasoning(), context)
                : new LateTranslator(() -> call.answersIn().get().textTranslator(chat.reasoning(), context));
        return new Opening(upstream, translator, model, true, (long) prompt.longest(), written.longest());
    }

    /** @param longest the length of the longest of their bodies */
    private record Written(List<PromptRequest> requests, int longest) {}

    /** The prompt in each dialect in which a provider of the model is asked. */
    private Written requests(HttpServletRequest request, Prompt prompt, int length, Allowance allowed, Held held)
            throws InvalidRequestException {
        List<PromptBody> bodies = new ArrayList<>(1);
        int all = 0;
        int longest = 0;
        for (ChatDialect dialect : router.dialects(prompt.model(), allowed.models())) {
            PromptBody body = new PromptBody(dialect, prompt);
            bodies.add(body);
            int size = body.size();
            all += size;
            longest = Math.max(longest, size);
        }
        held.work(2L * length + all); // the texts are still in memory while they are written
        List<PromptRequest> requests = new ArrayList<>(bodies.size());
        for (PromptBody body : bodies) {
            ChatDialect dialect = body.dialect();
            byte[] json = body.json(body.size());
            ApiRequest asked = dialect.readPrompt(json);
            if (allowed.longest() != null) {
                asked = asked.limitedTo(allowed.longest(), defaults.maxTokensField());
            }
            requests.add(new PromptRequest(dialect, asked, ClientHeaders.passed(request, dialect)));
        }
        held.settle(all);
        return new Written(requests, longest);
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
