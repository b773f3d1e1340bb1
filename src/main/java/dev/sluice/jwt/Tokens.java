package dev.sluice.jwt;

import dev.sluice.config.Settings;
import dev.sluice.relay.Caller;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/** The tokens of all issuers. Any thread may call it. */
public final class Tokens {
    /** No issuer is known. */
    public static final Tokens NONE = new Tokens(Map.of(), InstantSource.system());

    /** The longest token, in characters. */
    public static final int LONGEST = 16 * 1024;

    private final KnownTokens verified = new KnownTokens();

    /** By the {@code iss} claim. */
    private final Map<String, TokenRules> issuers = new HashMap<>();

    private final InstantSource clock;

    /**
     * The tokens of these issuers.
     *
     * @param issuers each with its keys; no two have the same {@code iss} claim
     * @param clock tells which tokens have expired
     */
    public Tokens(Map<Settings.Issuer, IssuerKeys> issuers, InstantSource clock) {
        issuers.forEach(
                (settings, keys) -> this.issuers.put(settings.issuer(), new TokenRules(settings, keys, verified)));
        this.clock = clock;
    }

    /** Whether no token is valid. */
    public boolean isEmpty() {
        return issuers.isEmpty();
    }

    /** What a client has sent as {@code Authorization: Bearer}. Does not block. */
    public Finding find(String bearer) {
        if (isEmpty()) {
            return new Finding.Other(false);
        }
        if (bearer.length() > LONGEST) {
            return new Finding.Invalid(TokenRules.invalid("It is longer than " + (LONGEST >> 10) + " KiB."));
        }
        double now = now();
        Caller known = verified.callerOf(bearer, now);
        if (known != null) {
            return new Finding.Valid(known);
        }
        Token token = Token.parse(bearer);
        TokenRules rules = token == null ? null : issuers.get(token.issuer());
        return token == null || rules == null ? new Finding.Other(token != null) : rules.find(token, bearer, now);
    }

    private double now() {
        Instant now = clock.instant();
        return now.getEpochSecond() + now.getNano() / 1e9;
    }
}
