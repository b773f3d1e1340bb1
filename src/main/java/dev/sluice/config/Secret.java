package dev.sluice.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;

/** A key that no log line, message or dump of a record shows. */
public final class Secret {
    static final String MASK = "****";

    private final String value;

    public Secret(String value) {
        this.value = value;
    }

    /** The key itself, for the one header that carries it. */
    public String reveal() {
        return value;
    }

    /** Whether the candidate is this key, in a time that depends on nothing but the candidate's length. */
    public boolean matches(String candidate) {
        return MessageDigest.isEqual(candidate.getBytes(UTF_8), value.getBytes(UTF_8));
    }

    @Override
    public String toString() {
        return MASK;
    }
}
