package dev.sluice.jwt;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.opts.AllowWeakRSAKey;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A private key of an issuer, which signs whatever a test wants, also tokens that no issuer would make. */
public final class Signer {
    private final JWK key;
    private final String algorithm;
    private final @Nullable KeyPair pair;

    private Signer(JWK key, String algorithm, @Nullable KeyPair pair) {
        this.key = key;
        this.algorithm = algorithm;
        this.pair = pair;
    }

    public static Signer rsa(String id) throws Exception {
        return new Signer(new RSAKeyGenerator(2048).keyID(id).generate(), "RS256", null);
    }

    static Signer rsa(@Nullable String id, int bits, String algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        KeyPair pair = generator.generateKeyPair();
        RSAKey key = new RSAKey.Builder((java.security.interfaces.RSAPublicKey) pair.getPublic())
                .privateKey(pair.getPrivate())
                .keyID(id)
                .build();
        return new Signer(key, algorithm, pair);
    }

    public static Signer ec(String id, Curve curve, String algorithm) throws Exception {
        return new Signer(new ECKeyGenerator(curve).keyID(id).generate(), algorithm, null);
    }

    static Signer ed25519(String id, String algorithm) throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] encoded = pair.getPublic().getEncoded();
        Base64URL x = Base64URL.encode(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
        return new Signer(new OctetKeyPair.Builder(Curve.Ed25519, x).keyID(id).build(), algorithm, pair);
    }

    /** The same key, which signs by another algorithm. */
    Signer by(String other) {
        return new Signer(key, other, pair);
    }

    /** The public keys of these, as an issuer publishes them. */
    public static String jwks(Signer... signers) {
        return jwks(Arrays.stream(signers).map(Signer::published).toList());
    }

    static String jwks(List<Map<String, Object>> keys) {
        return JSONObjectUtils.toJSONString(Map.of("keys", keys));
    }

    Map<String, Object> published() {
        return new LinkedHashMap<>(key.toPublicJWK().toJSONObject());
    }

    /** Signs these claims, with the usual header. */
    public String sign(Map<String, Object> claims) throws Exception {
        return sign(Map.of(), claims);
    }

    /** Signs these claims. A header field with null is left out. */
    public String sign(Map<String, ?> header, Map<String, Object> claims) throws Exception {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("alg", algorithm);
        all.put("typ", "JWT");
        all.put("kid", key.getKeyID());
        all.putAll(header);
        all.values().removeIf(value -> value == null || value.equals("-"));
        String signed = part(all) + "." + part(claims);
        return signed + "." + signature(signed);
    }

    /** With the public key, which everyone knows, as the secret of a symmetric algorithm. */
    public String signHs256WithPublicKey(Map<String, Object> claims) throws Exception {
        JWSSigner signer = new MACSigner(key.toRSAKey().toRSAPublicKey().getEncoded());
        String signed = part(Map.of("alg", "HS256", "kid", key.getKeyID())) + "." + part(claims);
        return signed + "." + signer.sign(new JWSHeader(JWSAlgorithm.HS256), signed.getBytes(US_ASCII));
    }

    /** Without a signature. */
    public static String unsigned(Map<String, Object> claims) {
        return part(Map.of("alg", "none")) + "." + part(claims) + ".";
    }

    private static String part(Map<String, Object> members) {
        return Base64URL.encode(JSONObjectUtils.toJSONString(members).getBytes(UTF_8))
                .toString();
    }

    private String signature(String signed) throws Exception {
        byte[] input = signed.getBytes(US_ASCII);
        if (key instanceof OctetKeyPair && pair != null) {
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(pair.getPrivate());
            signer.update(input);
            return Base64URL.encode(signer.sign()).toString();
        }
        JWSSigner signer = key instanceof ECKey ec ? new ECDSASigner(ec) : rsaSigner();
        return signer.sign(new JWSHeader(JWSAlgorithm.parse(algorithm)), input).toString();
    }

    private JWSSigner rsaSigner() throws Exception {
        return pair == null
                ? new RSASSASigner(key.toRSAKey())
                : new RSASSASigner(
                        pair.getPrivate(), Set.of(AllowWeakRSAKey.getInstance())); // also with a key that is too short
    }
}
