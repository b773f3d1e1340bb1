package dev.sluice.config;

import java.util.List;

/** The configuration has faults. The message lists every one of them, one on each line, and shows no secret. */
public final class SettingsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** @param faults one sentence for each, without secrets */
    public SettingsException(List<String> faults) {
        super("Sluice cannot start, its configuration has faults:\n  " + String.join("\n  ", faults));
    }
}
