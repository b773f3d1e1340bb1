package dev.sluice.caller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.config.KeyHash;
import dev.sluice.config.Secret;
import dev.sluice.config.Settings;
import dev.sluice.config.Settings.KeyHolder;
import dev.sluice.jwt.Tokens;
import dev.sluice.relay.Caller;
import dev.sluice.relay.Caller.Basis;
import dev.sluice.web.FakeExchange;
import dev.sluice.web.Pass;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers with their own keys, in either header, and the groups of the container's users. */
class NamedKeysTest {
    private static final Caller ADA = new Caller("ada", Basis.NAMED_KEY, Set.of("team"));
    private static final Caller BOB = new Caller("bob", Basis.NAMED_KEY, Set.of());
    private static final AccessKeys KEYS = new AccessKeys(
            List.of(new Secret("nameless")),
            List.of(
                    new KeyHolder("ada", List.of(KeyHash.of("adas-old"), KeyHash.of("adas-new")), null, Set.of("team")),
                    new KeyHolder("bob", List.of(KeyHash.of("bobs")), LocalDate.of(2026, 11, 30), Set.of())));

    private Instant now = Instant.parse("2026-11-30T23:59:59Z");
    private final AccessFilter filter = new AccessFilter(
            new Callers(KEYS, Tokens.NONE, false, Set.of("team", "admins"), null, false, () -> now),
            Set.of(),
            Settings.Metrics.CLOSED,
            List.of());

    @ParameterizedTest
    @ValueSource(strings = {"adas-old", "adas-new"})
    void key_inEitherHeader_namesItsCaller(String key) throws Exception {
        assertCaller(ADA, post().header("Authorization", "Bearer " + key));
        assertCaller(ADA, post().header("x-api-key", key));
        assertCaller(ADA, post().header("X-Api-Key", " " + key + " "));
        assertCaller(ADA, post().header("Authorization", "Bearer " + key).header("x-api-key", key));
        assertCaller(ADA, post().header("Authorization", "Basic YTpi").header("x-api-key", key));
    }

    @Test
    void key_withoutAName_isFoundBesideThem() throws Exception {
        Caller nameless = new Caller("key-" + KeyHash.of("nameless").hex().substring(0, 8), Basis.ACCESS_KEY, Set.of());
        assertCaller(nameless, post().header("x-api-key", "nameless"));
        assertCaller(nameless, post().header("Authorization", "Bearer nameless"));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "none, none, missing_access_key",
                "Bearer, none, missing_access_key",
                "none, ' ', missing_access_key",
                "adas-old, none, missing_access_key",
                "Bearer adas-ol, none, invalid_access_key",
                "none, bobsx, invalid_access_key",
                "none, Bearer bobs, invalid_access_key",
                "Bearer ada, none, invalid_access_key",
                "Bearer bobs, adas-old, several_access_keys",
                "Bearer adas-old, adas-new, several_access_keys",
                "Bearer adas-old, wrong, several_access_keys",
            })
    void request_withoutOneRightKey_isRefusedInWords(@Nullable String bearer, @Nullable String other, String code)
            throws Exception {
        assertRefused(code, post().header("Authorization", bearer).header("x-api-key", other));
    }

    @Test
    void hash_ofAKey_isNoKey() throws Exception {
        assertRefused(
                "invalid_access_key",
                post().header("x-api-key", KeyHash.of("bobs").hex()));
        assertRefused(
                "invalid_access_key",
                post().header("x-api-key", "sha256:" + KeyHash.of("bobs").hex()));
    }

    @Test
    void header_givenTwice_isRefusedUnlessBothAreTheSame() throws Exception {
        assertCaller(ADA, post().more("x-api-key", "adas-old").more("x-api-key", "adas-old"));
        assertRefused(
                "several_access_keys", post().more("x-api-key", "adas-old").more("x-api-key", "bobs"));
        assertRefused(
                "several_access_keys",
                post().more("Authorization", "Bearer adas-old").more("Authorization", "Bearer bobs"));
    }

    @Test
    void key_onItsLastDay_isAccepted_andThenSaidToHaveExpired() throws Exception {
        assertCaller(BOB, post().header("x-api-key", "bobs"));
        now = Instant.parse("2026-12-01T00:00:00Z");
        FakeExchange late = post().header("x-api-key", "bobs");
        assertRefused("expired_access_key", late);
        assertThat(late.body()).contains("has expired", "2026-11-30").doesNotContain("bobs");
        assertCaller(ADA, post().header("x-api-key", "adas-new"));
    }

    @Test
    void page_comesUpToAskForANamedKey() throws Exception {
        AccessKeys named =
                new AccessKeys(List.of(), List.of(new KeyHolder("ada", List.of(KeyHash.of("k")), null, Set.of())));
        AccessFilter onlyNamed =
                new AccessFilter(new Callers(named, false), Set.of(), Settings.Metrics.CLOSED, List.of());
        FakeExchange page = new FakeExchange("GET", "/").peer("203.0.113.9").through(onlyNamed);
        assertThat(Pass.of(page.request())).isEqualTo(Pass.PAGE);
        assertRefused("missing_access_key", post(), onlyNamed);
    }

    @Test
    void user_ofTheContainer_comesFirst_withThoseOfOurGroupsThatItHasTheRoleOf() throws Exception {
        assertCaller(
                new Caller("cyd", Basis.CONTAINER, Set.of("admins")),
                post().user("cyd").roles("admins", "others").header("x-api-key", "bobs"));
        assertCaller(
                new Caller("cyd", Basis.CONTAINER, Set.of()),
                post().user("cyd").roles("others").header("x-api-key", "wrong"));
    }

    private void assertCaller(Caller caller, FakeExchange exchange) throws Exception {
        exchange.peer("203.0.113.9").through(filter);
        assertThat(exchange.passed()).as(exchange.body()).isTrue();
        assertThat(Pass.callerOf(exchange.request())).isEqualTo(caller);
    }

    private void assertRefused(String code, FakeExchange exchange) throws Exception {
        assertRefused(code, exchange, filter);
    }

    private static void assertRefused(String code, FakeExchange exchange, AccessFilter filter) throws Exception {
        exchange.through(filter);
        assertThat(exchange.passed()).isFalse();
        assertThat(exchange.status()).isEqualTo(401);
        assertThat(exchange.answered("WWW-Authenticate")).isEqualTo("Bearer realm=\"sluice\"");
        assertThat(exchange.body()).contains("\"code\":\"" + code + "\"").doesNotContain("adas", "bobsx");
    }

    private static FakeExchange post() {
        return new FakeExchange("POST", "/chat");
    }
}
