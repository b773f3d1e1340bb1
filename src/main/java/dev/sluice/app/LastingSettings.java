package dev.sluice.app;

import dev.sluice.config.Settings;
import java.time.Duration;
import java.util.List;

/**
 * The settings that hold from the start of the application to its end. Others than these take effect with the generation
 * that is made from them.
 *
 * @param drain how long running streams may finish at the stop; {@code java -jar} asks for it once, at the start
 */
record LastingSettings(Duration drain) {
    static LastingSettings of(Settings settings) {
        return new LastingSettings(settings.stream().drain());
    }

    /** The names of those that are others there. */
    List<String> changedIn(Settings settings) {
        return of(settings).equals(this) ? List.of() : List.of("sluice.drain");
    }
}
