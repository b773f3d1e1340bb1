package dev.sluice.relay;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who makes a request. Established once, where the request comes in; everything later takes it as an argument. Two requests
 * are of the same caller if name, basis and issuer are the same. Holds no key, and nothing else that is secret.
 *
 * @param name never blank; as long as it was told, and with any character
 * @param basis how it was established
 * @param issuer what the settings call the issuer of the caller's token; null on any other basis
 * @param groups what the caller belongs to, as far as this server has been told
 */
public record Caller(String name, Basis basis, @Nullable String issuer, Set<String> groups) {
    /** How it was established who makes a request. */
    public enum Basis {
        /** The container, or the host application, has authenticated a user. */
        CONTAINER,
        /** The request has a key of a caller that the settings name. */
        NAMED_KEY,
        /** The request has a valid token of an issuer that the settings name. */
        TOKEN,
        /** The request has one of this server's access keys, which have no names. */
        ACCESS_KEY,
        /** A proxy that is trusted has authenticated a user, and names it in a header. */
        PROXY,
        /** The client has shown a certificate. */
        CERTIFICATE,
        /** The request was made on this machine, and nobody else is served. */
        THIS_MACHINE,
        /** Everyone is let in, so nobody was asked. */
        OPEN_ACCESS;

        /** The name as logs spell it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whoever calls a server that serves only its own machine. */
    public static final Caller LOCAL = new Caller("local", Basis.THIS_MACHINE, Set.of());

    /** Whoever calls a server that is open to all. */
    public static final Caller ANONYMOUS = new Caller("anonymous", Basis.OPEN_ACCESS, Set.of());

    private static final int LONGEST_SHOWN = 200;

    public Caller {
        if (name.isBlank()) {
            throw new IllegalArgumentException("A caller needs a name");
        }
        groups = Set.copyOf(groups);
    }

    /** A caller that is not known by a token. */
    public Caller(String name, Basis basis, Set<String> groups) {
        this(name, basis, null, groups);
    }

    /**
     * The name for logs and pages: at most 200 characters, and none that controls how others are shown. Names that differ
     * may be shown alike.
     */
    public String shownName() {
        StringBuilder shown = new StringBuilder(Math.min(name.length(), LONGEST_SHOWN));
        int[] characters =
                name.codePoints().filter(Caller::isShown).limit(LONGEST_SHOWN).toArray();
        for (int character : characters) {
            shown.appendCodePoint(character);
        }
        return shown.toString();
    }

    private static boolean isShown(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> false;
            default -> true;
        };
    }
}
