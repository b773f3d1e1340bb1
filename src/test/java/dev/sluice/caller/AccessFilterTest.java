package dev.sluice.caller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.config.KeyHash;
import dev.sluice.config.Settings;
import dev.sluice.relay.Caller;
import dev.sluice.relay.Caller.Basis;
import dev.sluice.web.BrokenOffException;
import dev.sluice.web.FakeExchange;
import dev.sluice.web.Pass;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Access keys, a server that is open to all, and the answers to strangers. */
final class AccessFilterTest extends AccessTest {
    @ParameterizedTest
    @ValueSource(strings = {"Bearer " + KEY, "bearer " + KEY, "BEARER  " + KEY + " "})
    void keyed_rightKey_passesTrustedFromAnywhere(String authorization) throws Exception {
        assertPassed(elsewhere(post()).header("Authorization", authorization).through(keyed), true);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "none, missing_access_key",
                "'', missing_access_key",
                "Bearer, missing_access_key",
                "'Bearer  ', missing_access_key",
                "Basic open sesame, missing_access_key",
                "open sesame, missing_access_key",
                "Bearer open sesam, invalid_access_key",
                "Bearer Open sesame, invalid_access_key"
            })
    void keyed_noOrWrongKey_challenged(@Nullable String authorization, String code) throws Exception {
        FakeExchange exchange = post().header("Authorization", authorization).through(keyed);
        assertThat(exchange.passed()).as("passed on").isFalse();
        assertThat(exchange.status()).isEqualTo(401);
        assertThat(exchange.answered("WWW-Authenticate")).isEqualTo("Bearer realm=\"sluice\"");
        assertThat(exchange.body()).contains("\"code\":\"" + code + "\"").doesNotContain("esam");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /, true",
        "HEAD, /, true",
        "GET, '', true",
        "GET, /index.html, true",
        "GET, /css/base.css, true",
        "GET, /js/main.js, true",
        "GET, /favicon.svg, true",
        "POST, /, false",
        "GET, /chat, false",
        "GET, /v1/models, false",
        "GET, /metrics, false",
        "GET, /doctor/stream, false",
        "OPTIONS, /js/main.js, false",
        "GET, /jsx, false",
        "GET, /index.html.bak, false"
    })
    void keyed_withoutKey_onlyThePageComesUp(String method, String path, boolean passes) throws Exception {
        FakeExchange exchange = elsewhere(new FakeExchange(method, path)).through(keyed);
        assertThat(exchange.passed()).as("%s %s", method, path).isEqualTo(passes);
        assertThat(Pass.of(exchange.request())).isEqualTo(passes ? Pass.PAGE : null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health/live", "/health/ready"})
    void health_stranger_passesUntrusted(String path) throws Exception {
        assertPassed(elsewhere(get(path)).through(local), false);
        assertPassed(elsewhere(get(path)).through(keyed), false);
        assertPassed(get(path).header("Sec-Fetch-Site", "cross-site").through(local), false);
    }

    @Test
    void health_friend_passesTrusted() throws Exception {
        assertPassed(get("/health/ready").through(local), true);
        assertPassed(
                get("/health/ready").header("Authorization", "Bearer " + KEY).through(keyed), true);
    }

    @Test
    void health_similarPath_isNotHealth() throws Exception {
        assertThat(elsewhere(get("/healthy")).through(local).status()).isEqualTo(403);
    }

    @Test
    void metrics_stranger_passesOnlyIfOpened() throws Exception {
        assertThat(elsewhere(get("/metrics")).through(local).status()).isEqualTo(403);
        assertThat(elsewhere(get("/metrics")).through(keyed).status()).isEqualTo(401);
        assertPassed(elsewhere(get("/metrics")).through(filter(false, false, true)), false);
        assertPassed(elsewhere(get("/metrics")).through(filter(true, false, true)), false);
        assertPassed(get("/metrics").through(filter(false, false, true)), true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"scraper", "scrapers-next"})
    void metrics_withTheirKey_passAndNothingElseDoes(String key) throws Exception {
        for (AccessFilter filter : List.of(withMetricsKey(false), withMetricsKey(true))) {
            FakeExchange scrape = bearing(key, elsewhere(get("/metrics"))).through(filter);
            assertPassed(scrape, false);
            assertThat(Pass.of(scrape.request())).isEqualTo(Pass.METRICS);
            assertThat(callerOf(scrape)).isNull();
            for (String other : List.of("/v1/models", "/metrics/x", "/me", "/doctor/stream")) {
                FakeExchange exchange = bearing(key, elsewhere(get(other))).through(filter);
                assertThat(exchange.passed()).as(other).isFalse();
                assertThat(exchange.body()).doesNotContain(key);
            }
            assertThat(bearing(key, elsewhere(post())).through(filter).passed()).isFalse();
        }
    }

    @Test
    void metrics_withTheKeyOfACaller_passAsBefore() throws Exception {
        assertPassed(bearing(KEY, elsewhere(get("/metrics"))).through(withMetricsKey(true)), true);
        assertPassed(get("/metrics").through(withMetricsKey(false)), true);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {"none, missing_access_key", "scrape, invalid_access_key", "scrapers, invalid_access_key"})
    void metrics_withoutTheirKey_areRefusedInWords(@Nullable String key, String code) throws Exception {
        for (boolean keys : new boolean[] {true, false}) {
            FakeExchange exchange = elsewhere(get("/metrics"));
            exchange = key == null ? exchange : bearing(key, exchange);
            exchange.through(withMetricsKey(keys));
            assertThat(exchange.status()).isEqualTo(401);
            assertThat(exchange.body()).contains("\"" + code + "\"").doesNotContain("scrape");
            assertThat(exchange.answered("WWW-Authenticate")).isEqualTo("Bearer realm=\"sluice\"");
            assertThat(exchange.body().contains("sluice.metrics.key")).isEqualTo(!keys);
        }
    }

    @Test
    void metrics_ofAForeignPage_areRefusedEvenWithTheirKey() throws Exception {
        FakeExchange exchange = bearing("scraper", get("/metrics")).header("Sec-Fetch-Site", "cross-site");
        assertThat(exchange.through(withMetricsKey(true)).status()).isEqualTo(403);
    }

    @Test
    void metrics_withSeveralKeys_areRefused() throws Exception {
        FakeExchange exchange = bearing("scraper", elsewhere(get("/metrics"))).header("x-api-key", "another");
        assertThat(exchange.through(withMetricsKey(false)).status()).isEqualTo(401);
    }

    @Test
    void metricsOpened_otherPath_staysClosed() throws Exception {
        assertThat(elsewhere(post()).through(filter(false, false, true)).status())
                .isEqualTo(403);
    }

    @Test
    void errorDispatch_ofAnyRequest_passesUntouched() throws Exception {
        FakeExchange exchange = elsewhere(post())
                .header("Origin", APP)
                .dispatch(DispatcherType.ERROR)
                .through(keyed);
        assertThat(exchange.passed()).as("passed on").isTrue();
        assertThat(Pass.of(exchange.request())).isNull();
        assertThat(exchange.answered("Vary")).isNull();
    }

    /** As after a filter of the host that has dispatched the request asynchronously before ours was called. */
    @Test
    void laterDispatch_ofRequestThatWasNotHere_isChecked() throws Exception {
        FakeExchange exchange = elsewhere(post()).dispatch(DispatcherType.ASYNC).through(keyed);
        assertThat(exchange.status()).isEqualTo(401);
        assertThat(exchange.passed()).isFalse();
    }

    @Test
    void laterDispatch_ofRequestThatWasHere_passesUntouched() throws Exception {
        FakeExchange exchange = elsewhere(post()).header("Origin", APP).dispatch(DispatcherType.ASYNC);
        Pass.giveEverything(exchange.request(), Caller.LOCAL, null);
        exchange.through(keyed);
        assertThat(exchange.passed()).as("passed on").isTrue();
        assertThat(exchange.answered("Vary")).isNull();
    }

    /** As after a filter of the host behind ours that forwards health checks to a path that requires a key. */
    @ParameterizedTest
    @EnumSource(value = DispatcherType.class, names = "ERROR", mode = EnumSource.Mode.EXCLUDE)
    void anyDispatch_ofStrangerLetInToAnotherPath_isChecked(DispatcherType type) throws Exception {
        for (Pass elsewhere : List.of(Pass.HEALTH, Pass.METRICS, Pass.PAGE)) {
            FakeExchange exchange = elsewhere(post()).dispatch(type);
            elsewhere.giveTo(exchange.request());
            assertThat(exchange.through(keyed).status())
                    .as("%s by %s", elsewhere, type)
                    .isEqualTo(401);
            assertThat(exchange.passed()).isFalse();
        }
    }

    @Test
    void include_isCheckedByThePathThatIsIncluded() throws Exception {
        FakeExchange exchange = elsewhere(get("/health/live")).dispatch(DispatcherType.INCLUDE);
        exchange.request().setAttribute(RequestDispatcher.INCLUDE_SERVLET_PATH, "/chat");
        assertThat(exchange.through(keyed).passed()).as("passed on").isFalse();
        assertThat(exchange.body()).contains("missing_access_key");
        FakeExchange health = elsewhere(get("/chat")).dispatch(DispatcherType.INCLUDE);
        health.request().setAttribute(RequestDispatcher.INCLUDE_SERVLET_PATH, "/health");
        health.request().setAttribute(RequestDispatcher.INCLUDE_PATH_INFO, "/live");
        assertPassed(health.through(keyed), false);
    }

    @Test
    void laterDispatch_ofAnswerToBeBrokenOff_passes() throws Exception {
        FakeExchange exchange = elsewhere(post()).dispatch(DispatcherType.ASYNC);
        BrokenOffException.announce(exchange.request());
        assertThat(exchange.through(keyed).passed()).as("passed on").isTrue();
    }

    @Test
    void open_requestFromElsewhereThroughProxy_passesTrusted() throws Exception {
        assertPassed(elsewhere(post()).through(open), true);
    }

    @Test
    void openAndKeyed_requestWithoutKey_needsTheKey() throws Exception {
        assertThat(elsewhere(post()).through(filter(true, true, false)).status())
                .isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void authenticatedByContainer_fromElsewhere_passesTrusted(boolean keys) throws Exception {
        assertPassed(elsewhere(post()).user("ada").through(filter(keys, false, false)), true);
    }

    @Test
    void caller_isWhoTheFirstRuleThatAppliesSays() throws Exception {
        Caller ada = new Caller("ada", Basis.CONTAINER, Set.of());
        Caller key = new Caller("key-41ef4bb0", Basis.ACCESS_KEY, Set.of());
        assertThat(callerOf(post().through(local))).isEqualTo(Caller.LOCAL);
        assertThat(callerOf(post().through(open))).isEqualTo(Caller.ANONYMOUS);
        assertThat(callerOf(post().user("ada").through(open))).isEqualTo(ada);
        assertThat(callerOf(post().user("ada").through(local))).isEqualTo(ada);
        assertThat(callerOf(withKey(post()).through(keyed))).isEqualTo(key);
        assertThat(callerOf(withKey(post()).through(local)))
                .as("keys that are none")
                .isEqualTo(Caller.LOCAL);
        assertThat(callerOf(withKey(post()).user("ada").through(keyed))).isEqualTo(ada);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " "})
    void user_thatTheContainerDoesNotName_isLetInAllTheSame(String name) throws Exception {
        assertThat(callerOf(elsewhere(post()).user(name).through(keyed)))
                .isEqualTo(new Caller("nameless", Basis.CONTAINER, Set.of()));
    }

    @Test
    void stranger_hasNoName_whateverItMayUse() throws Exception {
        for (String path : List.of("/health/live", "/metrics", "/", "/chat")) {
            FakeExchange exchange = elsewhere(get(path)).through(filter(true, false, true));
            assertThat(callerOf(exchange)).as(path).isNull();
        }
        FakeExchange foreign = withKey(get("/health/live")).header("Sec-Fetch-Site", "cross-site");
        assertThat(callerOf(foreign.through(keyed))).as("a foreign page's").isNull();
    }

    /** The caller is established once. Changes of the request by a filter or servlet of the host have no effect. */
    @ParameterizedTest
    @EnumSource(
            value = DispatcherType.class,
            names = {"FORWARD", "INCLUDE", "ASYNC"})
    void laterDispatch_ofRequestThatWasHere_isOfTheSameCaller(DispatcherType type) throws Exception {
        FakeExchange first = withKey(post()).through(keyed);
        FakeExchange later = post().user("mallory").dispatch(type);
        later.request().setAttribute("dev.sluice.pass", first.request().getAttribute("dev.sluice.pass"));
        assertThat(later.through(keyed).passed()).isTrue();
        assertThat(callerOf(later)).isEqualTo(new Caller("key-41ef4bb0", Basis.ACCESS_KEY, Set.of()));
    }

    private static AccessFilter withMetricsKey(boolean keys) {
        List<KeyHash> two = List.of(KeyHash.of("scraper"), KeyHash.of("scrapers-next"));
        return filter(keys, false, new Settings.Metrics(false, two, false));
    }

    private static FakeExchange bearing(String key, FakeExchange exchange) {
        return exchange.header("Authorization", "Bearer " + key);
    }

    private static @Nullable Caller callerOf(FakeExchange exchange) {
        return Pass.callerOf(exchange.request());
    }

    private static FakeExchange withKey(FakeExchange exchange) {
        return exchange.header("Authorization", "Bearer " + KEY);
    }
}
