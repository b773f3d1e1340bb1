package dev.sluice.app;

import dev.sluice.config.Settings;
import java.time.Duration;
import java.util.List;

/**
 * The settings that cannot change while the application runs. All others take effect with a new generation.
 *
 * @param drain the time in which running streams may finish at the stop; {@code java -jar} reads it at the start only
 */
record LastingSettings(Duration drain) {
    static LastingSettings of(Settings settings) {
        return new LastingSettings(settings.stream().drain());
    }

    /** The names of the settings that differ from these. */
    List<String> changedIn(Settings settings) {
        return of(settings).equals(this) ? List.of() : List.of("sluice.drain");
    }
}
