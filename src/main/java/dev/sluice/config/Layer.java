package dev.sluice.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One source of settings. {@link #toString} shows no value.
 *
 * @param name the source's name in messages
 * @param values the texts of the settings by key: the name of a setting, or its variable in the environment. An unknown
 *     key is an error
 * @param fault why the source could not be read, or not completely; null if it was
 */
public record Layer(
        String name, Map<String, String> values, @Nullable String fault) {
    private static final String CLASS_PATH = "sluice.properties on the class path";
    private static final String ENVIRONMENT = "environment variable";

    public Layer {
        values = Collections.unmodifiableMap(new TreeMap<>(values));
    }

    /** A source that was read completely. */
    public Layer(String name, Map<String, String> values) {
        this(name, values, null);
    }

    /** The first {@code sluice.properties} that the loader finds; a layer without values if there is none. */
    public static Layer classPath(ClassLoader loader) {
        try (InputStream in = loader.getResourceAsStream("sluice.properties")) {
            if (in == null) {
                return new Layer(CLASS_PATH, Map.of());
            }
            Lines lines = lines(in.readAllBytes());
            return new Layer(CLASS_PATH, strings(lines), lines.fault());
        } catch (IOException | IllegalArgumentException e) {
            return new Layer(CLASS_PATH, Map.of(), reason(e));
        }
    }

    /** A properties file in UTF-8. {@code namedBy} is the source that has set its path, for messages. */
    static Layer file(String path, String namedBy) {
        String name = "file " + path;
        try {
            Lines lines = lines(Files.readAllBytes(Path.of(path)));
            boolean chained = lines.containsKey(Options.CONFIG.name());
            return new Layer(
                    name,
                    strings(lines),
                    chained ? "must not name a further file: remove sluice.config" : lines.fault());
        } catch (IOException | IllegalArgumentException e) {
            return new Layer(name, Map.of(), reason(e) + " (sluice.config names it, " + namedBy + ")");
        }
    }

    /** The servlet context parameters that start with {@code sluice.}; others belong to other applications. */
    public static Layer contextParameters(Map<String, String> parameters) {
        return new Layer("context parameter", only(parameters, Layer::isOurs));
    }

    /** The system properties that start with {@code sluice.}; others belong to other applications. */
    public static Layer systemProperties(Properties properties) {
        return new Layer("system property", only(strings(properties), Layer::isOurs));
    }

    /** The variables {@code SLUICE_…} and {@code XAI_API_KEY}. A blank one counts as not set. */
    public static Layer environment(Map<String, String> variables) {
        Map<String, String> values =
                only(variables, name -> name.startsWith("SLUICE_") || name.equals(Options.XAI_KEY.name()));
        values.values().removeIf(String::isBlank);
        return new Layer(ENVIRONMENT, values);
    }

    boolean isClassPath() {
        return name.equals(CLASS_PATH);
    }

    boolean isEnvironment() {
        return name.equals(ENVIRONMENT);
    }

    /** The option of this key; null if there is none. */
    @Nullable
    Option<?> option(String key) {
        return isEnvironment() ? OptionNames.ofVariable(key) : OptionNames.named(key);
    }

    /** The key of this option in this source. */
    String key(Option<?> option) {
        return isEnvironment() ? option.variable() : option.name();
    }

    /** The source of one value, for messages. */
    String source(String key) {
        return isEnvironment() ? name + " " + key : name;
    }

    @Override
    public String toString() {
        return "Layer[" + name + "]";
    }

    private static boolean isOurs(String name) {
        return name.startsWith("sluice.");
    }

    private static Map<String, String> only(Map<String, String> all, Predicate<String> wanted) {
        Map<String, String> some = new HashMap<>(all);
        some.keySet().removeIf(wanted.negate());
        return some;
    }

    private static Lines lines(byte[] utf8) throws IOException {
        // Properties itself would decode ISO 8859-1. Some editors begin a file with a byte order mark.
        String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
        Lines lines = new Lines();
        lines.load(new StringReader(text.startsWith("\uFEFF") ? text.substring(1) : text));
        return lines;
    }

    private static Map<String, String> strings(Properties properties) {
        return properties.stringPropertyNames().stream()
                .collect(Collectors.toMap(name -> name, name -> properties.getProperty(name, "")));
    }

    private static String reason(Exception e) {
        return e instanceof CharacterCodingException
                ? "is not UTF-8: save it in that encoding"
                : "cannot be read: " + e.getClass().getSimpleName() + ", " + e.getMessage();
    }

    /** Properties that record the names which a file has more than once. Used by one thread. */
    private static final class Lines extends Properties {
        private static final long serialVersionUID = 1;

        private final TreeSet<String> repeated = new TreeSet<>();

        /** {@link #load} calls this for each line. */
        @Override
        public synchronized @Nullable Object put(Object name, Object value) {
            Object former = super.put(name, value);
            if (former != null) {
                repeated.add(name.toString());
            }
            return former;
        }

        @Nullable
        String fault() {
            return repeated.isEmpty()
                    ? null
                    : "gives more than once: " + String.join(", ", repeated) + "; expected each name once";
        }
    }
}
