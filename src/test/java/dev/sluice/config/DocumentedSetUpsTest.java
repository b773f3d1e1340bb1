package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The settings in the page about callers and limits: an operator may copy each block as it is. */
class DocumentedSetUpsTest {
    private static final Path PAGE = Path.of("src", "site", "markdown", "callers-and-limits.md");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```properties\\n(.*?)^```");
    private static final String SECRETS = "/run/secrets/";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path secrets;

    static List<String> blocks() throws IOException {
        List<String> blocks = BLOCK.matcher(Files.readString(PAGE))
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();
        assertThat(blocks).as("blocks of settings in " + PAGE).hasSizeGreaterThanOrEqualTo(9);
        return blocks;
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void settings_ofTheDocument_areWellFormedAndHaveAnEffect(String block) throws IOException {
        Properties written = new Properties();
        written.load(new StringReader(block));
        Map<String, String> settings = new HashMap<>();
        for (String name : written.stringPropertyNames()) {
            settings.put(name, withFile(written.getProperty(name)));
        }
        Configuration read = SettingsReader.read(List.of(Layer.contextParameters(settings)));
        assertThat(read.warnings()).as("warnings about\n" + block).isEmpty();
    }

    /** Secrets are files of the test, each with another key. */
    private String withFile(String value) throws IOException {
        if (!value.startsWith(SECRETS)) {
            return value;
        }
        String name = value.substring(SECRETS.length());
        return Files.writeString(secrets.resolve(name), "key-of-" + name + "\n").toString();
    }
}
