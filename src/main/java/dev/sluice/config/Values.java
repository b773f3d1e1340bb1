package dev.sluice.config;

import dev.sluice.config.Settings.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The last word of all sources on each setting, by name. Used by one thread. */
final class Values {
    private static final String DEFAULT = "default";

    private final Map<String, Given> given = new HashMap<>();

    void put(Option<?> option, String text, String source, boolean wellFormed) {
        given.put(option.name(), new Given(text, source, wellFormed));
    }

    /** For what no source has set. */
    void suggest(Option<?> option, String fallback) {
        given.putIfAbsent(option.name(), new Given(fallback, DEFAULT, true));
    }

    /** Lets the one value, if there is one, stand for the other too, if no source has set that. */
    <T> void lend(Option<T> from, Option<T> to) {
        Given lent = given.get(from.name());
        if (lent != null) {
            given.putIfAbsent(to.name(), lent);
        }
    }

    /** Whether the other setting has its value from this one. */
    <T> boolean isLent(Option<T> from, Option<T> to) {
        Given lent = given.get(from.name());
        return lent != null && lent.equals(given.get(to.name()));
    }

    /** Whether a source has set it. */
    boolean isSet(Option<?> option) {
        Given winner = given.get(option.name());
        return winner != null && !winner.source.equals(DEFAULT);
    }

    /** Whether there is a value, a default perhaps, and not necessarily well-formed. */
    boolean has(Option<?> option) {
        return given.containsKey(option.name());
    }

    /** The value that won; null if it is ill-formed, or there is none. */
    <T> @Nullable T value(Option<T> option) {
        Given winner = given.get(option.name());
        return winner == null || !winner.wellFormed
                ? null
                : option.type().parse().apply(winner.text);
    }

    <T> T get(Option<T> option) {
        return Objects.requireNonNull(value(option), option.name());
    }

    /** For people, without secrets. */
    String line(Option<?> option) {
        Given winner = given.get(option.name());
        return option.name() + " = "
                + (winner == null ? "(not set)" : option.shown(winner.text) + " (" + winner.source + ")");
    }

    /** The upstreams of which something is set, the default one aside, in alphabetical order. */
    SortedSet<String> upstreams() {
        return named(Options::upstreamIn);
    }

    /** All upstreams: the default one first, if there is a URL for it, then the others. */
    List<String> known() {
        List<String> known = new ArrayList<>(upstreams());
        if (has(Options.UPSTREAM_URL)) {
            known.add(0, Options.DEFAULT);
        }
        return known;
    }

    /** The upstreams that some name of a model leads to, known or not. */
    Set<String> asked() {
        Set<String> asked = new HashSet<>();
        for (String alias : aliases()) {
            List<Target> targets = value(Options.ofModel(alias));
            if (targets != null) {
                targets.forEach(target -> asked.add(target.upstream()));
            }
        }
        String others = value(Options.OTHERS);
        if (others != null) {
            asked.add(others);
        }
        return asked;
    }

    /** The aliases that are set, in alphabetical order. */
    SortedSet<String> aliases() {
        return named(Options::aliasIn);
    }

    /** The table, and behind it the families' members. */
    Stream<Option<?>> options() {
        return Stream.of(
                        Options.all().stream(),
                        upstreams().stream().flatMap(upstream -> Options.ofUpstream(upstream).stream()),
                        aliases().stream().map(Options::ofModel))
                .flatMap(options -> options);
    }

    private SortedSet<String> named(Function<String, @Nullable String> family) {
        SortedSet<String> names = new TreeSet<>();
        for (String name : given.keySet()) {
            String member = family.apply(name);
            if (member != null) {
                names.add(member);
            }
        }
        return names;
    }

    /** What a source says of a setting, without blanks around it. */
    private record Given(String text, String source, boolean wellFormed) {}
}
