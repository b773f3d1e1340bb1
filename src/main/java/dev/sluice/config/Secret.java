package dev.sluice.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;

/** A key. {@link #toString} does not show it, so that no log line, message or printed record does. */
public final class Secret {
    static final String MASK = "****";

    private final String value;

    public Secret(String value) {
        this.value = value;
    }

    /** The key itself, only for the header that carries it. */
    public String reveal() {
        return value;
    }

    /** Whether the candidate is this key. The time that this takes depends on the candidate's length alone. */
    public boolean matches(String candidate) {
        return MessageDigest.isEqual(candidate.getBytes(UTF_8), value.getBytes(UTF_8));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && matches(secret.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return MASK;
    }
}
