package dev.sluice.config;

import java.util.List;
import org.slf4j.Logger;

/**
 * What the reader made of its layers. Shows no secret.
 *
 * @param lines the effective configuration, {@code name = value (source)}, in the order of the documents
 * @param warnings what is allowed, but hardly meant
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

    /** Tells the operator, once, at start. */
    public void log(Logger log) {
        log.info("Effective configuration:\n  {}", String.join("\n  ", lines));
        warnings.forEach(warning -> log.warn("{}", warning));
    }
}
