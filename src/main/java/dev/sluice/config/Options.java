package dev.sluice.config;

import dev.sluice.config.Settings.Target;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The table of all settings, in the order of the documents, and the two families that have as many members as an operator
 * likes: {@code sluice.upstreams.<name>.*} repeats the rows of {@code sluice.upstream.*}, and
 * {@code sluice.models.<alias>} is told by its name alone. What a name means is asked here only, and values are kept by
 * name: a family needs no more than a rule in {@link #named}, one in {@link #ofVariable}, and one in {@link #nearest}.
 */
final class Options {
    /** The upstream of {@code sluice.upstream.*}. */
    static final String DEFAULT = "default";

    private static final String UPSTREAM = "sluice.upstream.";
    private static final String MODELS = "sluice.models.";
    private static final Pattern UPSTREAMS =
            Pattern.compile("sluice\\.upstreams\\.(?!default\\.)(" + Type.UPSTREAM_NAME + ")\\.(.+)");
    private static final Pattern FAMILY = Pattern.compile("(?is)sluice[._](upstream|model)s?[._](.+)");

    /** What Kubernetes puts into the environment for a service whose name begins with "sluice". */
    private static final Pattern KUBERNETES =
            Pattern.compile("SLUICE_(.+_)?(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT(_\\d+_(TCP|UDP|SCTP)(_.+)?)?)");

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
    static final Option<Duration> TOKEN_TIMEOUT =
            row("sluice.upstream.token-timeout", "10m", Type.time("10ms", "24h"), "nothing but comments after a token");
    static final Option<Boolean> INCLUDE_USAGE = row(
            "sluice.upstream.include-usage", "true", Type.FLAG, "asking the upstream for stream_options.include_usage");
    static final Option<String> FINISH_REASON = row(
            "sluice.upstream.finish-reason",
            "required",
            Type.either("required", "optional"),
            "whether [DONE] ends an answer only after a finish_reason");
    static final Option<String> DEFAULTS =
            row("sluice.upstream.defaults", null, Type.OBJECT, "fields that are added to /v1 requests without them");
    static final Option<Integer> RETRY_ATTEMPTS =
            row("sluice.retry.attempts", "3", Type.number(1, 10), "asking one upstream, all told");
    static final Option<Duration> RETRY_BUDGET =
            row("sluice.retry.budget", "5s", Type.time("0s", "10m"), "the last attempt to begin");
    static final Option<Boolean> RETRY_LOST =
            row("sluice.retry.lost", "false", Type.FLAG, "asking again when the answer, which may be billed, was lost");
    static final Option<Duration> CATALOG_MAX_AGE =
            row("sluice.catalog.max-age", "5m", Type.time("1s", "24h"), "the age of an upstream's list of models");
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
    static final Option<Long> CHAT_MAX_BYTES =
            row("sluice.chat.max-bytes", "1MiB", Type.size("1KiB", "256MiB"), "the longest request body of /chat");
    static final Option<Long> EVENT_MAX_BYTES =
            row("sluice.event.max-bytes", "1MiB", Type.size("1KiB", "256MiB"), "the longest upstream event");
    static final Option<Long> BUFFER_BYTES =
            row("sluice.buffer.bytes", "32768", Type.size("1024", "16MiB"), "the output held for one client");
    static final Option<Duration> HEARTBEAT =
            row("sluice.heartbeat", "15s", Type.time("100ms", "24h"), "the longest silence towards a client");
    static final Option<Duration> DRAIN =
            row("sluice.drain", "10s", Type.time("0s", "24h"), "running streams to finish at the stop");
    static final Option<Long> REQUEST_MAX_BYTES =
            row("sluice.request.max-bytes", "32MiB", Type.size("1KiB", "256MiB"), "the longest request body");
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
    static final Option<Boolean> NEEDS_UPSTREAM = row(
            "sluice.ready.needs-upstream", "false", Type.FLAG, "counting as ready only while an upstream is reached");
    static final Option<List<String>> CORS_ORIGINS =
            row("sluice.cors.origins", null, Type.ORIGINS, "origins whose pages may call");
    static final Option<List<Network>> PROXIES =
            row("sluice.proxies", null, Type.NETWORKS, "peers whose forwarding headers are believed");

    static final Option<String> OTHERS =
            row(MODELS + "*", null, Type.OTHERS, "the upstream that is asked for every other name");

    private Options() {}

    /** The table, that is, without the families. */
    static Collection<Option<?>> all() {
        return Collections.unmodifiableCollection(TABLE.values());
    }

    /** What {@code sluice.upstreams.<name>.*} sets, or {@code sluice.upstream.*} for the default one. */
    static List<Option<?>> ofUpstream(String upstream) {
        return all().stream()
                .filter(row -> row.name().startsWith(UPSTREAM))
                .<Option<?>>map(row -> of(upstream, row))
                .toList();
    }

    /** The same setting of that upstream. */
    static <T> Option<T> of(String upstream, Option<T> row) {
        return upstream.equals(DEFAULT)
                ? row
                : new Option<>(
                        "sluice.upstreams." + upstream + "." + row.name().substring(UPSTREAM.length()),
                        row.fallback(),
                        row.type(),
                        row.meaning());
    }

    static Option<List<Target>> ofModel(String alias) {
        return new Option<>(MODELS + alias, null, Type.TARGETS, "what is asked for by that name");
    }

    /** The upstream that this is a setting of, by the family's name; null for all others, the default one's too. */
    static @Nullable String upstreamIn(String name) {
        Matcher member = UPSTREAMS.matcher(name);
        return member.matches() ? member.group(1) : null;
    }

    /** The alias that this setting explains, {@code *} aside. */
    static @Nullable String aliasIn(String name) {
        String alias = name.startsWith(MODELS) ? name.substring(MODELS.length()) : "*";
        return !alias.equals("*") && alias.matches(Type.MODEL_NAME) ? alias : null;
    }

    static @Nullable Option<?> named(String name) {
        if (TABLE.containsKey(name)) {
            return TABLE.get(name);
        }
        String upstream = upstreamIn(name);
        if (upstream != null) {
            return first(ofUpstream(upstream), option -> option.name().equals(name));
        }
        String alias = aliasIn(name);
        return alias == null ? null : ofModel(alias);
    }

    static @Nullable Option<?> ofVariable(String variable) {
        if (variable.equals(XAI_KEY.variable())) {
            return XAI_KEY;
        }
        Option<?> row = first(all(), option -> option.variable().equals(variable));
        if (row != null) {
            return row;
        }
        if (variable.startsWith("SLUICE_MODELS_")) {
            return named(MODELS + words(variable.substring("SLUICE_MODELS_".length())));
        }
        return first(upstreamsIn(variable), option -> option.variable().equals(variable));
    }

    /** The setting whose key, by that way of writing keys, takes the fewest edits to reach. */
    static Option<?> nearest(String key, Function<Option<?>, String> keyOf) {
        List<Option<?>> known = new ArrayList<>(all());
        known.addAll(upstreamsIn(key));
        known.addAll(modelsIn(key));
        String meant = key.replaceFirst("(?i)^(sluice[._]upstream)s[._]default(?=[._])", "$1");
        return Collections.min(known, Comparator.comparingInt(option -> edits(meant, keyOf.apply(option))));
    }

    /** Whether a variable that is no setting's was meant to be one: it is one edit away, and not of Kubernetes' making. */
    static boolean isMisspelt(String variable) {
        String nearest = nearest(variable, Option::variable).variable();
        return !KUBERNETES.matcher(variable).matches()
                && (edits(variable, nearest) <= 1 || isTwoSwapped(variable, nearest));
    }

    /** All settings of every upstream that a name or a variable, perhaps misspelt, may speak of. */
    private static List<Option<?>> upstreamsIn(String key) {
        Matcher family = FAMILY.matcher(key);
        List<Option<?>> options = new ArrayList<>();
        if (family.matches() && family.group(1).equalsIgnoreCase("upstream")) {
            // In a variable the name may end at any of its words.
            String rest = words(family.group(2)) + ".";
            for (int end = 0; end < Math.min(rest.length(), 65); end++) {
                String name = rest.substring(0, end);
                boolean ends = rest.charAt(end) == '.' || rest.charAt(end) == '-';
                if (ends && name.matches(Type.UPSTREAM_NAME) && !name.equals(DEFAULT)) {
                    options.addAll(ofUpstream(name));
                }
            }
        }
        return options;
    }

    /** The alias that a name or a variable, perhaps misspelt, may speak of. */
    private static List<Option<?>> modelsIn(String key) {
        Matcher family = FAMILY.matcher(key);
        return family.matches() && family.group(1).equalsIgnoreCase("model")
                ? List.of(ofModel(family.group(2).replaceAll("[\\p{Z}\\p{Cc}]+", "-")))
                : List.of();
    }

    /** What a variable writes in capitals, as names have it. */
    private static String words(String variable) {
        return variable.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static @Nullable Option<?> first(Collection<Option<?>> options, Predicate<Option<?>> wanted) {
        return options.stream().filter(wanted).findFirst().orElse(null);
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

    /** Whether two letters beside each other have changed places. */
    private static boolean isTwoSwapped(String from, String to) {
        int first = 0;
        while (first < Math.min(from.length(), to.length()) && from.charAt(first) == to.charAt(first)) {
            first++;
        }
        return from.length() == to.length()
                && first + 1 < from.length()
                && from.charAt(first) == to.charAt(first + 1)
                && from.charAt(first + 1) == to.charAt(first)
                && from.substring(first + 2).equals(to.substring(first + 2));
    }

    private static <T> Option<T> row(String name, @Nullable String fallback, Type<T> type, String meaning) {
        Option<T> option = new Option<>(name, fallback, type, meaning);
        TABLE.put(name, option);
        return option;
    }
}
