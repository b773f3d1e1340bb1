package dev.sluice.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;

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
    private final Values values = new Values();
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
        withFile(layers).forEach(reader::take);
        Values values = reader.values;
        Defaults.fill(values);
        Rules.broken(values).forEach(reader::fault);
        if (!reader.faults.isEmpty()) {
            throw new SettingsException(reader.faults);
        }
        Settings settings = SettingsTree.of(values);
        Doubts.about(settings, values).forEach(reader::warn);
        List<String> lines =
                values.options().map(option -> oneLine(values.line(option))).toList();
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

    private void take(Layer layer) {
        if (layer.fault() != null) {
            fault(layer.name() + " " + layer.fault());
        }
        layer.values().forEach((key, text) -> {
            Option<?> option = layer.option(key);
            if (option != null) {
                take(option, text.strip(), layer, layer.source(key));
                return;
            }
            // Never its value: the name may be a misspelt secret's.
            String nearest = layer.key(Options.nearest(key, layer::key));
            if (layer.isEnvironment() && !Options.isMisspelt(key)) {
                warn("%s ignored: no setting has that name, the nearest is %s".formatted(layer.source(key), nearest));
            } else {
                String where = layer.isEnvironment() ? layer.name() : layer.source(key);
                fault("%s (%s): unknown name, the nearest known is %s".formatted(key, where, nearest));
            }
        });
    }

    private void take(Option<?> option, String text, Layer layer, String source) {
        String illFormed = option.fault(text);
        boolean wellFormed = illFormed == null;
        String expected = option.type().expected();
        if (!wellFormed && layer.isEnvironment() && Options.aliasIn(option.name()) != null) {
            // Kubernetes again: SLUICE_MODELS_PORT beside a service named sluice-models.
            warn("%s ignored: for %s expected %s".formatted(source, option.name(), expected));
            return;
        }
        values.put(option, text, source, wellFormed);
        if (illFormed != null) {
            String part = illFormed.isEmpty() ? "" : illFormed + "; ";
            fault("%s = \"%s\" (%s): %sexpected %s, for %s"
                    .formatted(option.name(), option.shown(text), source, part, expected, option.meaning()));
        }
    }

    private void fault(String fault) {
        faults.add(oneLine(fault));
    }

    private void warn(String warning) {
        warnings.add(oneLine(warning));
    }

    private static String oneLine(String text) {
        return text.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]", "?");
    }
}
