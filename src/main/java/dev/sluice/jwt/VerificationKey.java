package dev.sluice.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A public key of an issuer, by which signatures are verified. Immutable; any thread may call it. */
final class VerificationKey {
    private static final int SHORTEST_RSA_BITS = 2048;

    /** Both names are in use for the only curve that is supported (RFC 8037, RFC 9864). */
    private static final Set<String> EDDSA = Set.of("EdDSA", "Ed25519");

    /** The encoding of a public key of Ed25519, without its last 32 bytes (RFC 8410, section 10.1). */
    private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private final Identity identity;
    private final Set<String> algorithms;
    private final Check check;

    private VerificationKey(Identity identity, Set<String> algorithms, Check check) {
        this.identity = identity;
        this.algorithms = algorithms;
        this.check = check;
    }

    /**
     * Null for a key that verifies no signatures here: one of another kind or for another use, and an RSA key of less than
     * 2048 bits.
     *
     * @throws JOSEException for a key that is malformed
     */
    static @Nullable VerificationKey of(JWK key) throws JOSEException, GeneralSecurityException {
        boolean verifies = (key.getKeyUse() == null || KeyUse.SIGNATURE.equals(key.getKeyUse()))
                && (key.getKeyOperations() == null || key.getKeyOperations().contains(KeyOperation.VERIFY));
        if (!verifies) {
            return null;
        }
        if (key instanceof RSAKey rsa && rsa.size() >= SHORTEST_RSA_BITS) {
            var verifier = new RSASSAVerifier(rsa.toRSAPublicKey());
            return new VerificationKey(
                    Identity.of(key, rsa.toRSAPublicKey()),
                    Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
                    check(verifier));
        }
        if (key instanceof ECKey ec) {
            String algorithm = algorithmOf(ec.getCurve());
            return algorithm == null
                    ? null
                    : new VerificationKey(
                            Identity.of(key, ec.toECPublicKey()),
                            Set.of(algorithm),
                            check(new ECDSAVerifier(ec.toECPublicKey())));
        }
        if (key instanceof OctetKeyPair pair && Curve.Ed25519.equals(pair.getCurve())) {
            PublicKey own = ed25519(pair.getDecodedX());
            return new VerificationKey(Identity.of(key, own), EDDSA, (algorithm, signed, signature) -> {
                Signature verifier = Signature.getInstance("Ed25519");
                verifier.initVerify(own);
                verifier.update(signed);
                return verifier.verify(signature);
            });
        }
        return null;
    }

    /** Whether it is the key of this id. */
    boolean isCalled(String id) {
        return id.equals(identity.id);
    }

    /** Whether it is a key for this algorithm. */
    boolean isFor(String algorithm) {
        String only = identity.algorithm;
        return algorithms.contains(algorithm)
                && (only == null || only.equals(algorithm) || (EDDSA.contains(only) && EDDSA.contains(algorithm)));
    }

    /** Whether this key has signed it. Only if it {@linkplain #isFor is for} the token's algorithm. */
    boolean hasSigned(Token token) {
        try {
            return check.verifies(token.algorithm(), token.signed(), token.signature());
        } catch (JOSEException | GeneralSecurityException malformed) {
            return false;
        }
    }

    /** Two objects with the same identity verify the same. */
    Identity identity() {
        return identity;
    }

    private static Check check(JWSVerifier verifier) {
        return (algorithm, signed, signature) ->
                verifier.verify(new JWSHeader(JWSAlgorithm.parse(algorithm)), signed, Base64URL.encode(signature));
    }

    private static @Nullable String algorithmOf(Curve curve) {
        return curve.equals(Curve.P_256)
                ? "ES256"
                : curve.equals(Curve.P_384) ? "ES384" : curve.equals(Curve.P_521) ? "ES512" : null;
    }

    private static PublicKey ed25519(byte[] point) throws GeneralSecurityException {
        byte[] encoded = new byte[ED25519_PREFIX.length + point.length];
        System.arraycopy(ED25519_PREFIX, 0, encoded, 0, ED25519_PREFIX.length);
        System.arraycopy(point, 0, encoded, ED25519_PREFIX.length, point.length);
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    }

    /** How signatures are verified. */
    private interface Check {
        boolean verifies(String algorithm, byte[] signed, byte[] signature)
                throws JOSEException, GeneralSecurityException;
    }

    /**
     * What a key is.
     *
     * @param id its {@code kid}
     * @param algorithm the only one that it is for; null for each that its type permits
     */
    record Identity(@Nullable String id, @Nullable String algorithm, PublicKey key) {
        static Identity of(JWK jwk, PublicKey key) {
            return new Identity(
                    jwk.getKeyID(),
                    jwk.getAlgorithm() == null ? null : jwk.getAlgorithm().getName(),
                    key);
        }
    }
}
