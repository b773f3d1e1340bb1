package dev.sluice.app;

import dev.sluice.config.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The settings that cannot change while the application runs. All others take effect with a new generation.
 *
 * @param drain the time in which running streams may finish at the stop; {@code java -jar} reads it at the start only
 * @param shared the store in which nodes count together; a generation that counts elsewhere would not know the streams of the
 *     others
 */
record LastingSettings(Duration drain, Settings.@Nullable Shared shared) {
    static LastingSettings of(Settings settings) {
        return new LastingSettings(settings.stream().drain(), settings.shared());
    }

    /** The names of the settings that differ from these. */
    List<String> changedIn(Settings settings) {
        LastingSettings others = of(settings);
        List<String> changed = new ArrayList<>();
        if (!others.drain.equals(drain)) {
            changed.add("sluice.drain");
        }
        if (!Objects.equals(others.shared, shared)) {
            changed.add("sluice.shared.*");
        }
        return changed;
    }
}
