package dev.sluice.caller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.config.Settings;
import dev.sluice.web.FakeExchange;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests of pages of other origins, listed or not. */
final class CrossOriginTest extends AccessTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // site, origin, passes
                "-, -, true",
                "same-origin, http://localhost:8080, true",
                "same-origin, -, true",
                "same-origin, https://public.example, true", // a proxy has rewritten Host; Sec-Fetch-Site has priority
                "none, -, true",
                "-, http://localhost:8080, true",
                "-, https://localhost:8080, true",
                "-, http://LOCALHOST:8080, true",
                "cross-site, -, false",
                "same-site, -, false",
                "same-site, http://localhost:8080, false",
                "cross-site, http://localhost:8080, false",
                "whatever, -, false",
                "-, null, false",
                "none, null, false",
                "-, http://localhost, false",
                "-, http://localhost:3000, false",
                "-, http://127.0.0.1:8080, false",
                "-, http://evil.example:8080, false",
                "-, https://evil.example, false",
                "-, chrome-extension://localhost:8080, false",
                "-, localhost:8080, false",
                "-, '', false"
            })
    void callerMarked_bySiteAndOrigin_foreignOnesRefused(@Nullable String site, @Nullable String origin, boolean passes)
            throws Exception {
        FakeExchange exchange =
                post().header("Sec-Fetch-Site", site).header("Origin", origin).through(local);
        assertThat(exchange.passed()).as("site %s, origin %s", site, origin).isEqualTo(passes);
        if (!passes) {
            assertForeign(exchange);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http://host.example, host.example, true",
        "https://host.example, host.example, true",
        "https://host.example, host.example:443, true",
        "https://host.example:8443, host.example:8443, true",
        "http://host.example, host.example:80, true",
        "http://[2001:db8::1]:8080, [2001:db8::1]:8080, true",
        "https://host.example, host.example:80, false",
        "http://host.example, host.example:443, false",
        "https://host.example:8443, host.example, false",
        "https://host.example.evil, host.example, false"
    })
    void originBehindProxy_comparedByHostAndPort_whateverTheScheme(String origin, String host, boolean passes)
            throws Exception {
        FakeExchange exchange =
                post().header("Host", host).header("Origin", origin).through(open);
        assertThat(exchange.passed()).as("%s at %s", origin, host).isEqualTo(passes);
    }

    @Test
    void originWithoutTls_requestOverTls_isForeign() throws Exception {
        assertForeign(post().secure()
                .header("Host", "host.example")
                .header("Origin", "http://host.example")
                .through(open));
    }

    @Test
    void foreignPage_namedInTheRefusal_withTheSettingThatAdmitsIt() throws Exception {
        assertThat(post().header("Origin", "https://evil.example:444")
                        .through(open)
                        .body())
                .contains("https://evil.example:444")
                .contains("sluice.cors.origins");
    }

    @Test
    void foreignPage_userAuthenticatedByCookie_refused() throws Exception {
        assertForeign(post().user("ada").header("Sec-Fetch-Site", "cross-site").through(local));
    }

    @Test
    void foreignPage_withRightKey_refused() throws Exception {
        assertForeign(post().header("Authorization", "Bearer " + KEY)
                .header("Origin", "https://evil.example")
                .through(keyed));
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /, navigate, true",
        "GET, /index.html, navigate, true",
        "GET, /js/main.js, navigate, true",
        "GET, /, no-cors, false",
        "GET, /, cors, false",
        "POST, /, navigate, false",
        "POST, /chat, navigate, false",
        "GET, /metrics, navigate, false",
        "GET, /doctor/stream, navigate, false"
    })
    void foreignPage_plainNavigationToOurPage_passes(String method, String path, String mode, boolean passes)
            throws Exception {
        FakeExchange exchange = new FakeExchange(method, path)
                .header("Sec-Fetch-Site", "cross-site")
                .header("Sec-Fetch-Mode", mode);
        assertThat(exchange.through(local).passed())
                .as("%s %s %s", method, path, mode)
                .isEqualTo(passes);
    }

    @Test
    void plainNavigation_fromElsewhere_stillMeetsTheLocalRule() throws Exception {
        assertNotLocal(
                elsewhere(get("/"))
                        .header("Sec-Fetch-Site", "cross-site")
                        .header("Sec-Fetch-Mode", "navigate")
                        .through(local),
                "another address");
    }

    @Test
    void listedOrigin_call_passesAndIsTold() throws Exception {
        FakeExchange exchange = post().header("Origin", APP)
                .header("Sec-Fetch-Site", "cross-site")
                .through(local);
        assertPassed(exchange, true);
        assertThat(exchange.answered("Access-Control-Allow-Origin")).isEqualTo(APP);
        assertThat(exchange.answered("Access-Control-Expose-Headers"))
                .contains("x-request-id", "retry-after", "x-sluice-upstream");
        assertThat(exchange.answered("Access-Control-Allow-Credentials")).isNull();
        assertThat(exchange.answered("Vary")).isEqualTo("Origin");
    }

    @Test
    void listedOrigin_withoutKey_canReadTheRefusal() throws Exception {
        FakeExchange exchange = post().header("Origin", APP).through(keyed);
        assertThat(exchange.status()).isEqualTo(401);
        assertThat(exchange.answered("Access-Control-Allow-Origin")).isEqualTo(APP);
        assertThat(exchange.answered("Vary")).isEqualTo("Origin");
    }

    @Test
    void unlistedOrigin_refusal_isNotReadable() throws Exception {
        FakeExchange exchange = post().header("Origin", "http://app.example").through(keyed);
        assertForeign(exchange);
        assertThat(exchange.answered("Access-Control-Allow-Origin")).isNull();
        assertThat(exchange.answered("Vary")).isEqualTo("Origin");
    }

    @Test
    void preflight_listedOrigin_answeredWithoutAKey() throws Exception {
        FakeExchange exchange = preflight(APP)
                .header(
                        "Access-Control-Request-Headers",
                        "authorization,X-Stainless-OS, openai-beta,X-My-Own,http-referer, x-\",a b,,x:y")
                .through(keyed);
        assertThat(exchange.passed()).as("passed on").isFalse();
        assertThat(exchange.status()).isEqualTo(204);
        assertThat(exchange.bodyLength()).isZero();
        assertThat(exchange.answered("Access-Control-Allow-Origin")).isEqualTo(APP);
        assertThat(exchange.answered("Access-Control-Allow-Methods")).isEqualTo("GET, HEAD, POST");
        assertThat(String.valueOf(exchange.answered("Access-Control-Allow-Headers"))
                        .split(", "))
                .contains("authorization", "x-api-key", "content-type", "idempotency-key", "x-request-id")
                .contains("traceparent", "tracestate", "x-stainless-os", "openai-beta")
                .contains("x-my-own", "http-referer")
                .doesNotContain("x-\"", "a b", "", "x:y")
                .doesNotHaveDuplicates();
        assertThat(exchange.answered("Access-Control-Max-Age")).isEqualTo("7200");
        assertThat(exchange.answered("Vary")).isEqualTo("Origin");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example",
                "null",
                "http://app.example",
                "https://app.example:8443",
                "https://app.example.evil"
            })
    void preflight_unlistedOrigin_refused(String origin) throws Exception {
        FakeExchange exchange = preflight(origin).through(open);
        assertForeign(exchange);
        assertThat(exchange.answered("Access-Control-Allow-Origin")).isNull();
    }

    @Test
    void preflight_unlistedOriginAtHealth_refused() throws Exception {
        assertForeign(new FakeExchange("OPTIONS", "/health/live")
                .header("Origin", "https://evil.example")
                .header("Access-Control-Request-Method", "GET")
                .through(open));
    }

    @Test
    void options_withoutPreflightHeaders_isAnOrdinaryRequest() throws Exception {
        assertPassed(new FakeExchange("OPTIONS", "/chat").through(local), true);
        assertThat(elsewhere(new FakeExchange("OPTIONS", "/chat"))
                        .through(keyed)
                        .status())
                .isEqualTo(401);
    }

    @Test
    void noListedOrigins_anyAnswer_doesNotVary() throws Exception {
        AccessFilter filter =
                new AccessFilter(new Callers(NO_KEYS, false), Set.of(), Settings.Metrics.CLOSED, List.of());
        assertThat(post().through(filter).answered("Vary")).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"*", "null", "", "app.example", "https://app.example/", "https://app.example:99999", "https://"})
    void listedOrigin_illFormed_rejectedAtOnce(String origin) {
        assertThatThrownBy(() -> new AccessFilter(
                        new Callers(NO_KEYS, false), Set.of(origin), Settings.Metrics.CLOSED, List.of()))
                .as(origin)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("origin");
    }

    @Test
    void listedOrigin_writtenWithCapitalsAndDefaultPort_isTheSame() throws Exception {
        AccessFilter filter = new AccessFilter(
                new Callers(NO_KEYS, false), Set.of("HTTPS://App.Example:443"), Settings.Metrics.CLOSED, List.of());
        assertThat(post().header("Origin", APP).through(filter).answered("Access-Control-Allow-Origin"))
                .isEqualTo(APP);
    }

    private static FakeExchange preflight(String origin) {
        return new FakeExchange("OPTIONS", "/chat")
                .header("Origin", origin)
                .header("Access-Control-Request-Method", "POST");
    }
}
