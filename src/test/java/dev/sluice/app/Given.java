package dev.sluice.app;

import dev.sluice.config.Settings;
import dev.sluice.config.SettingsReader;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import javax.naming.NamingException;

/** Settings as an operator would give them. */
final class Given {
    private Given() {}

    static Settings settings(Map<String, String> values) {
        return SettingsReader.read(SettingsReader.layers(
                        ClassLoader.getPlatformClassLoader(),
                        values,
                        name -> {
                            throw new NamingException("none");
                        },
                        new Properties(),
                        Map.of()))
                .settings();
    }

    /** The settings with these upstreams instead. */
    static Settings with(Settings settings, List<Settings.Upstream> upstreams) {
        return new Settings(
                upstreams,
                settings.models(),
                settings.retry(),
                settings.chat(),
                settings.stream(),
                settings.body(),
                settings.access(),
                settings.identities(),
                settings.plans(),
                settings.metrics(),
                settings.ready(),
                settings.shared(),
                settings.responses());
    }
}
