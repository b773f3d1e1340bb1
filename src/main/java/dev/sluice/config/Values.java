package dev.sluice.config;

import dev.sluice.config.Settings.UpstreamModel;
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

/** The value of each setting that has won over those of other sources, by name. Used by one thread. */
final class Values {
    private static final String DEFAULT = "default";

    private final Map<String, Given> given = new HashMap<>();

    void put(Option<?> option, String text, String source, boolean wellFormed) {
        given.put(option.name(), new Given(text, source, wellFormed));
    }

    /** Sets a default, if no source has set the option. */
    void suggest(Option<?> option, String fallback) {
        given.putIfAbsent(option.name(), new Given(fallback, DEFAULT, true));
    }

    /** Uses the value of one option for another too, if the first has a value and no source has set the second. */
    <T> void share(Option<T> from, Option<T> to) {
        Given shared = given.get(from.name());
        if (shared != null) {
            given.putIfAbsent(to.name(), shared);
        }
    }

    /** Whether the second option has the value of the first. */
    <T> boolean isShared(Option<T> from, Option<T> to) {
        Given shared = given.get(from.name());
        return shared != null && shared.equals(given.get(to.name()));
    }

    /** Whether a source has set the option. */
    boolean isSet(Option<?> option) {
        Given winner = given.get(option.name());
        return winner != null && !winner.source.equals(DEFAULT);
    }

    /** Whether there is a value. It may be a default, and it may be ill-formed. */
    boolean has(Option<?> option) {
        return given.containsKey(option.name());
    }

    /** The value; null if there is none or if it is ill-formed. */
    <T> @Nullable T value(Option<T> option) {
        Given winner = given.get(option.name());
        return winner == null || !winner.wellFormed
                ? null
                : option.type().parse().apply(winner.text);
    }

    /** The value of an option that must have a well-formed one. */
    <T> T get(Option<T> option) {
        return Objects.requireNonNull(value(option), option.name());
    }

    /** {@code name = value (source)}, without secrets. */
    String line(Option<?> option) {
        Given winner = given.get(option.name());
        return option.name() + " = "
                + (winner == null ? "(not set)" : option.shown(winner.text) + " (" + winner.source + ")");
    }

    /** The upstreams of which any option is set, without the default one, in alphabetical order. */
    SortedSet<String> upstreams() {
        return named(OptionNames::upstreamIn);
    }

    /** All upstreams: the default one first, if it has a URL, then the others. */
    List<String> known() {
        List<String> known = new ArrayList<>(upstreams());
        if (has(Options.UPSTREAM_URL)) {
            known.add(0, Options.DEFAULT);
        }
        return known;
    }

    /** The upstreams that an alias or {@code sluice.models.*} names, whether they exist or not. */
    Set<String> asked() {
        Set<String> asked = new HashSet<>();
        for (String alias : aliases()) {
            List<UpstreamModel> models = value(Options.ofModel(alias));
            if (models != null) {
                models.forEach(model -> asked.add(model.upstream()));
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
        return named(OptionNames::aliasIn);
    }

    /** The callers of which any option is set, in alphabetical order. */
    SortedSet<String> callers() {
        return named(OptionNames::callerIn);
    }

    /** The plans of which any option is set, in alphabetical order. */
    SortedSet<String> plans() {
        return named(OptionNames::planIn);
    }

    /** The groups that have a plan, in alphabetical order. */
    SortedSet<String> groups() {
        return named(OptionNames::groupIn);
    }

    /** The issuers of which any option is set, in alphabetical order. */
    SortedSet<String> issuers() {
        return named(OptionNames::issuerIn);
    }

    /** The options of the table, then those of the upstreams, callers, groups, plans, issuers and aliases that are set. */
    Stream<Option<?>> options() {
        return Stream.of(
                        Options.all().stream(),
                        upstreams().stream().flatMap(upstream -> Options.ofUpstream(upstream).stream()),
                        callers().stream().flatMap(caller -> Options.ofCaller(caller).stream()),
                        groups().stream().map(Options::groupPlan),
                        plans().stream().flatMap(plan -> Options.ofPlan(plan).stream()),
                        issuers().stream().flatMap(issuer -> Options.ofIssuer(issuer).stream()),
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

    /** The text that a source has for an option, without blanks around it. */
    private record Given(String text, String source, boolean wellFormed) {}
}
