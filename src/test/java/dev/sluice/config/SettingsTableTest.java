package dev.sluice.config;

import dev.sluice.GeneratedText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;

/** The table of settings in the documents is generated from the table of options in the code. */
class SettingsTableTest {
    private static final Path PAGE = Path.of("src", "site", "markdown", "configuration.md");

    /** Represents one row for each setting of {@code sluice.upstream.*}. */
    private static final Option<String> OF_ONE_MORE_UPSTREAM = new Option<>(
            "sluice.upstreams.<name>.…",
            null,
            "as `sluice.upstream.…`, but `url` is required",
            new Type<>("as `sluice.upstream.…`", "", text -> text),
            "one more upstream",
            "See [below](#several-upstreams-and-names-that-last).");

    @Test
    void table_ofTheConfigurationPage_isThatOfTheCode() throws IOException {
        StringJoiner table = new StringJoiner("\n", "", "\n");
        table.add("| name | value | default | meaning |").add("| --- | --- | --- | --- |");
        table.add(row("`XAI_API_KEY` (environment)", Options.XAI_KEY));
        for (Option<?> option : Options.all()) {
            if (option.equals(Options.OTHERS)) {
                table.add(row("`sluice.upstreams.<name>.…`", OF_ONE_MORE_UPSTREAM));
                table.add(row("`sluice.models.<alias>`", Options.ofModel("<alias>")));
            }
            table.add(row("`" + option.name() + "`", option));
            if (option.equals(Options.ACCESS_OPEN)) {
                Options.ofCaller("<name>").forEach(one -> table.add(row("`" + one.name() + "`", one)));
                table.add(row("`sluice.groups.<group>.plan`", Options.groupPlan("<group>")));
                Options.ofPlan("<plan>").forEach(one -> table.add(row("`" + one.name() + "`", one)));
                Options.ofIssuer("<name>").forEach(one -> table.add(row("`" + one.name() + "`", one)));
            }
        }
        GeneratedText.assertPart(PAGE, table.toString(), SettingsTableTest.class);
    }

    private static String row(String name, Option<?> option) {
        return "| %s | %s | %s | %s |".formatted(name, option.type().kind(), option.byDefault(), sentences(option));
    }

    /** The meaning and the details of an option, in Markdown. */
    static String sentences(Option<?> option) {
        String meaning = option.meaning();
        String first = meaning.substring(0, 1).toUpperCase(Locale.ROOT) + meaning.substring(1) + ".";
        return option.details().isEmpty() ? first : first + " " + option.details();
    }
}
