package dev.sluice.dialect;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes a provider's texts safe for clients: on one line, of limited length, and without anything that is or looks like
 * an API key. Immutable.
 */
public final class ProviderWords {
    /** The limit of characters of a quoted text. */
    private static final int QUOTED = 1000;

    /**
     * The limit of characters to search for keys. It is larger than the limit of a quoted text, and bounds the time of
     * the patterns.
     */
    private static final int READ = 4096;

    /** The least number of characters of a secret to remove. A shorter one occurs within ordinary words. */
    private static final int SHORTEST_SECRET = 8;

    private static final String REDACTED = "[redacted]";

    /**
     * The prefixes of the common providers' keys and what follows them, a bearer token, a JSON web token, and pieces of
     * keys as providers echo them ({@code sk-ab***yz}).
     */
    private static final Pattern KEYS = Pattern.compile("(?i)\\bbearer\\s+\\S+"
            + "|\\b(?:sk|pk|xai|gsk|hf|nvapi|csk|pplx)[-_][\\w*.-]{8,}"
            + "|\\bAIza[\\w-]{8,}"
            + "|\\beyJ[\\w.-]{16,}"
            + "|(?<![^\\s\"'`])[^\\s\"'`]*?\\*{3,}[^\\s\"'`]*");

    private static final Pattern BLANK = Pattern.compile("[\\s\\p{Cntrl}\\u0085\\u2028\\u2029]+");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.\\[\\]-]{0,99}");

    private final List<String> secrets;

    /** @param secrets the API keys in use; those of fewer than eight characters are ignored */
    public ProviderWords(Collection<String> secrets) {
        this.secrets = secrets.stream()
                .filter(secret -> secret.length() >= SHORTEST_SECRET && !secret.isBlank())
                // One secret may be a prefix of another.
                .sorted(Comparator.comparing(String::length).reversed())
                .toList();
    }

    /** Whether the text has, or seems to have, a key in it. */
    public boolean isSecretIn(String text) {
        return secrets.stream().anyMatch(text::contains)
                || KEYS.matcher(bounded(text)).find();
    }

    /** The text without keys; empty if there is none. */
    public String quote(@Nullable String words) {
        if (words == null) {
            return "";
        }
        // The secrets are removed from the whole text before it is cut, so no part of one can remain.
        String safe = words;
        for (String secret : secrets) {
            safe = safe.replace(secret, REDACTED);
        }
        safe = KEYS.matcher(bounded(safe)).replaceAll(REDACTED);
        safe = BLANK.matcher(safe).replaceAll(" ").strip();
        return safe.length() <= QUOTED ? safe : cut(safe, QUOTED - 1) + "…";
    }

    /** The word if it is a short technical one, such as a code or the name of a parameter; else null. */
    @Nullable
    String name(@Nullable String word) {
        return word != null && NAME.matcher(word).matches() && quote(word).equals(word) ? word : null;
    }

    /** The part of the text that is searched. */
    static String bounded(String words) {
        return words.length() <= READ ? words : cut(words, READ);
    }

    /** Cuts the text, but never between the two halves of a surrogate pair. */
    private static String cut(String text, int length) {
        return text.substring(0, Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length);
    }
}
