package dev.sluice.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Reads one {@link Settings} from all sources, or reports all their faults in one message.
 *
 * <p>It uses no library, because none does all of this: name every fault and its source in one message, accept unquoted
 * keys with dots ({@code sluice.models.grok-4.3}), and conflict with no library of the container. Implementations of
 * MicroProfile Config come closest, but application servers contain their own, and they want quotes around such keys.
 *
 * <p>Used by one thread, for one reading.
 */
public final class SettingsReader {
    private final Values values = new Values();
    private final List<String> faults = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private SettingsReader() {}

    /** All sources in their order: the later one wins. {@link #read} adds the file that one of them may name. */
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
     * Reads the layers, of which the later one wins, the file that one of them may name, and the defaults.
     *
     * @throws SettingsException with every unknown name and every ill-formed value, also of values that are overridden
     */
    public static Configuration read(List<Layer> layers) {
        SettingsReader reader = new SettingsReader();
        withFile(layers).forEach(reader::take);
        Values values = reader.values;
        BuiltInDefaults.fill(values);
        Rules.broken(values).forEach(reader::fault);
        PlanRules.broken(values).forEach(reader::fault);
        KeyHolders holders = KeyHolders.of(values);
        holders.faults().forEach(reader::fault);
        if (!reader.faults.isEmpty()) {
            throw new SettingsException(reader.faults);
        }
        Settings settings = SettingsTree.of(values, holders.all());
        Warnings.about(settings, values).forEach(reader::warn);
        List<String> lines =
                values.options().map(option -> oneLine(values.line(option))).toList();
        return new Configuration(settings, lines, reader.warnings);
    }

    /** The file overrides the class path, and all other sources override the file, whichever source names it. */
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
            // The value is not shown, because the name may be that of a secret, misspelt.
            String nearest = layer.key(OptionNames.nearest(key, layer::key));
            if (layer.isEnvironment() && !OptionNames.isMisspelt(key)) {
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
        if (!wellFormed && layer.isEnvironment() && OptionNames.aliasIn(option.name()) != null) {
            // Kubernetes sets SLUICE_MODELS_PORT for a service named sluice-models.
            warn("%s ignored: for %s expected %s"
                    .formatted(source, option.name(), option.type().expected()));
            return;
        }
        values.put(option, text, source, wellFormed);
        if (illFormed != null) {
            String part = illFormed.isEmpty() ? "" : illFormed + "; ";
            fault("%s = \"%s\" (%s): %s%s"
                    .formatted(option.name(), option.shown(text), source, part, option.expected()));
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
