package dev.sluice.app;

import dev.sluice.config.Settings;
import dev.sluice.dialect.ChatDialect;
import dev.sluice.dialect.Dialect;
import dev.sluice.dialect.ModelShape;
import dev.sluice.dialect.anthropic.Messages;
import dev.sluice.dialect.anthropic.TokenCount;
import dev.sluice.dialect.openai.ChatCompletions;
import dev.sluice.dialect.openai.Embeddings;
import dev.sluice.dialect.openai.TextCompletions;
import dev.sluice.dialect.responses.Responses;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The API dialects that are spoken here: our own, and what {@link ServiceLoader} finds in the application's class loader.
 * That is for our tests and our own extensions: what a dialect must be may change with each version. Immutable.
 *
 * @param all each with a name and a path of its own
 */
record Dialects(List<Dialect> all) {
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

    /**
     * With the defaults of all settings. {@link #with} adds an operator's.
     *
     * @throws IllegalStateException if one that is announced cannot be made
     */
    static Dialects in(ClassLoader loader) {
        List<Dialect> all = new ArrayList<>();
        all.add(new ChatCompletions());
        all.add(new TextCompletions());
        all.add(new Embeddings());
        all.add(new Messages());
        all.add(new TokenCount());
        all.add(new Responses(false));
        try {
            ServiceLoader.load(Dialect.class, loader).forEach(all::add);
        } catch (ServiceConfigurationError fault) {
            throw new IllegalStateException("An API dialect on the class path cannot be used", fault);
        }
        return new Dialects(all);
    }

    /** The same dialects, by these settings. Their names and paths stay. */
    Dialects with(Settings settings) {
        return new Dialects(all.stream().map(dialect -> with(settings, dialect)).toList());
    }

    private static Dialect with(Settings settings, Dialect dialect) {
        return dialect instanceof Responses ? new Responses(settings.responses().stateAllowed()) : dialect;
    }

    /** Those in which prompts of {@code /chat} can be put, by their names. */
    Map<String, ChatDialect> ofPrompts() {
        Map<String, ChatDialect> prompts = new TreeMap<>();
        for (Dialect dialect : all) {
            if (dialect instanceof ChatDialect chat) {
                prompts.put(dialect.name(), chat);
            }
        }
        return prompts;
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
