package dev.sluice.app;

import dev.sluice.dialect.ChatDialect;
import dev.sluice.dialect.Dialect;
import dev.sluice.dialect.ModelShape;
import dev.sluice.dialect.anthropic.Messages;
import dev.sluice.dialect.anthropic.TokenCount;
import dev.sluice.dialect.openai.ChatCompletions;
import dev.sluice.dialect.openai.Embeddings;
import dev.sluice.dialect.openai.TextCompletions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The API dialects that are spoken here: our own, and what {@link ServiceLoader} finds in the application's class loader.
 * That is for our tests and our own extensions: what a dialect must be may change with each version. Immutable.
 *
 * @param prompts the one in which the prompts of {@code /chat} are put
 * @param all each with a name and a path of its own
 */
record Dialects(ChatDialect prompts, List<Dialect> all) {
    Dialects {
        all = List.copyOf(all);
        Map<String, Dialect> taken = new HashMap<>();
        for (Dialect dialect : all) {
            for (String own : List.of(dialect.name(), dialect.path())) {
                Dialect other = taken.put(own, dialect);
                if (other != null) {
                    throw new IllegalArgumentException("Two API dialects are called " + own + ": "
                            + other.getClass().getName() + " and "
                            + dialect.getClass().getName());
                }
            }
        }
    }

    /** @throws IllegalStateException if one that is announced cannot be made */
    static Dialects in(ClassLoader loader) {
        ChatCompletions completions = new ChatCompletions();
        List<Dialect> all = new ArrayList<>();
        all.add(completions);
        all.add(new TextCompletions());
        all.add(new Embeddings());
        all.add(new Messages());
        all.add(new TokenCount());
        try {
            ServiceLoader.load(Dialect.class, loader).forEach(all::add);
        } catch (ServiceConfigurationError fault) {
            throw new IllegalStateException("An API dialect on the class path cannot be used", fault);
        }
        return new Dialects(completions, all);
    }

    /** The names for {@code sluice.upstream.dialects}. */
    Set<String> names() {
        return all.stream().map(Dialect::family).collect(Collectors.toUnmodifiableSet());
    }

    /** How models are listed for clients of dialects with a list of their own. */
    List<ModelShape> modelShapes() {
        return all.stream()
                .flatMap(dialect -> Stream.ofNullable(dialect.models()))
                .toList();
    }

    /** The fields of requests for which an operator can have no default. */
    Set<String> ownFields() {
        return all.stream().flatMap(dialect -> dialect.ownFields().stream()).collect(Collectors.toSet());
    }
}
