package dev.sluice.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The options of a run, from the system properties that begin with {@code bench.}.
 *
 * @param scenarios the names of the scenarios
 * @param peers the names of the gateways
 * @param dialects the endpoints of Sluice that are measured; other gateways pass chat completions only
 * @param rounds the number of rounds; in each, every gateway is measured once
 * @param results whether the results that are kept with the sources are overwritten
 * @param heap the largest heap of Sluice's JVM, as for {@code -Xmx}
 * @param jvm further options of Sluice's JVM
 * @param sizes the numbers of the scenarios, by name
 * @param command the command that repeats this run
 */
record BenchOptions(
        List<String> scenarios,
        List<String> peers,
        List<MeasuredApi> dialects,
        int rounds,
        boolean results,
        String heap,
        List<String> jvm,
        Map<String, Long> sizes,
        String command) {
    private static final String PREFIX = "bench.";

    /** The defaults of the options, by name without the prefix; those of the scenarios follow. */
    private static final Map<String, String> DEFAULTS = defaults();

    private static final Map<String, String> SIZES = sizesByDefault();

    private static Map<String, String> defaults() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("scenarios", String.join(",", Scenario.USUAL));
        all.put("peers", "none,nginx,haproxy,jetty-proxy,spring-cloud-gateway,sluice");
        all.put("paths", String.join(",", MeasuredApi.COMPLETIONS.path(), MeasuredApi.CHAT.path()));
        all.put("rounds", "3");
        all.put("results", "false");
        all.put("heap", "256m");
        all.put("jvm", "");
        return all;
    }

    private static Map<String, String> sizesByDefault() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("tokens", "4000000");
        all.put("warm-up", "3000000");
        all.put("flood-warm-up", "12000000");
        all.put("streams", "64");
        all.put("stream-tokens", "2000");
        all.put("chunk-tokens", "1");
        all.put("paced-streams", "1000");
        all.put("paced-rate", "30");
        all.put("paced-warm-up-seconds", "30");
        all.put("paced-seconds", "10");
        all.put("short-answers", "20000");
        all.put("short-warm-up", "300000");
        all.put("short-tokens", "20");
        all.put("idle-streams", "9000");
        all.put("stall-streams", "200");
        all.put("stall-read", "1");
        all.put("leave-streams", "5");
        all.put("endurance-tokens", "20000000");
        all.put("scale-rate", "20000");
        all.put("scale-most-streams", "9500");
        return all;
    }

    /** @throws IllegalArgumentException if an option is not valid; the message names it and the valid values */
    static BenchOptions read(Properties properties) {
        Map<String, String> given = new LinkedHashMap<>();
        properties.stringPropertyNames().stream()
                .filter(name -> name.startsWith(PREFIX))
                .sorted()
                .forEach(name -> given.put(name.substring(PREFIX.length()), properties.getProperty(name)));
        Map<String, String> all = new LinkedHashMap<>(DEFAULTS);
        all.putAll(SIZES);
        for (String name : given.keySet()) {
            if (!all.containsKey(name)) {
                throw new IllegalArgumentException(
                        "No such option: " + PREFIX + name + "; there are, with defaults, " + arguments(all));
            }
        }
        all.putAll(given);
        Map<String, Long> sizes = new LinkedHashMap<>();
        SIZES.keySet().forEach(name -> sizes.put(name, number(all, name)));
        BenchOptions options = new BenchOptions(
                someOf(all, "scenarios", Scenario.NAMES::contains, Scenario.NAMES),
                someOf(all, "peers", Peers.NAMES::contains, Peers.NAMES),
                someOf(all, "paths", MeasuredApi.paths()::contains, MeasuredApi.paths()).stream()
                        .map(MeasuredApi::of)
                        .toList(),
                (int) number(all, "rounds"),
                oneOf(all, "results", List.of("true", "false")).equals("true"),
                value(all, "heap"),
                Arrays.stream(value(all, "jvm").split(" ", -1))
                        .filter(option -> !option.isEmpty())
                        .toList(),
                sizes,
                ("mvn -Pbench " + arguments(given)).strip());
        options.validateSizes();
        return options;
    }

    long size(String name) {
        return Objects.requireNonNull(sizes.get(name), name);
    }

    /** The same as a number of things. */
    int count(String name) {
        return Math.toIntExact(size(name));
    }

    /** The number of streams of the flood that together have this many tokens, rounded up. */
    int streamsFor(long tokens) {
        long each = size("stream-tokens");
        return Math.toIntExact((tokens + each - 1) / each);
    }

    private void validateSizes() {
        if (size("stream-tokens") > StreamText.MAX_TOKENS || size("stream-tokens") % size("chunk-tokens") != 0) {
            throw new IllegalArgumentException(PREFIX + "stream-tokens is at most " + StreamText.MAX_TOKENS
                    + " and a multiple of " + PREFIX + "chunk-tokens");
        }
        long most = StreamText.MAX_STREAM * size("stream-tokens") / 2;
        if (Stream.of("tokens", "warm-up", "flood-warm-up").anyMatch(name -> size(name) > most)) {
            throw new IllegalArgumentException(PREFIX + "tokens, " + PREFIX + "warm-up and " + PREFIX
                    + "flood-warm-up are at most " + most + " with streams of this length");
        }
        if (size("short-warm-up") + size("short-answers") > StreamText.MAX_STREAM) {
            throw new IllegalArgumentException(PREFIX + "short-warm-up and " + PREFIX + "short-answers are at most "
                    + StreamText.MAX_STREAM + " together");
        }
    }

    private static String arguments(Map<String, String> values) {
        return values.entrySet().stream()
                .map(value -> "-D" + PREFIX + value.getKey() + "=" + quoted(value.getValue()))
                .collect(Collectors.joining(" "));
    }

    private static String quoted(String value) {
        return value.matches("\\S+") ? value : "'" + value + "'";
    }

    private static String value(Map<String, String> all, String name) {
        return Objects.requireNonNull(all.get(name), name);
    }

    private static List<String> someOf(
            Map<String, String> all, String name, Predicate<String> allowed, List<String> choice) {
        List<String> values = List.of(value(all, name).split(",", -1));
        for (String value : values) {
            if (!allowed.test(value)) {
                throw new IllegalArgumentException(
                        PREFIX + name + " lists some of " + choice + ", with commas, not " + value);
            }
        }
        return values;
    }

    private static String oneOf(Map<String, String> all, String name, List<String> allowed) {
        String value = value(all, name);
        if (!allowed.contains(value)) {
            throw new IllegalArgumentException(PREFIX + name + " is one of " + allowed + ", not " + value);
        }
        return value;
    }

    private static long number(Map<String, String> all, String name) {
        String value = value(all, name).replace("_", "");
        if (!value.matches("\\d{1,9}") || Long.parseLong(value) < 1) {
            throw new IllegalArgumentException(PREFIX + name + " is a number from 1 to 999999999, not " + value);
        }
        return Long.parseLong(value);
    }
}
