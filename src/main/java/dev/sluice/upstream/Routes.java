package dev.sluice.upstream;

import static java.util.Objects.requireNonNull;

import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.ApiRequest;
import dev.sluice.dialect.ChatDialect;
import dev.sluice.dialect.Dialect;
import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.Passed;
import dev.sluice.dialect.PromptCall;
import dev.sluice.dialect.PromptRequest;
import dev.sluice.relay.Clock;
import dev.sluice.relay.Upstream;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Maps the names of models to providers. Immutable; any thread may call it. */
public final class Routes {
    private final SortedMap<String, List<Target>> aliases;
    private final @Nullable Provider others;
    private final List<Dialect> dialects;
    private final Map<String, ChatDialect> chatDialects;
    private final RetryPolicy policy;
    private final Clock clock;

    /**
     * @param aliases the targets of each alias, in the order in which they are called
     * @param others the provider for all other names, which are passed on unchanged; null if other names are unknown
     * @param dialects all that are spoken here, for error messages
     * @param chatDialects by the name of each provider, the dialect in which it is asked prompts of {@code /chat}. One
     *     that is not there cannot be asked
     */
    public Routes(
            SortedMap<String, List<Target>> aliases,
            @Nullable Provider others,
            List<? extends Dialect> dialects,
            Map<String, ChatDialect> chatDialects,
            RetryPolicy policy,
            Clock clock) {
        this.aliases = Collections.unmodifiableSortedMap(new TreeMap<>(aliases));
        this.others = others;
        this.dialects = List.copyOf(dialects);
        this.chatDialects = Map.copyOf(chatDialects);
        this.policy = policy;
        this.clock = clock;
    }

    /**
     * A call for {@code request}. Nothing is sent before it is started.
     *
     * @param dialect the dialect of the request
     * @param passed what else of the client's request is passed to the provider
     * @param usable the names of models that the client may use: it is told of no others
     * @param letGo run once, by any thread, when the request is no longer in memory
     * @throws InvalidRequestException if no provider has its model, or none of those that have it speaks the dialect, or
     *     if the request repeats a field
     */
    public Upstream call(Dialect dialect, ApiRequest request, Passed passed, Predicate<String> usable, Runnable letGo)
            throws InvalidRequestException {
        List<Target> targets = speaking(dialect, request.model(), usable);
        for (Target target : targets) {
            request.refuseDuplicatesOf(target.provider().defaults());
        }
        HeldBody held = new HeldBody(target -> sent(request, target), letGo);
        return new RoutedCall(targets, new UpstreamRequest(dialect, held, passed, request.streams()), policy, clock);
    }

    /**
     * The dialects in which the providers of a model are asked prompts: one or more, each once.
     *
     * @param usable the names of models that the client may use: it is told of no others
     * @throws InvalidRequestException if no provider has the model, or none of those that have it can be asked
     */
    public List<ChatDialect> chatDialects(String model, Predicate<String> usable) throws InvalidRequestException {
        return takingPrompts(model, usable).stream()
                .map(this::chatDialect)
                .distinct()
                .toList();
    }

    /**
     * A call for the answer to a prompt. Nothing is sent before it is started.
     *
     * @param requests the prompt in each of the {@link #chatDialects} of the model
     * @param letGo run once, by any thread, when the requests are no longer in memory
     * @throws InvalidRequestException as {@link #chatDialects}
     */
    public PromptCall prompt(String model, List<PromptRequest> requests, Runnable letGo)
            throws InvalidRequestException {
        Map<ChatDialect, PromptRequest> each =
                requests.stream().collect(Collectors.toMap(PromptRequest::dialect, Function.identity()));
        Function<Target, PromptRequest> put = target -> requireNonNull(each.get(chatDialect(target)));
        HeldBody held = new HeldBody(target -> sent(put.apply(target).request(), target), letGo);
        RoutedCall call = new RoutedCall(
                takingPrompts(model, name -> false),
                target -> new UpstreamRequest(
                        chatDialect(target), held, put.apply(target).passed(), true),
                held,
                policy,
                clock);
        return new PromptCall(call, () -> chatDialect(call.target()));
    }

    private List<Target> takingPrompts(String model, Predicate<String> usable) throws InvalidRequestException {
        List<Target> targets = targets(model, usable);
        List<Target> taking = targets.stream()
                .filter(target -> chatDialects.containsKey(target.provider().name()))
                .toList();
        if (taking.isEmpty()) {
            throw new InvalidRequestException(notSpoken("/chat", model, targets));
        }
        return taking;
    }

    private ChatDialect chatDialect(Target target) {
        return requireNonNull(chatDialects.get(target.provider().name()));
    }

    private static List<ByteBuffer> sent(ApiRequest request, Target target) {
        Provider provider = target.provider();
        return request.sentAs(target.model(), provider.asksForUsage(), provider.defaults());
    }

    private List<Target> speaking(Dialect dialect, @Nullable String model, Predicate<String> usable)
            throws InvalidRequestException {
        List<Target> targets = targets(model, usable);
        List<Target> speaking = targets.stream()
                .filter(target -> target.provider().speaks(dialect))
                .toList();
        if (speaking.isEmpty()) {
            throw new InvalidRequestException(notSpoken(dialect.clientPath(), model, targets));
        }
        return speaking;
    }

    private Failure notSpoken(String path, @Nullable String model, List<Target> targets) {
        String spoken = dialects.stream()
                .filter(other ->
                        targets.stream().anyMatch(target -> target.provider().speaks(other)))
                .map(Dialect::clientPath)
                .collect(Collectors.joining(", "));
        return Failure.invalid(
                404,
                "dialect_not_spoken",
                "The upstream of " + (model == null ? "this request" : "the model " + model) + " does not answer "
                        + path + ". It answers " + (spoken.isEmpty() ? "nothing" : spoken) + ".",
                "model");
    }

    private List<Target> targets(@Nullable String model, Predicate<String> usable) throws InvalidRequestException {
        List<Target> known = model == null ? null : aliases.get(model);
        if (known != null) {
            return known;
        }
        if (others != null) {
            return List.of(new Target(others, model));
        }
        if (model == null) {
            throw InvalidRequestException.badField("model_required", "model", "The request must name a model.");
        }
        throw new InvalidRequestException(ModelList.unknown(
                model, aliases.keySet().stream().filter(usable).toList()));
    }
}
