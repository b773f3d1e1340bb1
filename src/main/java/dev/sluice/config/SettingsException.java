package dev.sluice.config;

import java.util.List;

/** The configuration cannot be used. The message lists every fault, one a line, and shows no secret. */
public final class SettingsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** @param faults one sentence each, without secrets */
    public SettingsException(List<String> faults) {
        super("Sluice cannot start, its configuration is at fault:\n  " + String.join("\n  ", faults));
    }
}
