package dev.sluice.jwt;

import dev.sluice.relay.Caller;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that have been verified, by their SHA-256, because to verify one takes many times as long as to find it here. Those
 * that were used last stay, as many as {@link #MOST_CHARACTERS} allow. Any thread may call it.
 */
final class KnownTokens {
    /** The most characters of all tokens together. A token that is longer than others has longer claims. */
    static final int MOST_CHARACTERS = 4 << 20;

    /** The one that was used last is last. Guarded by itself. */
    private final Map<ByteBuffer, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    /** Guarded by entries. */
    private int characters;

    /** What the token is; null if it is not known, or has expired, or its issuer has other keys by now. */
    @Nullable
    Caller callerOf(String token, double now) {
        ByteBuffer hash = hash(token);
        synchronized (entries) {
            Entry entry = entries.get(hash);
            if (entry == null) {
                return null;
            }
            if (now < entry.until && entry.keys == entry.issuer.keys()) {
                return entry.caller;
            }
            entries.remove(hash);
            characters -= entry.characters;
            return null;
        }
    }

    /**
     * Remembers a token that has been verified with these keys of the issuer.
     *
     * @param until when it expires, in seconds since 1970
     */
    void add(String token, Caller caller, double until, IssuerKeys issuer, KeySet keys) {
        ByteBuffer hash = hash(token);
        synchronized (entries) {
            Entry before = entries.put(hash, new Entry(caller, until, issuer, keys, token.length()));
            characters += token.length() - (before == null ? 0 : before.characters);
            Iterator<Entry> oldest = entries.values().iterator();
            while (characters > MOST_CHARACTERS) {
                characters -= oldest.next().characters;
                oldest.remove();
            }
        }
    }

    int size() {
        synchronized (entries) {
            return entries.size();
        }
    }

    private static ByteBuffer hash(String token) {
        try {
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every Java platform has it
        }
    }

    private record Entry(Caller caller, double until, IssuerKeys issuer, KeySet keys, int characters) {}
}
