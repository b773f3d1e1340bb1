package dev.sluice.config;

import java.util.List;
import org.slf4j.Logger;

/**
 * The result of reading all sources. Shows no secret.
 *
 * @param lines the effective configuration, one {@code name = value (source)} for each setting, in the order of the
 *     documents
 * @param warnings one sentence for each setting that is valid, but probably a mistake
 */
public record Configuration(Settings settings, List<String> lines, List<String> warnings) {
    public Configuration {
        lines = List.copyOf(lines);
        warnings = List.copyOf(warnings);
    }

    /** All lines as one text. */
    public String describe() {
        return String.join("\n", lines);
    }

    /** Logs the effective configuration and the warnings; called once, at start. */
    public void log(Logger log) {
        log.info("Effective configuration:\n  {}", String.join("\n  ", lines));
        warnings.forEach(warning -> log.warn("{}", warning));
    }
}
