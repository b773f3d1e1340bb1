package dev.sluice.config;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/** The values of the settings that no source has set. */
final class BuiltInDefaults {
    private static final String XAI_URL = "https://api.x.ai/v1";

    private BuiltInDefaults() {}

    /** Adds the defaults: first those that depend on no other setting. */
    static void fill(Values values) {
        values.options().toList().forEach(option -> {
            if (option.fallback() != null) {
                values.suggest(option, option.fallback());
            }
        });
        if (values.aliases().isEmpty()) {
            values.suggest(Options.OTHERS, Options.DEFAULT + "/*");
        }
        boolean xaiKey = values.has(Options.XAI_KEY);
        if (xaiKey || values.has(Options.UPSTREAM_KEY) || values.asked().contains(Options.DEFAULT)) {
            values.suggest(Options.UPSTREAM_URL, xaiKey ? XAI_URL : "simulator:");
        }
        for (String upstream : values.known()) {
            URI url = values.value(Options.of(upstream, Options.UPSTREAM_URL));
            if (isXai(url)) {
                values.share(Options.XAI_KEY, Options.of(upstream, Options.UPSTREAM_KEY));
            }
            values.suggest(Options.of(upstream, Options.AUTH), isAnthropic(url) ? "x-api-key" : "bearer");
        }
        String model = model(values);
        if (model != null) {
            values.suggest(Options.MODEL, model);
        }
    }

    /** A model that the default upstream is known to have, if that name leads there; or else the one alias. */
    private static @Nullable String model(Values values) {
        URI url = values.value(Options.UPSTREAM_URL);
        if (url != null && Options.DEFAULT.equals(values.value(Options.OTHERS))) {
            if (isXai(url)) {
                return "grok-4";
            }
            if (url.getScheme().equals("simulator")) {
                return "sim/fast";
            }
        }
        return values.aliases().size() == 1 ? values.aliases().first() : null;
    }

    private static boolean isAnthropic(@Nullable URI url) {
        return url != null && url.getHost() != null && ("." + url.getHost()).endsWith(".anthropic.com");
    }

    private static boolean isXai(@Nullable URI url) {
        return url != null && url.getScheme().equals("https") && url.getHost().endsWith(".x.ai");
    }
}
