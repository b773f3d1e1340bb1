package dev.sluice.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.config.Settings.KeyHolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the callers of {@code sluice.callers.<name>.*} with their keys, from settings and from files. A file is read once, so
 * that what was checked is what is used. Used by one thread, for one reading.
 */
final class KeyHolders {
    private static final int LONGEST_FILE = 4096;

    private final Values values;
    private final List<KeyHolder> holders = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();

    /** The setting of each key that is known so far. */
    private final Map<KeyHash, Option<?>> settings = new LinkedHashMap<>();

    private KeyHolders(Values values) {
        this.values = values;
    }

    static KeyHolders of(Values values) {
        KeyHolders holders = new KeyHolders(values);
        List<Secret> nameless = values.value(Options.ACCESS_KEYS);
        if (nameless != null) {
            nameless.forEach(key -> holders.settings.put(KeyHash.of(key.reveal()), Options.ACCESS_KEYS));
        }
        List<KeyHash> ofMetrics = values.value(Options.METRICS_KEY);
        if (ofMetrics != null) {
            ofMetrics.forEach(key -> holders.isNobodyElses(key, Options.METRICS_KEY));
        }
        values.callers().forEach(holders::read);
        return holders;
    }

    /** In alphabetical order. Complete only without faults. */
    List<KeyHolder> all() {
        return List.copyOf(holders);
    }

    /** One sentence for each, without secrets. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    private void read(String caller) {
        Option<List<KeyHash>> inline = Options.callerKeys(caller);
        Option<String> file = Options.callerKeyFile(caller);
        if (values.has(inline) && values.has(file)) {
            faults.add("%s: expected only one of this and %s".formatted(values.line(file), values.line(inline)));
            return;
        }
        if (!values.has(inline) && !values.has(file)) {
            String others = Options.ofCaller(caller).stream()
                    .filter(values::isSet)
                    .map(values::line)
                    .collect(Collectors.joining(", "));
            faults.add("%s: %s, or %s, because other settings of this caller are set: %s"
                    .formatted(values.line(inline), inline.expected(), file.name(), others));
            return;
        }
        boolean inFile = values.has(file);
        List<KeyHash> keys = inFile ? keysIn(file) : values.value(inline);
        if (keys == null) {
            return; // that fault is told already
        }
        keys.forEach(key -> isNobodyElses(key, inFile ? file : inline));
        List<String> groups = values.value(Options.callerGroups(caller));
        holders.add(new KeyHolder(
                caller,
                keys,
                values.value(Options.callerExpires(caller)),
                groups == null ? Set.of() : Set.copyOf(groups)));
    }

    private void isNobodyElses(KeyHash key, Option<?> setting) {
        Option<?> other = settings.putIfAbsent(key, setting);
        if (other != null) {
            faults.add("%s: expected a key that nobody else has, and %s has the same"
                    .formatted(values.line(setting), values.line(other)));
        }
    }

    private @Nullable List<KeyHash> keysIn(Option<String> setting) {
        String path = values.value(setting);
        if (path == null) {
            return null;
        }
        try (InputStream in = Files.newInputStream(Path.of(path))) {
            byte[] bytes = in.readNBytes(LONGEST_FILE + 1);
            String text = new String(bytes, UTF_8).strip(); // editors and echo put a line break at the end
            if (text.isEmpty() || bytes.length > LONGEST_FILE) {
                return broken(setting, bytes.length > LONGEST_FILE ? "is longer than 4 KiB" : "is empty");
            }
            return Type.CALLER_KEYS.parse().apply(text);
        } catch (IOException | InvalidPathException unreadable) {
            return broken(setting, "cannot be read: " + unreadable.getClass().getSimpleName());
        } catch (EntryException illFormed) {
            return broken(setting, "has a fault: " + illFormed.getMessage());
        } catch (IllegalArgumentException illFormed) {
            return broken(setting, "has a fault");
        }
    }

    private @Nullable List<KeyHash> broken(Option<String> setting, String fault) {
        faults.add("%s: the file %s; expected in it %s"
                .formatted(values.line(setting), fault, Type.CALLER_KEYS.expected()));
        return null;
    }
}
