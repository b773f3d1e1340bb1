package dev.sluice.caller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.config.Secret;
import dev.sluice.config.Settings;
import dev.sluice.web.FakeExchange;
import dev.sluice.web.Pass;
import java.util.List;
import java.util.Set;

/** Tests of the access filter: its three modes, requests, and what the filter makes of them. */
abstract class AccessTest {
    static final String KEY = "open sesame";
    static final AccessKeys NO_KEYS = new AccessKeys(List.of());

    /** The origin that the filters list. */
    static final String APP = "https://app.example";

    private static final AccessKeys KEYS = new AccessKeys(List.of(new Secret(KEY)));

    final AccessFilter local = filter(false, false, false);
    final AccessFilter keyed = filter(true, false, false);
    final AccessFilter open = filter(false, true, false);

    static AccessFilter filter(boolean keys, boolean open, boolean metricsOpen) {
        return filter(keys, open, new Settings.Metrics(metricsOpen, List.of(), false));
    }

    static AccessFilter filter(boolean keys, boolean open, Settings.Metrics metrics) {
        return new AccessFilter(new Callers(keys ? KEYS : NO_KEYS, open), Set.of(APP), metrics, List.of());
    }

    static FakeExchange post() {
        return new FakeExchange("POST", "/chat");
    }

    static FakeExchange get(String path) {
        return new FakeExchange("GET", path);
    }

    /** The request as it comes from another machine by a proxy. */
    static FakeExchange elsewhere(FakeExchange exchange) {
        return exchange.peer("203.0.113.9").header("Host", "sluice.example").header("X-Forwarded-For", "203.0.113.10");
    }

    static void assertPassed(FakeExchange exchange, boolean trusted) {
        assertThat(exchange.passed())
                .as("passed on, not " + exchange.status() + exchange.body())
                .isTrue();
        assertThat(Pass.of(exchange.request())).as("what it was let in to").isNotNull();
        assertThat(Pass.isTrusted(exchange.request())).as("trusted").isEqualTo(trusted);
    }

    static void assertNotLocal(FakeExchange exchange, String because) {
        assertThat(exchange.passed()).as("passed on").isFalse();
        assertThat(exchange.status()).isEqualTo(403);
        assertThat(exchange.body())
                .contains("\"code\":\"not_local\"")
                .contains(because)
                .contains("sluice.access.keys")
                .contains("sluice.access.open=true");
    }

    static void assertForeign(FakeExchange exchange) {
        assertThat(exchange.passed()).as("passed on").isFalse();
        assertThat(exchange.status()).isEqualTo(403);
        assertThat(exchange.body()).contains("\"code\":\"cross_origin\"");
    }
}
