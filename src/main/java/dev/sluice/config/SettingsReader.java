package dev.sluice.config;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes one {@link Settings} of all layers, or one message of all their faults.
 *
 * <p>No library, because none does all of this: name every fault and its source in one message; take names with dots
 * for keys, unquoted ({@code sluice.models.grok-4.3}); and clash with nothing in a container. Implementations of
 * MicroProfile Config come nearest, but application servers bring their own, and dots in keys want quotes there.
 *
 * <p>Used by one thread, for one reading.
 */
public final class SettingsReader {
    private static final String XAI_URL = "https://api.x.ai/v1";
    private static final Pattern LOOPBACK = Pattern.compile("(.+\\.)?localhost|127(\\.\\d{1,3}){3}|\\[::1]");

    private final Map<String, Given> given = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private SettingsReader() {}

    /** All sources in their order, the later wins; but for the file, which {@link #read} finds by itself. */
    public static List<Layer> layers(
            ClassLoader classPath,
            Map<String, String> contextParameters,
            JndiLayer.Lookup jndi,
            Properties systemProperties,
            Map<String, String> environment) {
        return List.of(
                Layer.classPath(classPath),
                Layer.contextParameters(contextParameters),
                JndiLayer.read(jndi),
                Layer.systemProperties(systemProperties),
                Layer.environment(environment));
    }

    /**
     * Reads the layers, of which the later wins, on top of the defaults and of the file that one of them may name.
     *
     * @throws SettingsException listing every unknown name and every ill-formed value, an overridden one too
     */
    public static Configuration read(List<Layer> layers) {
        SettingsReader reader = new SettingsReader();
        reader.takeDefaults();
        withFile(layers).forEach(reader::take);
        reader.derive();
        reader.compare();
        if (!reader.faults.isEmpty()) {
            throw new SettingsException(reader.faults);
        }
        Settings settings = reader.settings();
        reader.warn(settings);
        List<String> lines = Options.all().stream()
                .map(option -> oneLine(reader.line(option)))
                .toList();
        return new Configuration(settings, lines, reader.warnings);
    }

    /** The file ranks above the class path and below all others, whichever of them names it. */
    private static List<Layer> withFile(List<Layer> layers) {
        List<Layer> all = new ArrayList<>(layers);
        for (int i = layers.size() - 1; i >= 0; i--) {
            String key = layers.get(i).key(Options.CONFIG);
            String path = layers.get(i).values().get(key);
            if (path != null && !path.isBlank()) {
                int rank = layers.get(0).isClassPath() ? 1 : 0;
                all.add(rank, Layer.file(path.strip(), layers.get(i).source(key)));
                return all;
            }
        }
        return all;
    }

    private void takeDefaults() {
        for (Option<?> option : Options.all()) {
            if (option.fallback() != null) {
                given.put(option.name(), new Given(option.fallback(), "default", true));
            }
        }
    }

    private void take(Layer layer) {
        if (layer.fault() != null) {
            fault(layer.name() + " " + layer.fault());
        }
        layer.values().forEach((key, text) -> {
            Option<?> option = layer.option(key);
            if (option != null) {
                take(option, text.strip(), layer.source(key));
                return;
            }
            // Never its value: the name may be a misspelt secret's.
            String nearest = layer.key(Options.nearest(key, layer::key));
            if (layer.isEnvironment()) {
                // Kubernetes invents SLUICE_PORT and its like beside a service of that name.
                warnings.add(oneLine("%s ignored: no setting has that name, the nearest is %s"
                        .formatted(layer.source(key), nearest)));
            } else {
                fault("%s (%s): unknown name, the nearest known is %s".formatted(key, layer.source(key), nearest));
            }
        });
    }

    private void take(Option<?> option, String text, String source) {
        boolean wellFormed = option.accepts(text);
        given.put(option.name(), new Given(text, source, wellFormed));
        if (!wellFormed) {
            fault("%s = \"%s\" (%s): expected %s, for %s"
                    .formatted(
                            option.name(),
                            shown(option, text),
                            source,
                            option.type().expected(),
                            option.meaning()));
        }
    }

    /** The defaults that depend on other settings. */
    private void derive() {
        Given xaiKey = given.get(Options.XAI_KEY.name());
        given.putIfAbsent(
                Options.UPSTREAM_URL.name(), new Given(xaiKey == null ? "simulator:" : XAI_URL, "default", true));
        URI url = value(Options.UPSTREAM_URL);
        if (url == null) {
            return;
        }
        boolean xai = url.getScheme().equals("https") && url.getHost().endsWith(".x.ai");
        if (xai && xaiKey != null) {
            given.putIfAbsent(Options.UPSTREAM_KEY.name(), xaiKey);
        }
        if (xai || url.getScheme().equals("simulator")) {
            given.putIfAbsent(Options.MODEL.name(), new Given(xai ? "grok-4" : "sim/fast", "default", true));
        }
    }

    /** The rules between settings. */
    private void compare() {
        Long one = value(Options.REQUEST_MAX_BYTES);
        Long total = value(Options.REQUEST_MAX_TOTAL_BYTES);
        if (one != null && total != null && total < one) {
            fault(line(Options.REQUEST_MAX_TOTAL_BYTES) + ": expected no less than " + line(Options.REQUEST_MAX_BYTES));
        }
    }

    private Settings settings() {
        return new Settings(
                new Settings.Upstream(
                        get(Options.UPSTREAM_URL),
                        value(Options.UPSTREAM_KEY),
                        get(Options.MAX_STREAMS),
                        get(Options.CONNECT_TIMEOUT),
                        get(Options.FIRST_TOKEN_TIMEOUT),
                        get(Options.IDLE_TIMEOUT)),
                new Settings.Chat(
                        value(Options.MODEL),
                        get(Options.MAX_TOKENS),
                        get(Options.MAX_TOKENS_FIELD),
                        value(Options.SYSTEM)),
                new Settings.Stream(
                        Math.toIntExact(get(Options.EVENT_MAX_BYTES)),
                        Math.toIntExact(get(Options.BUFFER_BYTES)),
                        get(Options.HEARTBEAT),
                        get(Options.STALL_TIMEOUT),
                        get(Options.DRAIN)),
                new Settings.Body(
                        Math.toIntExact(get(Options.REQUEST_MAX_BYTES)),
                        get(Options.REQUEST_MAX_TOTAL_BYTES),
                        get(Options.REQUEST_TIMEOUT)),
                new Settings.Access(
                        Objects.requireNonNullElse(value(Options.ACCESS_KEYS), List.of()),
                        get(Options.ACCESS_OPEN),
                        Objects.requireNonNullElse(value(Options.CORS_ORIGINS), List.of()),
                        get(Options.METRICS_OPEN)));
    }

    private void warn(Settings settings) {
        URI url = settings.upstream().url();
        boolean key = settings.upstream().key() != null;
        if (key && settings.upstream().simulator()) {
            warnings.add("sluice.upstream.key has no use: the simulator answers. Set sluice.upstream.url");
        } else if (key
                && url.getScheme().equals("http")
                && !LOOPBACK.matcher(url.getHost()).matches()) {
            warnings.add("The upstream's key travels unencrypted to " + url + ", for all on the way to read");
        }
        if (settings.access().open() && !settings.access().keys().isEmpty()) {
            warnings.add("sluice.access.open has no use: sluice.access.keys are asked for");
        }
    }

    /** The value that won; null if it is ill-formed, or there is none. */
    private <T> @Nullable T value(Option<T> option) {
        Given winner = given.get(option.name());
        return winner == null || !winner.wellFormed
                ? null
                : option.type().parse().apply(winner.text);
    }

    private <T> T get(Option<T> option) {
        return Objects.requireNonNull(value(option), option.name());
    }

    private String line(Option<?> option) {
        Given winner = given.get(option.name());
        return option.name() + " = "
                + (winner == null ? "(not set)" : shown(option, winner.text) + " (" + winner.source + ")");
    }

    private void fault(String fault) {
        faults.add(oneLine(fault));
    }

    private static String shown(Option<?> option, String text) {
        String shown = option.type().show().apply(text);
        return shown.length() <= 200 ? shown : shown.substring(0, 200) + "...";
    }

    private static String oneLine(String text) {
        return text.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]", "?");
    }

    /** What a source says of a setting, without blanks around it. */
    private record Given(String text, String source, boolean wellFormed) {}
}
