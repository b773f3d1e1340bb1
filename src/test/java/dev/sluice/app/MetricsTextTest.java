package dev.sluice.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.config.Layer;
import dev.sluice.config.Settings;
import dev.sluice.config.SettingsReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The exact text of {@code /metrics}, because dashboards and alerts depend on it. */
class MetricsTextTest {
    private static final Map<String, String> SETTINGS = Map.of(
            "sluice.upstreams.first.url", "simulator:",
            "sluice.upstreams.second.url", "http://127.0.0.1:9/v1",
            "sluice.models.one", "first/sim/fast, second/two");

    @Test
    void metrics_ofAnEngineWithoutStreams_areThisText() throws IOException {
        Settings settings =
                SettingsReader.read(List.of(Layer.contextParameters(SETTINGS))).settings();
        Engine engine = Engine.start(settings);
        try {
            assertThat(engine.metrics()).isEqualTo(expected());
        } finally {
            engine.stop();
        }
    }

    private static String expected() throws IOException {
        try (InputStream text = MetricsTextTest.class.getResourceAsStream("/metrics/no-streams.txt")) {
            assertThat(text).isNotNull();
            return new String(text.readAllBytes(), UTF_8);
        }
    }
}
