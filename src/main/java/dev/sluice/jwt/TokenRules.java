package dev.sluice.jwt;

import dev.sluice.chat.Failure;
import dev.sluice.config.Settings;
import dev.sluice.relay.Caller;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Verifies the tokens of one issuer, as RFC 7519 and RFC 8725 say: what the token claims, and then its signature. A refusal
 * names the check that failed, and nothing of the token. Immutable; any thread may call it.
 */
final class TokenRules {
    private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/jwt", "application/at+jwt");

    private final Settings.Issuer settings;
    private final IssuerKeys keys;
    private final KnownTokens verified;

    /** @param verified gets the tokens that are valid */
    TokenRules(Settings.Issuer settings, IssuerKeys keys, KnownTokens verified) {
        this.settings = settings;
        this.keys = keys;
        this.verified = verified;
    }

    /**
     * What the token is.
     *
     * @param text the token as it came
     * @param now in seconds since 1970
     */
    Finding find(Token token, String text, double now) {
        try {
            checkHeader(token);
            double until = expiry(token.claims(), now);
            Caller caller =
                    new Caller(name(token.claims()), Caller.Basis.TOKEN, settings.name(), groups(token.claims()));
            KeySet known = keys.keys();
            if (known == null) {
                return new Finding.Unverified(keys, noKeys());
            }
            List<VerificationKey> candidates = known.candidates(token);
            if (candidates.stream().anyMatch(key -> key.hasSigned(token))) {
                verified.add(text, caller, until, keys, known);
                return new Finding.Valid(caller);
            }
            if (!candidates.isEmpty() && token.keyId() != null) {
                return new Finding.Invalid(invalid("Its signature is not that of its issuer."));
            }
            return new Finding.Unverified(
                    keys, invalid("Its signature is not by one of the keys that its issuer has published."));
        } catch (InvalidTokenException invalid) {
            return new Finding.Invalid(invalid.failure);
        }
    }

    private void checkHeader(Token token) throws InvalidTokenException {
        Map<String, Object> header = token.header();
        require(
                settings.algorithms().contains(token.algorithm()),
                "The algorithm of its signature (alg) is none of " + setting("algorithms") + ".");
        require(!header.containsKey("crit"), "It has header fields that must be understood (crit), and are not.");
        Object type = header.get("typ");
        require(
                type == null || (type instanceof String text && TYPES.contains(text.toLowerCase(Locale.ROOT))),
                "Its type (typ) is neither JWT nor at+jwt.");
        require(
                !header.containsKey("kid") || header.get("kid") instanceof String,
                "The id of its key (kid) is no text.");
    }

    /** When it expires, by this machine's clock. */
    private double expiry(Map<String, Object> claims, double now) throws InvalidTokenException {
        require(
                Claims.hasOneOf(settings.audiences(), claims.get("aud")),
                "Its audience (aud) is none of " + setting("audience") + ".");
        Duration skew = settings.clockSkew();
        require(claims.get("exp") instanceof Number, "It does not say when it expires (exp).");
        double until = seconds(claims, "exp") + skew.toSeconds();
        if (now >= until) {
            throw new InvalidTokenException(
                    Failure.invalid(401, "expired_token", "This token has expired (exp): get a new one.", null));
        }
        require(
                claims.get("nbf") == null || claims.get("nbf") instanceof Number,
                "The time from which it is valid (nbf) is no number.");
        require(
                claims.get("nbf") == null || seconds(claims, "nbf") - skew.toSeconds() <= now,
                "It is not valid yet (nbf).");
        return until;
    }

    private String name(Map<String, Object> claims) throws InvalidTokenException {
        Object name = Claims.find(claims, settings.nameClaim());
        if (!(name instanceof String text) || text.isBlank()) {
            throw new InvalidTokenException(
                    invalid("It has no text in the claim " + settings.nameClaim() + ", which must name its caller."));
        }
        return text.strip();
    }

    private Set<String> groups(Map<String, Object> claims) throws InvalidTokenException {
        Object value = Claims.find(claims, settings.groupsClaim());
        Set<String> groups = value == null ? Set.of() : Claims.words(value);
        if (groups == null) {
            throw new InvalidTokenException(invalid("Its claim " + settings.groupsClaim()
                    + ", which has its caller's groups, is neither texts nor a text."));
        }
        return groups;
    }

    private Failure noKeys() {
        return Failure.unavailable(
                "server_error",
                "issuer_unavailable",
                "The keys of the issuer of this token could not be fetched, so it cannot be verified. See "
                        + setting(settings.jwks() == null ? "issuer" : "jwks") + " and the log of this server.",
                IssuerKeys.RETRY_WITHOUT);
    }

    private String setting(String name) {
        return "sluice.issuers." + settings.name() + "." + name;
    }

    private static double seconds(Map<String, Object> claims, String name) {
        return claims.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    private static void require(boolean valid, String fault) throws InvalidTokenException {
        if (!valid) {
            throw new InvalidTokenException(invalid(fault));
        }
    }

    /** @param fault a sentence about the token */
    static Failure invalid(String fault) {
        return Failure.invalid(401, "invalid_token", "This token is not valid. " + fault, null);
    }

    private static final class InvalidTokenException extends Exception {
        private static final long serialVersionUID = 1;

        private final transient Failure failure;

        InvalidTokenException(Failure failure) {
            super(failure.message(), null, false, false);
            this.failure = failure;
        }
    }
}
