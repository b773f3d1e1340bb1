package dev.sluice.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The SHA-256 of a key that clients send. The key itself need not be known to compare one with it.
 *
 * @param hex 64 hexadecimal digits in lower case
 */
public record KeyHash(String hex) {
    private static final Pattern MARK = Pattern.compile("(?is)sha-?256[:=].*");
    private static final Pattern HASH = Pattern.compile("(?i)sha-?256:\\s*([0-9a-f]{64})");
    private static final Pattern DIGITS = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern KEY = Pattern.compile("[!-~&&[^\"',]]+");

    /** What sha256sum says of an empty input, as that of a variable that is not set. No request can have this key. */
    private static final KeyHash OF_NO_KEY = of("");

    public KeyHash {
        if (!DIGITS.matcher(hex).matches()) {
            throw new IllegalArgumentException("Not the SHA-256 of a key");
        }
    }

    /** Of this key. */
    public static KeyHash of(String key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return new KeyHash(HexFormat.of().formatHex(digest.digest(key.getBytes(UTF_8))));
        } catch (NoSuchAlgorithmException impossible) { // every Java platform has it
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * Reads a key as it is, or {@code sha256:} and the hash of one.
     *
     * @throws IllegalArgumentException if it is neither; the message shows nothing of it
     */
    static KeyHash parse(String text) {
        if (isMeantBy(text)) { // also where the rest is no hash: it is not meant to be a key
            Matcher hash = HASH.matcher(text);
            if (!hash.matches()) {
                throw new IllegalArgumentException("Not the SHA-256 of a key");
            }
            KeyHash told = new KeyHash(hash.group(1).toLowerCase(Locale.ROOT));
            if (told.equals(OF_NO_KEY)) {
                throw new IllegalArgumentException("The SHA-256 of nothing");
            }
            return told;
        }
        if (!KEY.matcher(text).matches()) {
            throw new IllegalArgumentException("Not a key");
        }
        return of(text);
    }

    /** Whether this text seems to be meant as the hash of a key, and not as a key. */
    static boolean isMeantBy(String text) {
        return MARK.matcher(text).matches();
    }

    /** Its 32 bytes. */
    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    @Override
    public String toString() {
        return Secret.MASK;
    }
}
