package dev.sluice.config;

import dev.sluice.config.Settings.Shared.Unreachable;
import dev.sluice.config.Settings.UpstreamModel;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How the text of a setting is parsed.
 *
 * @param kind what a value is, in a few words of Markdown, for the table of the documents
 * @param expected what a well-formed text is, in plain text, for error messages
 * @param parse gets a text that is not blank and has no blanks around it; throws IllegalArgumentException if it is
 *     ill-formed
 * @param show what logs and error messages may show of the text, whether it is well-formed or not
 */
record Type<T>(String kind, String expected, Function<String, T> parse, UnaryOperator<String> show) {
    /** The pattern of an upstream's name. */
    static final String UPSTREAM_NAME = "[a-z0-9][a-z0-9-]{0,63}";

    /** The pattern of a caller's name in settings. */
    static final String CALLER_NAME = UPSTREAM_NAME;

    /** The pattern of a plan's name. */
    static final String PLAN_NAME = UPSTREAM_NAME;

    /** The pattern of an issuer's name in settings. */
    static final String ISSUER_NAME = UPSTREAM_NAME;

    /** The pattern of a model's name, and of an alias. */
    static final String MODEL_NAME = "[^\\p{Z}\\p{Cc}]+";

    /** The algorithms of tokens' signatures (RFC 7518, RFC 8037, RFC 9864) that have public keys and that the JDK has. */
    private static final List<String> KNOWN_ALGORITHMS = List.of(
            "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519");

    static final Type<String> TEXT = new Type<>("text", "a text that is not blank", text -> text);
    static final Type<String> PROMPT =
            new Type<>("text", "a text that is not blank", text -> text, text -> Secret.MASK);
    static final Type<String> KEY_FILE = new Type<>("text", "the path of a file", text -> text, Type::showPath);
    static final Type<Boolean> FLAG = new Type<>("`true` or `false`", "true or false", Type::parseFlag);
    static final Type<Secret> SECRET = new Type<>(
            "key", "visible ASCII characters without blanks or quotes", Type::parseSecret, text -> Secret.MASK);
    static final Type<List<Secret>> SECRETS = new Type<>(
            "keys, separated by commas",
            "keys separated by commas, each of visible ASCII characters without blanks or quotes",
            text -> each(text, Type::parseSecret),
            text -> Secret.MASK);
    static final Type<List<KeyHash>> CALLER_KEYS = new Type<>(
            "key, or two, separated by a comma",
            "one key, or two separated by a comma, each as it is (visible ASCII characters without blanks, quotes or"
                    + " commas) or as sha256: and the 64 hexadecimal digits of its SHA-256, which is not that of no key",
            Type::parseCallerKeys,
            text -> Secret.MASK);
    static final Type<LocalDate> DATE = new Type<>("date", "a date, such as 2027-01-31", Type::parseDate);
    static final Type<List<String>> GROUPS = new Type<>(
            "names, separated by commas",
            "names separated by commas, each of at most 200 characters, no two the same, and none of them * or **",
            Type::parseGroups);
    static final Type<String> PLAN = new Type<>("name of a plan", "the name of a plan", Type::parsePlan);
    static final Type<List<String>> MODELS = new Type<>(
            "names of models, separated by commas; `*` in them stands for any characters",
            "names of models separated by commas, in which * stands for any characters, no two the same",
            Type::parseModels);
    static final Type<List<Rate>> RATES = new Type<>(
            "`<amount>/<period>`, or several, separated by commas; the period is `s`, `m`, `h` or `d`",
            "<amount>/<period>, or several of these separated by commas, each with an amount from 1 to 1000000000000 and"
                    + " with another period: s, m, h or d",
            Type::parseRates);
    static final Type<String> DIALECT_NAME =
            new Type<>("name", "the name of an API dialect, such as chat-completions", Type::parseDialect);
    static final Type<List<String>> DIALECTS = new Type<>(
            "names, separated by commas",
            "names of API dialects separated by commas, such as chat-completions, responses, no two the same",
            Type::parseDialects);
    static final Type<String> HEADER = new Type<>(
            "name of a header",
            "the name of an HTTP header that has no other meaning here, such as X-Forwarded-User",
            Type::parseHeader);
    static final Type<URI> URL = new Type<>(
            "URL",
            "simulator: or http(s)://host[:port][/path] without user, query or fragment",
            Type::parseUrl,
            Type::show);
    static final Type<List<String>> ORIGINS = new Type<>(
            "origins, separated by commas",
            "origins separated by commas, each scheme://host[:port] and nothing behind it",
            text -> each(text, Type::parseOrigin),
            Type::show);
    static final Type<List<Network>> NETWORKS = new Type<>(
            "addresses and ranges, separated by commas",
            "IP addresses and ranges separated by commas, each as 10.1.2.3, 10.0.0.0/8, ::1 or fd00::/8 and without bits"
                    + " behind the prefix",
            text -> each(text, Network::parse));
    static final Type<StoreUrl> STORE = new Type<>(
            "URL of a Redis",
            "redis://host[:port][/database], redis://:password@host or redis://user:password@host; rediss:// for TLS; and in"
                    + " user and password each of :@/?#% as % and two digits",
            StoreUrl::parse,
            StoreUrl::show);
    static final Type<Unreachable> UNREACHABLE =
            new Type<>("`local`, `refuse` or `allow`", "local, refuse or allow", Type::parseUnreachable);
    static final Type<String> ISSUER = new Type<>(
            "URL, or another text",
            "a text without blanks, in most cases a URL such as https://login.example/realms/ours",
            Type::parseWord);
    static final Type<List<String>> AUDIENCES = new Type<>(
            "texts, separated by commas",
            "texts separated by commas, each without blanks, no two the same",
            text -> different(text, Type::parseWord));
    static final Type<URI> JWKS = new Type<>(
            "URL",
            "https://host[:port]/path without user or fragment; http only for this machine: localhost or a loopback address",
            Type::parseJwks,
            Type::show);
    static final Type<String> CLAIM = new Type<>(
            "name of a claim",
            "the name of a claim, such as groups, or of one within another, such as realm_access.roles",
            Type::parseWord);
    static final Type<List<String>> ALGORITHMS = new Type<>(
            "names of algorithms, separated by commas",
            "names separated by commas, no two the same, of " + String.join(", ", KNOWN_ALGORITHMS)
                    + " (all with public" + " keys: none and HS256 are not accepted)",
            text -> different(text, Type::parseAlgorithm));
    static final Type<String> OBJECT = new Type<>("JSON object", "a JSON object, {...}", Type::parseObject);
    static final Type<List<UpstreamModel>> UPSTREAM_MODELS = new Type<>(
            "`<upstream>/<model>`, or several, separated by commas",
            "<upstream>/<model>, or several of these separated by commas, no two the same",
            Type::parseUpstreamModels);
    static final Type<String> OTHERS = new Type<>("`<upstream>/*`", "<upstream>/*", Type::parseOthers);

    /** The largest amount of a rate. */
    private static final long MOST = 1_000_000_000_000L;

    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,12}) *(B|KiB|MiB|)");
    private static final Pattern TIME = Pattern.compile("(\\d{1,12}) *(ms|s|m|h)");
    private static final Pattern KEY = Pattern.compile("[!-~&&[^\"']]+");
    private static final Pattern RATE = Pattern.compile("(\\d{1,13}) */ *([smhd])");
    private static final Pattern GROUP = Pattern.compile("[^\\p{Cc}\\p{Zl}\\p{Zp}]{1,200}");
    private static final Pattern MODEL = Pattern.compile(MODEL_NAME);
    private static final Pattern WORD = Pattern.compile("[^\\p{Z}\\p{Cc},]{1,1000}");
    private static final Pattern UPSTREAM_MODEL = Pattern.compile("(" + UPSTREAM_NAME + ")/(" + MODEL_NAME + ")");
    private static final Pattern DIALECT = Pattern.compile(UPSTREAM_NAME);
    private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    /** In lower case: those from which something else is read, and those that go on to upstreams. */
    private static final Set<String> TAKEN_HEADERS = Set.of(
            "authorization",
            "content-encoding",
            "content-length",
            "content-type",
            "cookie",
            "forwarded",
            "host",
            "idempotency-key",
            "origin",
            "sec-fetch-mode",
            "sec-fetch-site",
            "traceparent",
            "tracestate",
            "x-api-key",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-request-id");

    /** Hosts that are this machine. */
    static final Pattern LOOPBACK = Pattern.compile("(?i)(.+\\.)?localhost|127(\\.\\d{1,3}){3}|\\[::1]");

    private static final URI SIMULATOR = URI.create("simulator:/");

    Type(String kind, String expected, Function<String, T> parse) {
        this(kind, expected, parse, UnaryOperator.identity());
    }

    static Type<Integer> number(int min, int max) {
        return new Type<>(
                "number, %d to %d".formatted(min, max),
                "a whole number from %d to %d".formatted(min, max),
                text -> within(min, Integer.valueOf(match(NUMBER, text).group()), max));
    }

    /** A number of bytes. The bounds, both inclusive, are written as an operator would. */
    static Type<Long> size(String min, String max) {
        return new Type<>(
                "size, %s to %s".formatted(min, max),
                "a size from %s to %s, in B, KiB or MiB (a plain number is bytes)".formatted(min, max),
                text -> within(parseSize(min), parseSize(text), parseSize(max)));
    }

    /** The bounds, both inclusive, are written as an operator would. */
    static Type<Duration> time(String min, String max) {
        return new Type<>(
                "time, %s to %s".formatted(min, max),
                "a time from %s to %s, with its unit: ms, s, m or h (a plain number is not enough)".formatted(min, max),
                text -> within(parseTime(min), parseTime(text), parseTime(max)));
    }

    static Type<String> either(String one, String other) {
        return new Type<>("`" + one + "` or `" + other + "`", one + " or " + other, text -> {
            require(text.equals(one) || text.equals(other));
            return text;
        });
    }

    private static boolean parseFlag(String text) {
        require(text.equals("true") || text.equals("false"));
        return text.equals("true");
    }

    private static long parseSize(String text) {
        Matcher size = match(SIZE, text);
        long number = Long.parseLong(size.group(1));
        return switch (size.group(2)) {
            case "KiB" -> number << 10;
            case "MiB" -> number << 20;
            default -> number;
        };
    }

    private static Duration parseTime(String text) {
        Matcher time = match(TIME, text);
        long number = Long.parseLong(time.group(1));
        return switch (time.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }

    private static Secret parseSecret(String text) {
        return new Secret(match(KEY, text).group());
    }

    private static List<KeyHash> parseCallerKeys(String text) {
        List<KeyHash> keys = each(text, KeyHash::parse);
        require(keys.size() <= 2 && Set.copyOf(keys).size() == keys.size());
        return keys;
    }

    private static LocalDate parseDate(String text) {
        try {
            return LocalDate.parse(text);
        } catch (DateTimeParseException illFormed) {
            throw new IllegalArgumentException(illFormed);
        }
    }

    private static List<String> parseGroups(String text) {
        List<String> groups = different(text, name -> match(GROUP, name).group());
        require(groups.stream().noneMatch(Type::meansNoGroup));
        return groups;
    }

    /** Each of which is there once. */
    private static List<String> different(String text, Function<String, String> parse) {
        List<String> all = each(text, parse);
        require(Set.copyOf(all).size() == all.size());
        return all;
    }

    /** Whether it is written as a group's name is. */
    static boolean isGroup(String name) {
        return name.equals(name.strip()) && GROUP.matcher(name).matches();
    }

    /** Whether containers would take this name for whoever is authenticated ({@code **}), or for nobody ({@code *}). */
    static boolean meansNoGroup(String name) {
        return name.equals("*") || name.equals("**");
    }

    private static String parsePlan(String text) {
        require(text.matches(PLAN_NAME));
        return text;
    }

    private static List<String> parseModels(String text) {
        List<String> models = each(text, name -> match(MODEL, name).group());
        require(Set.copyOf(models).size() == models.size());
        return models;
    }

    private static List<Rate> parseRates(String text) {
        List<Rate> rates = each(text, Type::parseRate);
        require(rates.stream().map(Rate::period).distinct().count() == rates.size());
        return rates;
    }

    private static Rate parseRate(String text) {
        Matcher rate = match(RATE, text);
        return new Rate(
                within(1L, Long.valueOf(rate.group(1)), MOST),
                switch (rate.group(2)) {
                    case "s" -> Rate.Period.SECOND;
                    case "m" -> Rate.Period.MINUTE;
                    case "h" -> Rate.Period.HOUR;
                    default -> Rate.Period.DAY;
                });
    }

    private static String parseDialect(String text) {
        return match(DIALECT, text).group();
    }

    private static List<String> parseDialects(String text) {
        List<String> dialects = each(text, Type::parseDialect);
        require(Set.copyOf(dialects).size() == dialects.size());
        return dialects;
    }

    private static String parseHeader(String text) {
        require(!TAKEN_HEADERS.contains(text.toLowerCase(Locale.ROOT)));
        return match(HEADER_NAME, text).group();
    }

    private static URI parseUrl(String text) {
        String url = text.replaceFirst("/+$", "");
        if (url.equals("simulator:")) {
            return SIMULATOR;
        }
        URI uri = URI.create(url);
        String origin = origin(uri);
        require(origin.startsWith("http://") || origin.startsWith("https://"));
        return URI.create(origin + uri.getRawPath());
    }

    private static String parseOrigin(String text) {
        URI uri = URI.create(text);
        String origin = origin(uri);
        require(uri.getRawPath().isEmpty());
        return origin;
    }

    private static Unreachable parseUnreachable(String text) {
        return Stream.of(Unreachable.values())
                .filter(each -> each.label().equals(text))
                .findAny()
                .orElseThrow(IllegalArgumentException::new);
    }

    private static URI parseJwks(String text) {
        URI url = URI.create(text);
        require(url.getRawFragment() == null && isSafe(url));
        return url;
    }

    /** Whether what is fetched from this URL cannot be another's: by https, or by http from this machine. */
    static boolean isSafe(URI url) {
        if (url.getScheme() == null || url.getHost() == null || url.getRawUserInfo() != null || url.getPort() > 65535) {
            return false;
        }
        return url.getScheme().equalsIgnoreCase("https")
                || (url.getScheme().equalsIgnoreCase("http")
                        && LOOPBACK.matcher(url.getHost()).matches());
    }

    private static String parseWord(String text) {
        return match(WORD, text).group();
    }

    private static String parseAlgorithm(String text) {
        require(KNOWN_ALGORITHMS.contains(text));
        return text;
    }

    private static String parseObject(String text) {
        require(text.startsWith("{") && text.endsWith("}"));
        return text;
    }

    private static List<UpstreamModel> parseUpstreamModels(String text) {
        List<UpstreamModel> models = each(text, Type::parseUpstreamModel);
        require(models.stream().noneMatch(model -> model.model().equals("*")));
        require(Set.copyOf(models).size() == models.size());
        return models;
    }

    private static String parseOthers(String text) {
        UpstreamModel others = parseUpstreamModel(text);
        require(others.model().equals("*"));
        return others.upstream();
    }

    private static UpstreamModel parseUpstreamModel(String text) {
        Matcher model = match(UPSTREAM_MODEL, text);
        return new UpstreamModel(model.group(1), model.group(2));
    }

    /** Scheme, host and port as browsers write them: in lower case, without the port that the scheme implies. */
    private static String origin(URI uri) {
        require(uri.getScheme() != null && uri.getHost() != null && uri.getRawUserInfo() == null);
        require(uri.getRawQuery() == null && uri.getRawFragment() == null);
        String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        int port = uri.getPort();
        require(port == -1 || (port > 0 && port <= 65535));
        boolean implied = port == -1 || port == (scheme.equals("https") ? 443 : scheme.equals("http") ? 80 : -1);
        return scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + (implied ? "" : ":" + port);
    }

    /** An address with a user, a query or a fragment is ill-formed, and that part may be a password: it is not shown. */
    private static String show(String address) {
        return address.matches("(?s).*[@?#].*") ? Secret.MASK : address;
    }

    /** An operator may have written the key itself where its file's path belongs, so only an absolute path is shown. */
    private static String showPath(String path) {
        try {
            return Path.of(path).isAbsolute() ? path : Secret.MASK;
        } catch (InvalidPathException none) {
            return Secret.MASK;
        }
    }

    private static <T> List<T> each(String text, Function<String, T> parse) {
        String[] entries = text.split(",", -1);
        List<T> all = new ArrayList<>(entries.length);
        for (String entry : entries) {
            try {
                all.add(parse.apply(entry.strip()));
            } catch (IllegalArgumentException illFormed) {
                if (entries.length == 1) {
                    throw illFormed;
                }
                throw new EntryException(all.size() + 1, entries.length, entry.isBlank());
            }
        }
        return List.copyOf(all);
    }

    private static <C extends Comparable<C>> C within(C min, C value, C max) {
        require(min.compareTo(value) <= 0 && value.compareTo(max) <= 0);
        return value;
    }

    private static Matcher match(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        require(matcher.matches());
        return matcher;
    }

    private static void require(boolean wellFormed) {
        if (!wellFormed) {
            throw new IllegalArgumentException();
        }
    }
}
