package dev.sluice.caller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.config.KeyHash;
import dev.sluice.config.Network;
import dev.sluice.config.Secret;
import dev.sluice.config.Settings;
import dev.sluice.config.Settings.KeyHolder;
import dev.sluice.jwt.OneIssuer;
import dev.sluice.jwt.Signer;
import dev.sluice.relay.Caller;
import dev.sluice.relay.Caller.Basis;
import dev.sluice.web.FakeExchange;
import dev.sluice.web.Pass;
import jakarta.servlet.DispatcherType;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bearers that are tokens of an issuer, beside keys and other ways to be known. */
class TokensOfIssuersTest {
    private static final AccessKeys KEYS = new AccessKeys(
            List.of(new Secret("sesame")),
            List.of(new KeyHolder("ada", List.of(KeyHash.of("adas-key")), null, Set.of())));
    private static final AccessKeys NO_KEYS = new AccessKeys(List.of());
    private static final String INVALID = "Bearer realm=\"sluice\", error=\"invalid_token\"";

    @SuppressWarnings("NullAway.Init")
    private static Signer signer;

    private final OneIssuer issuer = new OneIssuer();

    @BeforeAll
    static void generate() throws Exception {
        signer = Signer.rsa("one");
    }

    @Test
    void token_asBearer_namesItsCaller() throws Exception {
        issuer.publish(signer);
        Map<String, Object> claims = issuer.claims("eve@example.org");
        claims.put("groups", List.of("research"));
        String token = signer.sign(claims);
        for (AccessFilter filter : List.of(filter(KEYS), filter(NO_KEYS))) {
            FakeExchange exchange =
                    post().header("Authorization", "bearer  " + token).through(filter);
            assertThat(exchange.passed()).isTrue();
            assertThat(Pass.callerOf(exchange.request()))
                    .isEqualTo(new Caller("eve@example.org", Basis.TOKEN, "ours", Set.of("research")));
        }
    }

    @ParameterizedTest
    @CsvSource({"Authorization, Bearer sesame, key-", "x-api-key, adas-key, ada"})
    void key_besideAnIssuer_isStillAKey(String header, String value, String name) throws Exception {
        issuer.publish(signer);
        FakeExchange exchange = post().header(header, value).through(filter(KEYS));
        assertThat(exchange.passed()).isTrue();
        assertThat(Pass.callerOf(exchange.request()))
                .satisfies(caller -> assertThat(caller.name()).startsWith(name));
    }

    @ParameterizedTest
    @CsvSource({
        "true, other, invalid_access_key",
        "false, other, invalid_token",
        "true, '', missing_access_key",
        "false, '', missing_token"
    })
    void bearer_thatIsNeither_isRefusedInWords(boolean keyed, String bearer, String code) throws Exception {
        issuer.publish(signer);
        FakeExchange exchange =
                post().header("Authorization", "Bearer " + bearer).through(filter(keyed ? KEYS : NO_KEYS));
        assertThat(exchange.status()).isEqualTo(401);
        assertThat(exchange.body()).contains("\"code\":\"" + code + "\"");
        assertThat(exchange.answered("WWW-Authenticate"))
                .isEqualTo(code.equals("invalid_token") ? INVALID : "Bearer realm=\"sluice\"");
    }

    @Test
    void token_invalid_isRefusedInWordsWithoutAnyOfIt() throws Exception {
        issuer.publish(signer);
        Map<String, Object> claims = issuer.claims("s3cret");
        claims.put("aud", "s3cret");
        FakeExchange exchange =
                post().header("Authorization", "Bearer " + signer.sign(claims)).through(filter(KEYS));
        assertThat(exchange.passed()).isFalse();
        assertThat(exchange.status()).isEqualTo(401);
        assertThat(exchange.answered("WWW-Authenticate")).isEqualTo(INVALID);
        assertThat(exchange.body())
                .contains("\"code\":\"invalid_token\"", "sluice.issuers.ours.audience")
                .doesNotContain("s3cret");
    }

    @Test
    void token_ofAnotherIssuer_isRefusedAsToken_unlessItIsAKey() throws Exception {
        issuer.publish(signer);
        Map<String, Object> claims = issuer.claims("eve");
        claims.put("iss", "https://evil.example");
        String token = signer.sign(claims);
        FakeExchange exchange =
                post().header("Authorization", "Bearer " + token).through(filter(KEYS));
        assertThat(exchange.body()).contains("\"code\":\"invalid_token\"", "(iss) is none of sluice.issuers");
        assertThat(exchange.answered("WWW-Authenticate")).isEqualTo(INVALID);
        AccessKeys tokenAsKey = new AccessKeys(List.of(new Secret(token)));
        assertThat(post().header("Authorization", "Bearer " + token)
                        .through(filter(tokenAsKey))
                        .passed())
                .isTrue();
    }

    @Test
    void token_asApiKey_isNoToken() throws Exception {
        issuer.publish(signer);
        String token = signer.sign(issuer.claims("eve"));
        FakeExchange exchange = post().header("x-api-key", token).through(filter(KEYS));
        assertThat(exchange.body()).contains("\"code\":\"invalid_access_key\"");
        assertThat(post().header("x-api-key", token)
                        .header("Authorization", "Bearer " + token)
                        .through(filter(KEYS))
                        .passed())
                .isTrue();
        assertThat(post().header("x-api-key", "sesame")
                        .header("Authorization", "Bearer " + token)
                        .through(filter(KEYS))
                        .body())
                .contains("several_access_keys");
    }

    @Test
    void token_ofAUserOfTheContainer_isNotLookedAt() throws Exception {
        FakeExchange exchange = post().user("root")
                .header("Authorization", "Bearer " + signer.sign(issuer.claims("eve")))
                .through(filter(NO_KEYS));
        assertThat(exchange.passed()).isTrue();
        assertThat(Pass.callerOf(exchange.request()))
                .satisfies(caller -> assertThat(caller.basis()).isEqualTo(Basis.CONTAINER));
    }

    @Test
    void request_ofThisMachine_needsAToken() throws Exception {
        issuer.publish(signer);
        assertThat(post().through(filter(NO_KEYS)).status()).isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({"GET, /, true", "GET, /js/main.js, true", "GET, /v1/models, false"})
    void page_comesUpToAskForAToken(String method, String path, boolean passes) throws Exception {
        assertThat(new FakeExchange(method, path).through(filter(NO_KEYS)).passed())
                .isEqualTo(passes);
    }

    // What cannot be verified yet

    @Test
    void token_whileKeysAreFetchedAndNothingCanWait_comesAgain() throws Exception {
        FakeExchange exchange = post().header("Authorization", "Bearer " + signer.sign(issuer.claims("eve")))
                .through(filter(NO_KEYS));
        assertThat(exchange.status()).isEqualTo(503);
        assertThat(exchange.body()).contains("\"code\":\"keys_pending\"");
        assertThat(exchange.answered("Retry-After")).isEqualTo("1");
        assertThat(exchange.answered("WWW-Authenticate")).isNull();
    }

    @Test
    void token_whileNoKeysCanBeFetched_is503() throws Exception {
        issuer.fail();
        FakeExchange exchange = post().header("Authorization", "Bearer " + signer.sign(issuer.claims("eve")))
                .through(filter(NO_KEYS));
        assertThat(exchange.status()).isEqualTo(503);
        assertThat(exchange.body()).contains("\"code\":\"issuer_unavailable\"", "sluice.issuers.ours.jwks");
        assertThat(exchange.answered("Retry-After")).isEqualTo("5");
        assertThat(exchange.answered("WWW-Authenticate")).isNull();
    }

    @Test
    void tokens_withUnknownKeys_haveThemFetchedOnce_andThenGet401AtOnce() throws Exception {
        issuer.publish(signer);
        for (int i = 0; i < 100; i++) {
            String token = signer.sign(Map.of("kid", "unknown-" + i), issuer.claims("eve"));
            FakeExchange exchange =
                    post().header("Authorization", "Bearer " + token).through(filter(NO_KEYS));
            assertThat(exchange.status()).isEqualTo(i == 0 ? 503 : 401);
            if (i == 0) {
                issuer.publish(signer);
            }
        }
        assertThat(issuer.asked()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health/live", "/health/ready"})
    void health_doesNotWaitForKeys(String path) throws Exception {
        FakeExchange exchange = new FakeExchange("GET", path)
                .header("Authorization", "Bearer " + signer.sign(issuer.claims("eve")))
                .through(filter(NO_KEYS));
        assertThat(exchange.passed()).isTrue();
        assertThat(Pass.of(exchange.request())).isEqualTo(Pass.HEALTH);
    }

    @Test
    void pageOfAnotherOrigin_doesNotWaitForKeys() throws Exception {
        issuer.publish(signer);
        String token = signer.sign(Map.of("kid", "unknown"), issuer.claims("eve"));
        FakeExchange exchange = post().header("Authorization", "Bearer " + token)
                .header("Sec-Fetch-Site", "cross-site")
                .through(filter(NO_KEYS));
        assertThat(exchange.status()).isEqualTo(403);
        assertThat(issuer.asked()).isEqualTo(1);
    }

    @Test
    void include_doesNotWaitForKeys() throws Exception {
        FakeExchange exchange = post().dispatch(DispatcherType.INCLUDE)
                .header("Authorization", "Bearer " + signer.sign(issuer.claims("eve")))
                .through(filter(NO_KEYS));
        assertThat(exchange.body()).contains("\"code\":\"keys_pending\"");
    }

    private AccessFilter filter(AccessKeys keys) {
        Callers callers = new Callers(keys, issuer.tokens(), false, Set.of(), null, false, InstantSource.system());
        return new AccessFilter(callers, Set.of(), Settings.Metrics.CLOSED, List.<Network>of());
    }

    private static FakeExchange post() {
        return new FakeExchange("POST", "/chat");
    }
}
