package dev.sluice.config;

import java.util.List;

/** The configuration has faults. The message lists every one of them, one on each line, and shows no secret. */
public final class SettingsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient List<String> faults;

    /** @param faults one sentence for each, without secrets */
    public SettingsException(List<String> faults) {
        super("Sluice cannot start, its configuration has faults:\n  " + String.join("\n  ", faults));
        this.faults = List.copyOf(faults);
    }

    /** One sentence for each, without secrets. */
    public List<String> faults() {
        return faults;
    }
}
