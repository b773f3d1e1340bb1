package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who may read the metrics: {@code sluice.metrics.*}. */
class MetricsSettingsTest {
    @Test
    void read_nothingSet_isClosedAndTellsNoCallers() {
        assertThat(read(Map.of()).settings().metrics()).isEqualTo(Settings.Metrics.CLOSED);
    }

    @Test
    void key_orItsHash_orTwo_isRead_andNeverShown() {
        Configuration read = read(Map.of(
                "sluice.metrics.key", "s3cret, sha256:" + KeyHash.of("next").hex(), "sluice.metrics.callers", "true"));
        assertThat(read.settings().metrics())
                .isEqualTo(new Settings.Metrics(false, List.of(KeyHash.of("s3cret"), KeyHash.of("next")), true));
        assertThat(read.settings().toString() + read.lines())
                .contains("sluice.metrics.key = ****")
                .doesNotContain(
                        "s3cret", KeyHash.of("s3cret").hex(), KeyHash.of("next").hex());
    }

    @Test
    void key_ofACaller_cannotBeThatOfTheMetrics() {
        assertThat(faults(Map.of("sluice.metrics.key", "s3cret", "sluice.access.keys", "a,s3cret")))
                .singleElement()
                .asString()
                .contains("sluice.metrics.key = ****", "expected a key that nobody else has", "sluice.access.keys")
                .doesNotContain("s3cret");
        assertThat(faults(Map.of("sluice.metrics.key", "s3cret", "sluice.callers.ada.key", "s3cret")))
                .singleElement()
                .asString()
                .contains("sluice.callers.ada.key = ****", "expected a key that nobody else has", "sluice.metrics.key");
    }

    @Test
    void key_beside_open_isAFault() {
        assertThat(faults(Map.of("sluice.metrics.key", "s3cret", "sluice.metrics.open", "true")))
                .singleElement()
                .asString()
                .contains("sluice.metrics.open = true", "expected false while sluice.metrics.key is set");
    }

    private static List<String> faults(Map<String, String> values) {
        return catchThrowableOfType(SettingsException.class, () -> read(values)).faults();
    }

    private static Configuration read(Map<String, String> values) {
        return SettingsReader.read(List.of(Layer.contextParameters(values)));
    }
}
