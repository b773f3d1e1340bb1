package dev.sluice.jwt;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.text.ParseException;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A signed token in its compact form (RFC 7515, section 7.1), of which nothing has been verified. Immutable. */
final class Token {
    private static final Pattern FORM = Pattern.compile("([A-Za-z0-9_-]+)\\.([A-Za-z0-9_-]+)\\.([A-Za-z0-9_-]*)");

    private final Map<String, Object> header;
    private final Map<String, Object> claims;
    private final byte[] signed;
    private final byte[] signature;

    private Token(Map<String, Object> header, Map<String, Object> claims, byte[] signed, byte[] signature) {
        this.header = header;
        this.claims = claims;
        this.signed = signed;
        this.signature = signature;
    }

    /** Null for a text that is no such token: it may be a key. */
    static @Nullable Token parse(String text) {
        if (!FORM.matcher(text).matches()) {
            return null;
        }
        int first = text.indexOf('.');
        int second = text.indexOf('.', first + 1);
        try {
            Map<String, Object> header = object(text.substring(0, first));
            if (!(header.get("alg") instanceof String)) {
                return null;
            }
            return new Token(
                    header,
                    object(text.substring(first + 1, second)),
                    text.substring(0, second).getBytes(US_ASCII),
                    bytes(text.substring(second + 1)));
        } catch (ParseException | IllegalArgumentException another) {
            return null;
        }
    }

    Map<String, Object> header() {
        return header;
    }

    Map<String, Object> claims() {
        return claims;
    }

    String algorithm() {
        return String.valueOf(header.get("alg"));
    }

    /** The issuer that it claims to be from; null if it does not say so. */
    @Nullable
    String issuer() {
        return claims.get("iss") instanceof String issuer ? issuer : null;
    }

    /** The id of the key that has signed it; null if it does not tell. */
    @Nullable
    String keyId() {
        return header.get("kid") instanceof String id ? id : null;
    }

    /** The bytes that are signed. Not to be changed. */
    byte[] signed() {
        return signed;
    }

    /** Not to be changed. */
    byte[] signature() {
        return signature;
    }

    private static Map<String, Object> object(String part) throws ParseException {
        return JSONObjectUtils.parse(new String(bytes(part), UTF_8));
    }

    private static byte[] bytes(String part) {
        return Base64.getUrlDecoder().decode(part);
    }
}
