package dev.sluice.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.Curve;
import dev.sluice.config.Settings;
import dev.sluice.relay.Caller;
import dev.sluice.relay.ManualClock;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each check of a token. */
class TokensTest {
    private static final String ISSUER = "https://login.example/realms/ours";
    private static final long NOW = 1_800_000_000;

    @SuppressWarnings("NullAway.Init")
    private static Signer rsa;

    @SuppressWarnings("NullAway.Init")
    private static Signer other;

    private final ManualClock clock = new ManualClock();
    private final FakeSource source = new FakeSource();
    private final Map<String, Object> claims = new HashMap<>(Map.of(
            "iss", ISSUER, "aud", "sluice", "sub", "ada", "exp", NOW + 300, "groups", List.of("research", "builds")));
    private Instant now = Instant.ofEpochSecond(NOW);
    private String nameClaim = "sub";
    private String groupsClaim = "groups";
    private Set<String> algorithms = Set.of("RS256", "PS256", "ES256", "EdDSA", "Ed25519");

    @BeforeAll
    static void generate() throws Exception {
        rsa = Signer.rsa("one");
        other = Signer.rsa("one");
    }

    @Test
    void token_valid_namesItsCallerAndGroups() throws Exception {
        assertThat(find(rsa.sign(claims)))
                .isEqualTo(
                        new Finding.Valid(new Caller("ada", Caller.Basis.TOKEN, "ours", Set.of("research", "builds"))));
        assertThat(Caller.Basis.TOKEN.label()).isEqualTo("token");
    }

    // The signature

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
    void signature_byRsa_isVerified(String algorithm) throws Exception {
        algorithms = Set.of(algorithm);
        Tokens tokens = tokens(Signer.jwks(rsa));
        assertThat(tokens.find(rsa.by(algorithm).sign(claims))).isInstanceOf(Finding.Valid.class);
        assertThat(message(tokens, other.by(algorithm).sign(claims)))
                .contains("Its signature is not that of its issuer");
    }

    @ParameterizedTest
    @CsvSource({"P-256, ES256", "P-384, ES384", "P-521, ES512"})
    void signature_byEllipticCurve_isVerified(String curve, String algorithm) throws Exception {
        algorithms = Set.of("ES256", "ES384", "ES512");
        Signer signer = Signer.ec("one", Curve.parse(curve), algorithm);
        Tokens tokens = tokens(Signer.jwks(signer));
        assertThat(tokens.find(signer.sign(claims))).isInstanceOf(Finding.Valid.class);
        Signer forger = Signer.ec("one", Curve.parse(curve), algorithm);
        assertThat(message(tokens, forger.sign(claims))).contains("Its signature is not that of its issuer");
        String zeros = new String(new char[86]).replace('\0', 'A');
        String signed = signer.sign(claims);
        assertThat(message(tokens, signed.substring(0, signed.lastIndexOf('.') + 1) + zeros))
                .contains("Its signature is not that of its issuer");
    }

    @ParameterizedTest
    @ValueSource(strings = {"EdDSA", "Ed25519"})
    void signature_byEd25519_isVerified(String algorithm) throws Exception {
        Signer signer = Signer.ed25519("one", algorithm);
        Tokens tokens = tokens(Signer.jwks(signer));
        assertThat(tokens.find(signer.sign(claims))).isInstanceOf(Finding.Valid.class);
        assertThat(message(tokens, Signer.ed25519("one", algorithm).sign(claims)))
                .contains("Its signature is not that of its issuer");
    }

    @Test
    void token_changed_isInvalid() throws Exception {
        String token = rsa.sign(claims);
        claims.put("sub", "root");
        String[] ours = token.split("\\.", -1);
        String[] forged = other.sign(claims).split("\\.", -1);
        assertThat(message(tokens(Signer.jwks(rsa)), forged[0] + "." + forged[1] + "." + ours[2]))
                .contains("Its signature is not that of its issuer");
    }

    @Test
    void token_withoutSignature_isInvalid() throws Exception {
        assertThat(message(Signer.unsigned(claims))).contains("(alg) is none of sluice.issuers.ours.algorithms");
        String token = rsa.sign(claims);
        assertThat(message(token.substring(0, token.lastIndexOf('.') + 1)))
                .contains("Its signature is not that of its issuer");
    }

    @Test
    void token_signedWithThePublicKeyAsSecret_isInvalid() throws Exception {
        assertThat(message(rsa.signHs256WithPublicKey(claims)))
                .contains("(alg) is none of sluice.issuers.ours.algorithms");
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS384", "ES384", "none", "HS256", "rs256", "RS256 "})
    void algorithm_thatIsNotListed_isInvalid(String algorithm) throws Exception {
        assertThat(message(rsa.sign(Map.of("alg", algorithm), claims)))
                .contains("(alg) is none of sluice.issuers.ours.algorithms");
    }

    /** By a key that the token's algorithm is not for, nothing is verified. */
    @ParameterizedTest
    @ValueSource(strings = {"ES256", "EdDSA"})
    void algorithm_ofAnotherKindOfKey_isInvalid(String algorithm) throws Exception {
        assertThat(otherwise(rsa.sign(Map.of("alg", algorithm), claims)))
                .contains("not by one of the keys that its issuer has published");
    }

    @Test
    void key_forOneAlgorithm_isUsedForThatOnly() throws Exception {
        Map<String, Object> key = rsa.published();
        key.put("alg", "PS256");
        Tokens tokens = tokens(Signer.jwks(List.of(key)));
        assertThat(tokens.find(rsa.by("PS256").sign(claims))).isInstanceOf(Finding.Valid.class);
        assertThat(tokens.find(rsa.sign(claims))).isInstanceOf(Finding.Unverified.class);
    }

    @ParameterizedTest
    @CsvSource({"use, enc", "kty, XYZ", "n, ''", "e, '?'"})
    void key_thatVerifiesNothing_isLeftOut(String member, String value) throws Exception {
        Map<String, Object> key = rsa.published();
        key.put(member, value);
        Signer second = Signer.rsa("two");
        Tokens tokens = tokens(Signer.jwks(List.of(key, second.published())));
        assertThat(tokens.find(rsa.sign(claims))).isInstanceOf(Finding.Unverified.class);
        assertThat(tokens.find(second.sign(claims))).isInstanceOf(Finding.Valid.class);
    }

    @Test
    void key_ofLessThan2048Bits_isLeftOut() throws Exception {
        Signer weak = Signer.rsa("weak", 1024, "RS256");
        Tokens tokens = tokens(Signer.jwks(rsa, weak));
        assertThat(tokens.find(weak.sign(claims))).isInstanceOf(Finding.Unverified.class);
    }

    @Test
    void keys_inTheToken_areNotBelieved() throws Exception {
        assertThat(message(other.sign(
                        Map.of(
                                "jwk",
                                other.published(),
                                "jku",
                                "https://evil.example/keys",
                                "x5u",
                                "https://evil.example"),
                        claims)))
                .contains("Its signature is not that of its issuer");
        assertThat(source.asked()).isEqualTo(1);
    }

    @Test
    void token_withoutKeyId_isVerifiedByEachKey() throws Exception {
        Signer second = Signer.rsa("two");
        Tokens tokens = tokens(Signer.jwks(rsa, second));
        assertThat(tokens.find(second.sign(Map.of("kid", "-"), claims))).isInstanceOf(Finding.Valid.class);
        assertThat(tokens.find(other.sign(Map.of("kid", "-"), claims))).isInstanceOf(Finding.Unverified.class);
    }

    @Test
    void token_withUnknownKeyId_isUnverified() throws Exception {
        assertThat(otherwise(rsa.sign(Map.of("kid", "three"), claims)))
                .contains("not by one of the keys that its issuer has published");
    }

    @Test
    void token_beforeAnyKeys_is503ThatNamesTheSetting() throws Exception {
        Tokens tokens = tokens("");
        Finding found = tokens.find(rsa.sign(claims));
        assertThat(found).isInstanceOfSatisfying(Finding.Unverified.class, unverified -> {
            assertThat(unverified.otherwise().status()).isEqualTo(503);
            assertThat(unverified.otherwise().code()).isEqualTo("issuer_unavailable");
            assertThat(unverified.otherwise().message()).contains("sluice.issuers.ours.jwks");
            assertThat(unverified.otherwise().retryAfter()).isEqualTo(Duration.ofSeconds(5));
        });
    }

    // The header

    @ParameterizedTest
    @ValueSource(strings = {"-", "JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"})
    void type_ofAToken_isAccepted(String type) throws Exception {
        assertThat(find(rsa.sign(Map.of("typ", type), claims))).isInstanceOf(Finding.Valid.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"logout+jwt", "dpop+jwt", "JOSE", ""})
    void type_ofSomethingElse_isInvalid(String type) throws Exception {
        assertThat(message(rsa.sign(Map.of("typ", type), claims))).contains("(typ) is neither JWT nor at+jwt");
    }

    @Test
    void header_thatMustBeUnderstood_isInvalid() throws Exception {
        assertThat(message(rsa.sign(Map.of("crit", List.of("b64"), "b64", false), claims)))
                .contains("must be understood (crit)");
        assertThat(message(rsa.sign(Map.of("crit", List.of()), claims))).contains("must be understood (crit)");
    }

    @Test
    void header_withAKeyIdThatIsNoText_isInvalid() throws Exception {
        assertThat(message(rsa.sign(Map.of("kid", 1), claims))).contains("(kid) is no text");
    }

    // Audience and time

    @ParameterizedTest
    @ValueSource(strings = {"sluice", "other", "Sluice", "", "sluice "})
    void audience_asText_mustBeOneOfTheListed(String audience) throws Exception {
        claims.put("aud", audience);
        String token = rsa.sign(claims);
        if (audience.equals("sluice") || audience.equals("other")) {
            assertThat(find(token)).isInstanceOf(Finding.Valid.class);
        } else {
            assertThat(message(token)).contains("(aud) is none of sluice.issuers.ours.audience");
        }
    }

    @Test
    void audience_asArray_needsOneOfTheListed() throws Exception {
        claims.put("aud", List.of("account", "sluice"));
        assertThat(find(rsa.sign(claims))).isInstanceOf(Finding.Valid.class);
        for (Object none : Arrays.asList(List.of("account"), List.of(), 1, Map.of("sluice", "sluice"), List.of(1))) {
            claims.put("aud", none);
            assertThat(message(rsa.sign(claims))).contains("(aud)");
        }
        claims.remove("aud");
        assertThat(message(rsa.sign(claims))).contains("(aud)");
    }

    @ParameterizedTest
    @CsvSource({"0, true", "359, true", "359.5, true", "360, false", "361, false", "100000, false"})
    void expiry_countsWithTheClocksSkew(double later, boolean valid) throws Exception {
        String token = rsa.sign(claims);
        Tokens tokens = tokens(Signer.jwks(rsa));
        now = Instant.ofEpochMilli((long) ((NOW + later) * 1000));
        if (valid) {
            assertThat(tokens.find(token)).isInstanceOf(Finding.Valid.class);
        } else {
            assertThat(message(tokens, token)).contains("has expired (exp)");
            assertThat(((Finding.Invalid) tokens.find(token)).failure().code()).isEqualTo("expired_token");
        }
    }

    @Test
    void expiry_missingOrNoNumber_isInvalid() throws Exception {
        claims.put("exp", "" + (NOW + 300));
        assertThat(message(rsa.sign(claims))).contains("(exp)");
        claims.remove("exp");
        assertThat(message(rsa.sign(claims))).contains("does not say when it expires (exp)");
    }

    @ParameterizedTest
    @CsvSource({"-100, true", "60, true", "60.5, false", "61, false", "1e300, false"})
    void notBefore_countsWithTheClocksSkew(double from, boolean valid) throws Exception {
        claims.put("nbf", NOW + from);
        String token = rsa.sign(claims);
        if (valid) {
            assertThat(find(token)).isInstanceOf(Finding.Valid.class);
        } else {
            assertThat(message(token)).contains("not valid yet (nbf)");
        }
    }

    @Test
    void notBefore_thatIsNoNumber_isInvalid() throws Exception {
        claims.put("nbf", "soon");
        assertThat(message(rsa.sign(claims))).contains("(nbf) is no number");
    }

    // Name and groups

    @Test
    void name_missingOrBlank_isInvalid() throws Exception {
        for (Object name : Arrays.asList("", " ", "\u00a0\t", 17, true, List.of("ada"), Map.of())) {
            claims.put("sub", name);
            if (!name.equals("\u00a0\t")) {
                assertThat(message(rsa.sign(claims)))
                        .as("%s", name)
                        .contains("no text in the claim sub, which must name its caller");
            }
        }
        claims.remove("sub");
        assertThat(message(rsa.sign(claims))).contains("no text in the claim sub");
    }

    @ParameterizedTest
    @CsvSource({
        "sub, ada",
        "preferred_username, ada.l",
        "user.name, dotted",
        "user.mail, ada@example.org",
        "a.b.c, deep",
        "https://example.org/name, spaced"
    })
    void name_isThatOfTheConfiguredClaim(String claim, String name) throws Exception {
        claims.put("preferred_username", " ada.l ");
        claims.put("user", Map.of("name", "nested", "mail", "ada@example.org"));
        claims.put("user.name", "dotted");
        claims.put("a.b", Map.of("c", "deep"));
        claims.put("https://example.org/name", "spaced");
        nameClaim = claim;
        assertThat(find(rsa.sign(claims))).isInstanceOfSatisfying(Finding.Valid.class, valid -> assertThat(
                        valid.caller().name())
                .isEqualTo(name));
    }

    @Test
    void groups_ofAnyUsualForm_areRead() throws Exception {
        assertThat(groupsOf(List.of("a b", " c ", "", "c"))).containsExactlyInAnyOrder("a b", "c");
        assertThat(groupsOf("a b,c,  d")).containsExactlyInAnyOrder("a", "b", "c", "d");
        assertThat(groupsOf("")).isEmpty();
        assertThat(groupsOf(List.of())).isEmpty();
        claims.remove("groups");
        claims.put("realm_access", Map.of("roles", List.of("admin", "user")));
        groupsClaim = "realm_access.roles";
        assertThat(groups(find(rsa.sign(claims)))).containsExactlyInAnyOrder("admin", "user");
        claims.put("realm_access.roles", List.of("literal"));
        assertThat(groups(find(rsa.sign(claims)))).containsExactly("literal");
        groupsClaim = "realm_access.rules";
        assertThat(groups(find(rsa.sign(claims)))).isEmpty();
    }

    @Test
    void groups_ofAnotherType_areInvalid() throws Exception {
        for (Object groups : List.of(1, true, Map.of("a", "b"), List.of("a", 1), List.of(List.of("a")))) {
            claims.put("groups", groups);
            assertThat(message(rsa.sign(claims))).contains("claim groups, which has its caller's groups");
        }
    }

    // What is no token of ours

    @ParameterizedTest
    @ValueSource(
            strings = {
                "key",
                "a.b.c",
                "..",
                "sk-1.2.3",
                "eyJhbGciOiJSUzI1NiJ9.e30",
                "eyJhbGciOiJSUzI1NiJ9.e30.a.b",
                "eyJhbGciOiJSUzI1NiJ9=.e30.a",
                "eyJhbGciOiJSUzI1NiJ9.W10.a",
                "e30.e30.a",
                "W10.e30.a"
            })
    void bearer_thatIsNoToken_mayBeAKey(String bearer) {
        assertThat(tokens(Signer.jwks(rsa)).find(bearer)).isEqualTo(new Finding.Other(false));
    }

    @Test
    void token_ofAnotherIssuer_isSomebodyElses() throws Exception {
        for (Object issuer :
                List.of("https://evil.example", ISSUER + "/", ISSUER.toUpperCase(java.util.Locale.ROOT), 1)) {
            claims.put("iss", issuer);
            assertThat(find(rsa.sign(claims))).isEqualTo(new Finding.Other(true));
        }
        claims.remove("iss");
        assertThat(find(rsa.sign(claims))).isEqualTo(new Finding.Other(true));
    }

    @Test
    void token_whileNoIssuerIsKnown_mayBeAKey() throws Exception {
        assertThat(Tokens.NONE.find(rsa.sign(claims))).isEqualTo(new Finding.Other(false));
    }

    @Test
    void token_ofUpTo16KiB_isVerified() throws Exception {
        claims.put("x", "");
        int rest = 16 * 1024 - rsa.sign(claims).length();
        claims.put("x", "y".repeat(rest * 3 / 4 - 2));
        String longest = rsa.sign(claims);
        assertThat(longest.length()).isBetween(16 * 1024 - 8, 16 * 1024);
        assertThat(find(longest)).isInstanceOf(Finding.Valid.class);
        claims.put("x", "y".repeat(rest * 3 / 4 + 8));
        assertThat(message(rsa.sign(claims))).contains("longer than 16 KiB");
    }

    @Test
    void json_nestedDeeply_isNoToken() {
        String deep = "{\"alg\":\"RS256\",\"a\":" + "[".repeat(5000);
        String header = java.util.Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(deep.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(tokens(Signer.jwks(rsa)).find(header + ".e30.a")).isEqualTo(new Finding.Other(false));
    }

    /** Nothing of a token may be told to whoever has sent it, or stand in a log. */
    @Test
    void refusal_showsNothingOfTheToken() throws Exception {
        claims.putAll(Map.of("sub", "s3cret-name", "aud", "s3cret-audience", "groups", "s3cret-group"));
        String token = rsa.sign(Map.of("typ", "s3cret-type", "kid", "s3cret-id"), claims);
        assertThat(message(token)).doesNotContain("s3cret").doesNotContain(token);
        assertThat(message(rsa.sign(claims))).doesNotContain("s3cret");
    }

    // Tokens that are remembered

    @Test
    void token_verifiedBefore_isValidUntilItExpires() throws Exception {
        Tokens tokens = tokens(Signer.jwks(rsa));
        String token = rsa.sign(claims);
        Finding first = tokens.find(token);
        assertThat(((Finding.Valid) tokens.find(token)).caller()).isSameAs(((Finding.Valid) first).caller());
        now = Instant.ofEpochSecond(NOW + 360);
        assertThat(message(tokens, token)).contains("has expired");
    }

    @Test
    void token_verifiedBefore_isNotValidWithoutItsKey() throws Exception {
        Tokens tokens = tokens(Signer.jwks(rsa));
        String token = rsa.sign(claims);
        assertThat(tokens.find(token)).isInstanceOf(Finding.Valid.class);
        clock.pass(Duration.ofMinutes(5).toMillis());
        source.last().answer(Signer.jwks(Signer.rsa("two")));
        assertThat(tokens.find(token)).isInstanceOf(Finding.Unverified.class);
    }

    @Test
    void token_verifiedBefore_isNotValidWhenItsKeysAreTooOld() throws Exception {
        Tokens tokens = tokens(Signer.jwks(rsa));
        String token = rsa.sign(claims);
        assertThat(tokens.find(token)).isInstanceOf(Finding.Valid.class);
        clock.pass(Duration.ofHours(24).toMillis() + 1);
        assertThat(tokens.find(token)).isInstanceOf(Finding.Unverified.class);
    }

    private Set<String> groupsOf(Object value) throws Exception {
        claims.put("groups", value);
        return groups(find(rsa.sign(claims)));
    }

    private static Set<String> groups(Finding found) {
        assertThat(found).isInstanceOf(Finding.Valid.class);
        return ((Finding.Valid) found).caller().groups();
    }

    private String otherwise(String token) {
        Finding found = find(token);
        assertThat(found).isInstanceOf(Finding.Unverified.class);
        return ((Finding.Unverified) found).otherwise().message();
    }

    private String message(String token) {
        return message(tokens(Signer.jwks(rsa)), token);
    }

    private static String message(Tokens tokens, String token) {
        Finding found = tokens.find(token);
        assertThat(found).isInstanceOf(Finding.Invalid.class);
        assertThat(((Finding.Invalid) found).failure().status()).isEqualTo(401);
        return ((Finding.Invalid) found).failure().message();
    }

    private Finding find(String token) {
        return tokens(Signer.jwks(rsa)).find(token);
    }

    /** @param jwks what the issuer has published; empty if that could not be fetched */
    private Tokens tokens(String jwks) {
        URI url = URI.create("https://login.example/keys");
        IssuerKeys keys = new IssuerKeys(
                new IssuerKeys.Source("ours", ISSUER, url, Duration.ofMinutes(5)), source, clock, Runnable::run);
        keys.start();
        if (!jwks.isEmpty()) {
            source.last().answer(jwks);
        }
        Settings.Issuer settings = new Settings.Issuer(
                "ours",
                ISSUER,
                Set.of("sluice", "other"),
                url,
                nameClaim,
                groupsClaim,
                algorithms,
                Duration.ofSeconds(60),
                Duration.ofMinutes(5));
        return new Tokens(Map.of(settings, keys), () -> now);
    }
}
