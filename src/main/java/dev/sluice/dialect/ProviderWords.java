package dev.sluice.dialect;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes a provider's words fit for our clients: on one line, of bounded length, and without anything that is or looks
 * like an API key. Immutable.
 */
public final class ProviderWords {
    /** Characters of a quotation. */
    private static final int QUOTED = 1000;

    /** Characters that are looked at: more than ever quoted, few enough for any pattern. */
    private static final int READ = 4096;

    /** Characters. A shorter secret is part of common words, which it would tear apart. */
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

    /** @param secrets the API keys in use; those of fewer than eight characters are not looked for */
    public ProviderWords(Collection<String> secrets) {
        this.secrets = secrets.stream()
                .filter(secret -> secret.length() >= SHORTEST_SECRET && !secret.isBlank())
                // One may be the beginning of another.
                .sorted(Comparator.comparing(String::length).reversed())
                .toList();
    }

    /** Whether the text holds, or seems to hold, a key. */
    public boolean isSecretIn(String text) {
        return secrets.stream().anyMatch(text::contains)
                || KEYS.matcher(bounded(text)).find();
    }

    /** The words as they may be shown; empty if there were none. */
    public String quote(@Nullable String words) {
        if (words == null) {
            return "";
        }
        // The secret first, and in all of the text: no cut may leave a piece of it.
        String safe = words;
        for (String secret : secrets) {
            safe = safe.replace(secret, REDACTED);
        }
        safe = KEYS.matcher(bounded(safe)).replaceAll(REDACTED);
        safe = BLANK.matcher(safe).replaceAll(" ").strip();
        return safe.length() <= QUOTED ? safe : cut(safe, QUOTED - 1) + "…";
    }

    /** A short technical word, such as a code or a parameter's name; null if it is not one. */
    @Nullable
    String name(@Nullable String word) {
        return word != null && NAME.matcher(word).matches() && quote(word).equals(word) ? word : null;
    }

    /** No more than any pattern should look at. */
    static String bounded(String words) {
        return words.length() <= READ ? words : cut(words, READ);
    }

    /** Never between the halves of a surrogate pair. */
    private static String cut(String text, int length) {
        return text.substring(0, Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length);
    }
}
