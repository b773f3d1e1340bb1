package dev.sluice.jwt;

import dev.sluice.config.Settings;
import dev.sluice.relay.ManualClock;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** An issuer whose keys the test publishes, and whose tokens it signs, for tests of other packages. Used by one thread. */
public final class OneIssuer {
    private static final String NAME = "https://login.example";
    private static final URI KEYS = URI.create("https://login.example/keys");

    private final FakeSource source = new FakeSource();
    private final ManualClock clock = new ManualClock();
    private final Instant now = Instant.ofEpochSecond(1_800_000_000);
    private final Tokens tokens;

    /** It has published nothing yet: its first fetch is under way. */
    public OneIssuer() {
        IssuerKeys keys = new IssuerKeys(
                new IssuerKeys.Source("ours", NAME, KEYS, Duration.ofMinutes(5)), source, clock, Runnable::run);
        keys.start();
        Settings.Issuer settings = new Settings.Issuer(
                "ours",
                NAME,
                Set.of("sluice"),
                KEYS,
                "sub",
                "groups",
                Set.of("RS256"),
                Duration.ofSeconds(60),
                Duration.ofMinutes(5));
        this.tokens = new Tokens(Map.of(settings, keys), () -> now);
    }

    public Tokens tokens() {
        return tokens;
    }

    /** Claims of a valid token. */
    public Map<String, Object> claims(String subject) {
        return new HashMap<>(Map.of("iss", NAME, "aud", "sluice", "sub", subject, "exp", now.getEpochSecond() + 300));
    }

    /** Answers the fetch that is under way. */
    public OneIssuer publish(Signer... signers) {
        source.last().answer(Signer.jwks(signers));
        return this;
    }

    /** Has the fetch that is under way fail. */
    public OneIssuer fail() {
        source.last().fail("down");
        return this;
    }

    /** The number of fetches so far. */
    public int asked() {
        return source.asked();
    }
}
