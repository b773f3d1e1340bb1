package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The file of settings that jetty-base comes with. */
class SampleFileTest {
    @Test
    void sampleFile_ofJettyBase_hasEverySettingWithItsDefault() throws IOException {
        Map<String, String> lines = new HashMap<>();
        for (String line : Files.readAllLines(Path.of("jetty-base/resources/sluice.properties"))) {
            if (line.startsWith("#sluice.")) {
                int equals = line.indexOf('=');
                lines.put(line.substring(1, equals), line.substring(equals + 1));
            }
        }
        for (Option<?> option : Options.all()) {
            if (!option.name().equals(Options.CONFIG.name())) { // which names a further file
                assertThat(lines).as("lines").containsKey(option.name());
            }
            if (option.fallback() != null && lines.containsKey(option.name())) {
                assertThat(lines.get(option.name())).as(option.name()).isEqualTo(option.fallback());
            }
        }
    }
}
