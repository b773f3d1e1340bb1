package dev.sluice.config;

import dev.sluice.GeneratedText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The file of settings in jetty-base is generated from the table of options in the code. */
class SampleFileTest {
    private static final Path FILE = Path.of("jetty-base", "resources", "sluice.properties");
    private static final Pattern LINE = Pattern.compile("(.{1,117})(?: |$)");
    private static final String HEAD = """
            # The settings of Sluice. A line that begins with #sluice. shows a setting and its default; remove the # to change it.
            # A system property of the same name overrides this file, and so does an environment variable: sluice.upstream.url
            # is SLUICE_UPSTREAM_URL. Keys are better kept out of this file: set XAI_API_KEY or SLUICE_UPSTREAM_KEY.
            # Sizes have the units B, KiB and MiB; times have the units ms, s, m and h.
            """;
    private static final String CALLERS = """

            # Callers with keys of their own, with names of your choice. The key is better kept in a file, or as its hash.
            #sluice.callers.ada.key-file=/run/secrets/ada
            #sluice.callers.ci.key=sha256:c3ee0c6e79e31b6a00eb4a1ce49f8c8a00db82c9779ca78ca956e4623bc89356
            #sluice.callers.ci.expires=2027-12-31
            #sluice.callers.ci.groups=builds

            # Issuers of tokens (JWT), with names of your choice.
            #sluice.issuers.ours.issuer=https://login.example/realms/ours
            #sluice.issuers.ours.audience=sluice
            """;
    private static final String PLANS = """

            # Plans, with names of your choice: what callers may use. The plan named default is for everyone who has no other.
            #sluice.plans.default.tokens=20000/m, 1000000/d
            #sluice.plans.builds.models=grok
            #sluice.plans.builds.streams=4
            #sluice.plans.builds.per=group
            #sluice.groups.builds.plan=builds
            """;
    private static final String FAMILIES = """

            # More upstreams, with names of your choice. Each has the settings of sluice.upstream; its URL is required.
            #sluice.upstreams.local.url=http://127.0.0.1:8081/v1

            # Aliases: the names of models that clients use. The first upstream and model of the list is asked first. If it
            # fails before its first token, the next one is asked.
            #sluice.models.grok=default/grok-4.3, local/qwen3
            """;

    @Test
    void sampleFile_ofJettyBase_isThatOfTheCode() throws IOException {
        StringBuilder file = new StringBuilder(HEAD);
        for (Option<?> option : Options.all()) {
            if (option.equals(Options.CONFIG)) {
                continue; // It names another file. This file is found without it.
            }
            if (option.equals(Options.OTHERS)) {
                file.append(FAMILIES);
            }
            file.append('\n');
            LINE.matcher(comment(option))
                    .results()
                    .forEach(line -> file.append("# ").append(line.group(1)).append('\n'));
            String fallback = option.fallback();
            file.append('#').append(option.name()).append('=');
            file.append(fallback == null ? "" : fallback).append('\n');
            if (option.equals(Options.ACCESS_OPEN)) {
                file.append(CALLERS).append(PLANS);
            }
        }
        GeneratedText.assertFile(FILE, file.toString(), SampleFileTest.class);
    }

    private static String comment(Option<?> option) {
        String text = SettingsTableTest.sentences(option);
        if (option.fallback() == null) {
            text += " Default: " + (option.byDefault().equals("–") ? "none" : option.byDefault()) + ".";
        }
        return Option.plain(text);
    }
}
