package dev.sluice.caller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.config.Network;
import dev.sluice.config.Secret;
import dev.sluice.config.Settings;
import dev.sluice.web.FakeExchange;
import dev.sluice.web.Pass;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From where the filter says that a request comes. The proxies are 10.0.0.0/8. */
class ClientAddressTest {
    private static final String PROXY = "10.0.0.7";
    private static final String STRANGER = "203.0.113.9";

    private final AccessFilter filter = new AccessFilter(
            new Callers(new AccessKeys(List.of()), true),
            Set.of(),
            Settings.Metrics.CLOSED,
            List.of(Network.parse("10.0.0.0/8")));

    @ParameterizedTest
    @CsvSource({
        "203.0.113.9, 203.0.113.9",
        "2001:db8:0:0:0:0:0:9, 2001:db8::9",
        "[2001:DB8::9], 2001:db8::9",
        "fe80::1%eth0, fe80::1",
        "::ffff:203.0.113.9, 203.0.113.9",
    })
    void client_withoutAProxy_isThePeer(String peer, String client) throws Exception {
        assertClient(client, request(peer));
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Forwarded-For: 198.51.100.1", "Forwarded: for=198.51.100.1", "X-Real-IP: 198.51.100.1"})
    void client_thatForwardsForItself_isThePeer(String header) throws Exception {
        assertClient(STRANGER, with(header, request(STRANGER)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "X-Forwarded-For: 198.51.100.1 | 198.51.100.1",
                "X-Forwarded-For: 192.0.2.1, 198.51.100.1 | 198.51.100.1",
                "X-Forwarded-For: 192.0.2.1, 198.51.100.1, 10.0.0.8 | 198.51.100.1",
                "X-Forwarded-For: 2001:db8::0:9 | 2001:db8::9",
                "Forwarded: for=\"[2001:db8::9]:4711\" | 2001:db8::9",
            })
    void client_behindATrustedProxy_isTheOneThatItTells(String header, String client) throws Exception {
        assertClient(client, with(header, request(PROXY)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Forwarded-For: unknown",
                "X-Forwarded-For: 198.51.100.1, x\"}{\"event\":\"forged",
                "X-Forwarded-For: 198.51.100.1, 1.2.3.4.5",
                "Forwarded: for=_hidden",
                "Forwarded: for=\"",
                "X-Forwarded-Host: sluice.example",
            })
    void client_thatATrustedProxyDoesNotTell_isUnknown(String header) throws Exception {
        assertClient(null, with(header, request(PROXY)));
    }

    @Test
    void client_ofAPeerWithoutAnAddress_isUnknown() throws Exception {
        assertClient(null, request(null));
        assertClient(null, request("a text\n{}"));
    }

    @Test
    void stranger_hasNoAddress_thatAnybodyIsTold() throws Exception {
        AccessFilter keyed = new AccessFilter(
                new Callers(new AccessKeys(List.of(new Secret("k"))), false),
                Set.of(),
                Settings.Metrics.CLOSED,
                List.of());
        FakeExchange health =
                new FakeExchange("GET", "/health/live").peer(STRANGER).through(keyed);
        assertThat(health.passed()).isTrue();
        assertThat(Pass.clientOf(health.request())).isNull();
    }

    private void assertClient(@Nullable String client, FakeExchange exchange) throws Exception {
        assertThat(exchange.through(filter).passed()).as(exchange.body()).isTrue();
        assertThat(Pass.clientOf(exchange.request())).isEqualTo(client);
    }

    private static FakeExchange request(@Nullable String peer) {
        return new FakeExchange("POST", "/chat").peer(peer);
    }

    private static FakeExchange with(String header, FakeExchange exchange) {
        int colon = header.indexOf(':');
        return exchange.header(header.substring(0, colon), header.substring(colon + 2));
    }
}
