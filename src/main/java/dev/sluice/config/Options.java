package dev.sluice.config;

import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The table of all settings, in the order of the README. What a name means is asked here only, and values are kept by
 * name: a family of names such as {@code sluice.models.<model>} needs no more than a row and a rule in
 * {@link #named}.
 */
final class Options {
    private static final Map<String, Option<?>> TABLE = new LinkedHashMap<>();

    static final Option<String> CONFIG = row("sluice.config", null, Type.TEXT, "one more file of settings");

    /** Of the environment alone, hence no row of the table. */
    static final Option<Secret> XAI_KEY = new Option<>("XAI_API_KEY", null, Type.SECRET, "xAI's key");

    static final Option<Secret> UPSTREAM_KEY =
            row("sluice.upstream.key", null, Type.SECRET, "the bearer key for the upstream");
    static final Option<URI> UPSTREAM_URL =
            row("sluice.upstream.url", null, Type.URL, "the base URL of an OpenAI-compatible API");
    static final Option<Integer> MAX_STREAMS =
            row("sluice.upstream.max-streams", "10000", Type.number(1, 1_000_000), "open streams to the upstream");
    static final Option<Duration> CONNECT_TIMEOUT =
            row("sluice.upstream.connect-timeout", "5s", Type.time("10ms", "1h"), "the wait for a connection");
    static final Option<Duration> FIRST_TOKEN_TIMEOUT =
            row("sluice.upstream.first-token-timeout", "1h", Type.time("10ms", "24h"), "the wait for the first token");
    static final Option<Duration> IDLE_TIMEOUT =
            row("sluice.upstream.idle-timeout", "2m", Type.time("10ms", "24h"), "silence after the first token");
    static final Option<Duration> STALL_TIMEOUT =
            row("sluice.client.stall-timeout", "2m", Type.time("10ms", "24h"), "a client that takes nothing");
    static final Option<String> MODEL = row("sluice.chat.model", null, Type.TEXT, "the model for /chat");
    static final Option<Integer> MAX_TOKENS =
            row("sluice.chat.max-tokens", "1024", Type.number(1, 100_000_000), "the longest answer of /chat");
    static final Option<String> MAX_TOKENS_FIELD = row(
            "sluice.chat.max-tokens-field",
            "max_tokens",
            Type.either("max_tokens", "max_completion_tokens"),
            "the request field for the longest answer");
    static final Option<String> SYSTEM = row("sluice.chat.system", null, Type.PROMPT, "the system message of /chat");
    static final Option<Long> EVENT_MAX_BYTES =
            row("sluice.event.max-bytes", "1MiB", Type.size("1KiB", "256MiB"), "the longest upstream event");
    static final Option<Long> BUFFER_BYTES =
            row("sluice.buffer.bytes", "32768", Type.size("1024", "16MiB"), "the output held for one client");
    static final Option<Duration> HEARTBEAT =
            row("sluice.heartbeat", "15s", Type.time("100ms", "24h"), "the longest silence towards a client");
    static final Option<Duration> DRAIN =
            row("sluice.drain", "10s", Type.time("0s", "24h"), "running streams to finish at the stop");
    static final Option<Long> REQUEST_MAX_BYTES =
            row("sluice.request.max-bytes", "1MiB", Type.size("1KiB", "256MiB"), "the longest request body");
    static final Option<Duration> REQUEST_TIMEOUT =
            row("sluice.request.timeout", "30s", Type.time("10ms", "24h"), "a request body to arrive");
    static final Option<Long> REQUEST_MAX_TOTAL_BYTES =
            row("sluice.request.max-total-bytes", "64MiB", Type.size("1KiB", "65536MiB"), "all request bodies at once");
    static final Option<List<Secret>> ACCESS_KEYS =
            row("sluice.access.keys", null, Type.SECRETS, "the bearer keys of clients");
    static final Option<Boolean> ACCESS_OPEN =
            row("sluice.access.open", "false", Type.FLAG, "serving everyone unchecked");
    static final Option<Boolean> METRICS_OPEN =
            row("sluice.metrics.open", "false", Type.FLAG, "showing everyone the metrics");
    static final Option<List<String>> CORS_ORIGINS =
            row("sluice.cors.origins", null, Type.ORIGINS, "origins whose pages may call");

    private Options() {}

    static Collection<Option<?>> all() {
        return Collections.unmodifiableCollection(TABLE.values());
    }

    static @Nullable Option<?> named(String name) {
        return TABLE.get(name);
    }

    static @Nullable Option<?> ofVariable(String variable) {
        return Stream.concat(Stream.of(XAI_KEY), all().stream())
                .filter(option -> option.variable().equals(variable))
                .findFirst()
                .orElse(null);
    }

    /** The setting whose key, by that way of writing keys, takes the fewest edits to reach. */
    static Option<?> nearest(String key, Function<Option<?>, String> keyOf) {
        return Collections.min(all(), Comparator.comparingInt(option -> edits(key, keyOf.apply(option))));
    }

    /** Levenshtein's distance. */
    private static int edits(String from, String to) {
        int[] row = IntStream.rangeClosed(0, to.length()).toArray();
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.length()];
    }

    private static <T> Option<T> row(String name, @Nullable String fallback, Type<T> type, String meaning) {
        Option<T> option = new Option<>(name, fallback, type, meaning);
        TABLE.put(name, option);
        return option;
    }
}
