package dev.sluice.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * What to measure, from the system properties that begin with {@code bench.}.
 *
 * @param scenario how the gateway is loaded
 * @param container what the gateway runs in; {@code none} measures the upstream without any gateway
 * @param dialect what the client asks for
 * @param tokens of all streams, the warm-up's not counted; rounded up to whole streams
 * @param warmUp the same before anything is measured
 * @param streams open at once
 * @param streamTokens of every stream
 * @param chunkTokens that one HTTP chunk of the upstream brings
 * @param heap the most heap that the gateway may have, as {@code -Xmx} takes it
 * @param jvm further options of the gateway's JVM
 * @param command that makes the same run again
 */
record Options(
        String scenario,
        String container,
        Dialect dialect,
        long tokens,
        long warmUp,
        int streams,
        int streamTokens,
        int chunkTokens,
        String heap,
        List<String> jvm,
        String command) {
    private static final String PREFIX = "bench.";

    /** By name, without the prefix. */
    private static final Map<String, String> DEFAULTS = defaults();

    private static Map<String, String> defaults() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("scenario", "flood");
        all.put("container", "jetty");
        all.put("path", "/chat");
        all.put("tokens", "2000000");
        all.put("warm-up", "200000");
        all.put("streams", "64");
        all.put("stream-tokens", "2000");
        all.put("chunk-tokens", "1");
        all.put("heap", "256m");
        all.put("jvm", "");
        return all;
    }

    /** @throws IllegalArgumentException saying what is wrong with them */
    static Options read(Properties properties) {
        Map<String, String> given = new LinkedHashMap<>();
        for (String name : properties.stringPropertyNames()) {
            if (name.startsWith(PREFIX)) {
                given.put(name.substring(PREFIX.length()), properties.getProperty(name));
            }
        }
        for (String name : given.keySet()) {
            if (!DEFAULTS.containsKey(name)) {
                throw new IllegalArgumentException(
                        "No such option: " + PREFIX + name + "; there are, with defaults, " + arguments(DEFAULTS));
            }
        }
        Map<String, String> all = new LinkedHashMap<>(DEFAULTS);
        all.putAll(given);
        int streamTokens = number(all, "stream-tokens", StreamText.MAX_TOKENS);
        long most = (long) StreamText.MAX_STREAM * streamTokens / 2;
        return new Options(
                oneOf(all, "scenario", List.of("flood")),
                oneOf(all, "container", List.of("jetty", "tomcat", "none")),
                Dialect.of(oneOf(all, "path", Dialect.paths())),
                number(all, "tokens", most),
                number(all, "warm-up", most),
                number(all, "streams", 100_000),
                streamTokens,
                number(all, "chunk-tokens", streamTokens),
                value(all, "heap"),
                Arrays.stream(value(all, "jvm").split(" ", -1))
                        .filter(option -> !option.isEmpty())
                        .toList(),
                ("mvn -Pbench " + arguments(given)).strip());
    }

    /** How many streams bring so many tokens, the last one whole. */
    int streamsFor(long count) {
        return (int) ((count + streamTokens - 1) / streamTokens);
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

    private static String oneOf(Map<String, String> all, String name, List<String> allowed) {
        String value = value(all, name);
        if (!allowed.contains(value)) {
            throw new IllegalArgumentException(PREFIX + name + " is one of " + allowed + ", not " + value);
        }
        return value;
    }

    private static int number(Map<String, String> all, String name, int most) {
        return (int) number(all, name, (long) most);
    }

    private static long number(Map<String, String> all, String name, long most) {
        String value = value(all, name).replace("_", "");
        if (!value.matches("\\d{1,18}") || Long.parseLong(value) < 1 || Long.parseLong(value) > most) {
            throw new IllegalArgumentException(PREFIX + name + " is a number from 1 to " + most + ", not " + value);
        }
        return Long.parseLong(value);
    }
}
