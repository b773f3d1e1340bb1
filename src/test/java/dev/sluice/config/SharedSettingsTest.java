package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SharedSettingsTest {
    /** The admission of a request may take 5 s in all. */
    @Test
    void timeout_thatIsNotLessThanThatOfTheAdmission_isRefused() {
        assertThat(SettingsReader.read(List.of(with("4s"))).settings().shared()).isNotNull();
        SettingsException fault =
                catchThrowableOfType(SettingsException.class, () -> SettingsReader.read(List.of(with("5s"))));
        assertThat(fault.faults())
                .singleElement()
                .asString()
                .contains("sluice.shared.timeout = \"5s\"", "a time from 5ms to 4s");
    }

    private static Layer with(String timeout) {
        return Layer.contextParameters(Map.of("sluice.shared.url", "redis://cache", "sluice.shared.timeout", timeout));
    }
}
