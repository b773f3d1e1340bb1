package dev.sluice.caller;

import dev.sluice.config.KeyHash;
import dev.sluice.config.Secret;
import dev.sluice.config.Settings.KeyHolder;
import dev.sluice.relay.Caller;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys of {@code sluice.access.keys} and of {@code sluice.callers.<name>}, each with its caller. It has only the hashes of
 * the keys. Immutable; any thread may call it.
 */
public final class AccessKeys {
    private static final int NAMED_BY_DIGITS = 8;

    private final byte[][] hashes;

    /** Of the keys with these hashes, in the same order. */
    private final List<Owner> owners;

    /**
     * @param nameless keys whose callers have no names
     * @param holders callers with names, of which none has a key of another
     */
    public AccessKeys(Collection<Secret> nameless, Collection<KeyHolder> holders) {
        List<KeyHash> all = new ArrayList<>();
        List<Owner> theirs = new ArrayList<>();
        for (Secret key : nameless) {
            KeyHash hash = KeyHash.of(key.reveal());
            all.add(hash);
            theirs.add(new Owner(callerWith(hash), null));
        }
        for (KeyHolder holder : holders) {
            Caller caller = new Caller(holder.name(), Caller.Basis.NAMED_KEY, holder.groups());
            Owner owner = new Owner(caller, holder.lastDay());
            for (KeyHash hash : holder.keys()) {
                all.add(hash);
                theirs.add(owner);
            }
        }
        this.hashes = all.stream().map(KeyHash::bytes).toArray(byte[][]::new);
        this.owners = List.copyOf(theirs);
    }

    /** Whose callers all have no names. */
    public AccessKeys(Collection<Secret> nameless) {
        this(nameless, List.of());
    }

    boolean isEmpty() {
        return owners.isEmpty();
    }

    /**
     * The owner of this key, which may have expired; null if there is none. The time that this takes does not depend on which
     * key it is.
     */
    @Nullable
    Owner ownerOf(String candidate) {
        byte[] hash = KeyHash.of(candidate).bytes();
        Owner owner = null;
        for (int i = 0; i < hashes.length; i++) {
            if (MessageDigest.isEqual(hashes[i], hash)) {
                owner = owners.get(i);
            }
        }
        return owner;
    }

    /**
     * The name of a caller by its key: {@code key-} and the first 8 hexadecimal digits of the key's SHA-256. It distinguishes
     * keys in a log, does not depend on the order of the list, and does not reveal the key.
     */
    private static Caller callerWith(KeyHash hash) {
        return new Caller("key-" + hash.hex().substring(0, NAMED_BY_DIGITS), Caller.Basis.ACCESS_KEY, Set.of());
    }

    /**
     * Who has a key.
     *
     * @param lastDay the last day, in UTC, on which it is accepted; null if it never expires
     */
    record Owner(Caller caller, @Nullable LocalDate lastDay) {
        boolean isExpired(Instant now) {
            return lastDay != null && now.atOffset(ZoneOffset.UTC).toLocalDate().isAfter(lastDay);
        }
    }
}
