package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The table of settings that people read has the settings that there are, with the defaults that they have. */
class SettingsTableTest {
    private static final Path PAGE = Path.of("src", "site", "markdown", "configuration.md");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (`[^|]*) \\| ([^|]*) \\|");
    private static final Pattern NAME = Pattern.compile("`(sluice\\.[^`]+)`");

    @Test
    void table_ofTheConfigurationPage_hasEverySettingWithItsDefault() throws IOException {
        Map<String, String> defaults = defaultsOnThePage();

        for (Option<?> option : Options.all()) {
            assertThat(defaults).as("rows of the table in " + PAGE).containsKey(option.name());
            String fallback = option.fallback();
            if (fallback != null) {
                assertThat(defaults.get(option.name()))
                        .as("the default of " + option.name() + " in " + PAGE)
                        .isEqualTo(fallback);
            }
        }
    }

    @Test
    void table_ofTheConfigurationPage_hasNoSettingThatThereIsNot() throws IOException {
        assertThat(defaultsOnThePage().keySet())
                .filteredOn(name -> !name.contains("<") && !name.contains("…"))
                .as("settings of the table in " + PAGE)
                .allSatisfy(name -> assertThat(Options.named(name)).as(name).isNotNull());
    }

    /** By name; a row may have several names, and then as many defaults. */
    private static Map<String, String> defaultsOnThePage() throws IOException {
        Map<String, String> defaults = new HashMap<>();
        Matcher row = ROW.matcher(Files.readString(PAGE));
        while (row.find()) {
            Matcher name = NAME.matcher(row.group(1));
            String[] shown = row.group(2).replace("`", "").split(", ", -1);
            for (int i = 0; name.find(); i++) {
                defaults.put(name.group(1), i < shown.length ? shown[i].strip() : "");
            }
        }
        return defaults;
    }
}
