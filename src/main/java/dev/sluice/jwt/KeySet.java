package dev.sluice.jwt;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The keys that an issuer has published. Immutable; any thread may call it. */
final class KeySet {
    /** The most keys of which one may have signed a token that names none. */
    private static final int MOST_TRIED = 8;

    private final List<VerificationKey> keys;

    private KeySet(List<VerificationKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /**
     * Reads a JSON Web Key Set (RFC 7517, section 5). Keys that are malformed, or not for signatures, are left out. It may have
     * no key at all: then its issuer has withdrawn all of them.
     *
     * @throws ParseException if it is no such set
     */
    static KeySet parse(byte[] json) throws ParseException {
        Map<String, Object>[] members =
                JSONObjectUtils.getJSONObjectArray(JSONObjectUtils.parse(new String(json, UTF_8)), "keys");
        if (members == null) {
            throw new ParseException("No keys", 0);
        }
        List<VerificationKey> keys = new ArrayList<>();
        for (Map<String, Object> member : members) {
            VerificationKey key = parse(member);
            if (key != null) {
                keys.add(key);
            }
        }
        return new KeySet(keys);
    }

    private static @Nullable VerificationKey parse(Map<String, Object> member) {
        try {
            return VerificationKey.of(JWK.parse(member));
        } catch (ParseException | JOSEException | GeneralSecurityException | IllegalArgumentException malformed) {
            return null;
        }
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    int size() {
        return keys.size();
    }

    /** The keys that may have signed the token: that of its key id, or, without one, all for its algorithm. */
    List<VerificationKey> candidates(Token token) {
        String id = token.keyId();
        return keys.stream()
                .filter(key -> (id == null || key.isCalled(id)) && key.isFor(token.algorithm()))
                .limit(MOST_TRIED)
                .toList();
    }

    /** Whether both have the same keys, in the same order. */
    boolean isSameAs(KeySet other) {
        return identities().equals(other.identities());
    }

    private List<VerificationKey.Identity> identities() {
        return keys.stream().map(VerificationKey::identity).toList();
    }
}
