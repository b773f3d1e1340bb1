package dev.sluice.caller;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.config.Secret;
import dev.sluice.relay.Caller;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The keys of {@code sluice.access.keys}, and who has each. Immutable; for any thread. */
public final class AccessKeys {
    private static final int NAMED_BY_BYTES = 4;

    private final List<Entry> entries;

    public AccessKeys(Collection<Secret> keys) {
        this.entries = keys.stream().map(key -> new Entry(key, callerWith(key))).toList();
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Whose key this is; null if it is none. Takes as long whichever of them it is. */
    @Nullable
    Caller callerWith(String candidate) {
        Caller caller = null;
        for (Entry entry : entries) {
            if (entry.key.matches(candidate)) {
                caller = entry.caller;
            }
        }
        return caller;
    }

    /**
     * These keys have no names, so their callers get one that tells them apart in a log, stays the same wherever the key
     * stands in the list, and does not give it away: {@code key-} and the first 8 hexadecimal digits of its SHA-256.
     */
    private static Caller callerWith(Secret key) {
        byte[] hash = sha256().digest(key.reveal().getBytes(UTF_8));
        String name = "key-" + HexFormat.of().formatHex(hash, 0, NAMED_BY_BYTES);
        return new Caller(name, Caller.Basis.ACCESS_KEY, Set.of());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) { // every Java platform has it
            throw new IllegalStateException(impossible);
        }
    }

    private record Entry(Secret key, Caller caller) {}
}
