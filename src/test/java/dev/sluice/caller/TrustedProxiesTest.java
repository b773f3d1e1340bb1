package dev.sluice.caller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.config.IpLiteral;
import dev.sluice.config.Network;
import dev.sluice.config.Settings;
import dev.sluice.web.FakeExchange;
import dev.sluice.web.Pass;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which proxies' forwarding headers are believed, how they are parsed, and how the access rules use them. */
class TrustedProxiesTest {
    private static final List<Network> LISTED =
            Stream.of("127.0.0.1", "10.0.0.0/8", "fd00::/8").map(Network::parse).toList();
    private static final String CLIENT = "203.0.113.9";

    private final TrustedProxies proxies = new TrustedProxies(LISTED);
    private static final AccessKeys NO_KEYS = new AccessKeys(List.of());
    private final AccessFilter local =
            new AccessFilter(new Callers(NO_KEYS, false), Set.of(), Settings.Metrics.CLOSED, LISTED);
    private final AccessFilter open =
            new AccessFilter(new Callers(NO_KEYS, true), Set.of(), Settings.Metrics.CLOSED, LISTED);

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.2", "11.0.0.1", "::1", "fe00::1", CLIENT, "", "localhost"})
    void peer_notListed_isNotBelieved(String peer) {
        assertThat(proxies.on(post().peer(peer)
                        .header("X-Forwarded-For", "127.0.0.1")
                        .header("Forwarded", "for=127.0.0.1")
                        .request()))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "[127.0.0.1]", "::ffff:127.0.0.1", "10.9.8.7", "fd12::1", "[fd12::1%eth0]"})
    void peer_listed_isBelieved(String peer) {
        assertThat(forwarded(post().peer(peer).header("X-Forwarded-For", CLIENT))
                        .client())
                .isEqualTo(address(CLIENT));
    }

    @Test
    void peer_whileNobodyIsListed_isNotBelieved() {
        assertThat(new TrustedProxies(List.of())
                        .on(post().header("X-Forwarded-For", CLIENT).request()))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "unknown",
            value = {
                "203.0.113.9 | 203.0.113.9",
                "203.0.113.9:4711 | 203.0.113.9",
                "2001:db8::9 | 2001:db8::9",
                "[2001:db8::9] | 2001:db8::9",
                "[2001:db8::9]:4711 | 2001:db8::9",
                "::ffff:203.0.113.9 | 203.0.113.9",
                // The rightmost address that is no trusted proxy's. The client may have forged what is to the left of
                // it.
                "127.0.0.1, 203.0.113.9 | 203.0.113.9",
                "127.0.0.1, 203.0.113.9, 10.0.0.7 | 203.0.113.9",
                "198.51.100.1,203.0.113.9,10.0.0.7,fd00::7 | 203.0.113.9",
                "unknown, <script>, 203.0.113.9 | 203.0.113.9",
                // All are trusted proxies. The leftmost one has made the request.
                "10.0.0.8, 10.0.0.7 | 10.0.0.8",
                // Unclear addresses are not guessed.
                "127.0.0.1, unknown | unknown",
                "127.0.0.1, _hidden | unknown",
                "127.0.0.1, unknown, 10.0.0.7 | unknown",
                "127.0.0.1, | unknown",
                "'' | unknown",
                "localhost | unknown",
                "127.1 | unknown",
                "2130706433 | unknown",
                "0x7f.0.0.1 | unknown",
                "127.0.0.1:port | unknown",
                "127.0.0.1:123456 | unknown",
                "127.0.0.1 203.0.113.9 | unknown",
                "[127.0.0.1 | unknown",
                "::1%lo | unknown",
                "\"127.0.0.1\" | unknown",
            })
    void xForwardedFor_isReadFromTheRight(String header, @Nullable String client) {
        assertThat(forwarded(post().header("X-Forwarded-For", header)).client())
                .isEqualTo(client == null ? null : address(client));
    }

    @Test
    void xForwardedFor_onSeveralLines_isOneList() {
        FakeExchange request = post().header("X-Forwarded-For", "127.0.0.1").more("X-Forwarded-For", CLIENT);
        assertThat(forwarded(request).client()).isEqualTo(address(CLIENT));
        assertThat(forwarded(request.more("X-Forwarded-For", "10.0.0.7")).client())
                .isEqualTo(address(CLIENT));
        assertThat(forwarded(request.more("X-Forwarded-For", "")).client()).isNull();
    }

    @Test
    void xForwardedHostAndProto_areTheNearestProxys() {
        Forwarded forwarded = forwarded(post().header("X-Forwarded-For", CLIENT)
                .header("X-Forwarded-Host", "evil.example, Sluice.Example:8443")
                .header("X-Forwarded-Proto", "ftp")
                .more("X-Forwarded-Proto", "HTTPS"));
        assertThat(forwarded).isEqualTo(new Forwarded(address(CLIENT), false, "sluice.example:8443", "https"));
    }

    @Test
    void proxy_thatSaysNothing_leavesTheClientUnknown() {
        assertThat(forwarded(post())).isEqualTo(new Forwarded(null, false, null, null));
        assertThat(forwarded(post().header("X-Forwarded-Host", "a.example")))
                .isEqualTo(new Forwarded(null, false, "a.example", null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "for=203.0.113.9;host=A.example;proto=HTTPS | 203.0.113.9 | a.example | https",
                "for=\"203.0.113.9:4711\" | 203.0.113.9 | - | -",
                "for=\"203.0.113.9:_port\" | 203.0.113.9 | - | -",
                "for=\"[2001:db8::9]:4711\" | 2001:db8::9 | - | -",
                "for=127.0.0.1;host=localhost, for=203.0.113.9;proto=http | 203.0.113.9 | - | http",
                "for=203.0.113.9;host=a.example, for=10.0.0.7;host=b.example | 203.0.113.9 | a.example | -",
                "for=127.0.0.1, for=unknown | - | - | -",
                "for=127.0.0.1, for=_SEVKISEK;host=a.example | - | a.example | -",
                "for=127.0.0.1, by=10.0.0.7 | - | - | -",
            })
    void forwarded_isReadFromTheRight(
            String header, @Nullable String client, @Nullable String host, @Nullable String scheme) {
        assertThat(forwarded(post().header("Forwarded", header)))
                .isEqualTo(new Forwarded(client == null ? null : address(client), false, host, scheme));
    }

    @ParameterizedTest
    @ValueSource(strings = {"for=127.0.0.1;x=\", for=203.0.113.9", "for=::1", "", "for=127.0.0.1,"})
    void forwarded_illFormed_isNotBelievedAtAll(String header) {
        assertThat(forwarded(post().header("Forwarded", header))).isEqualTo(Forwarded.CONTRADICTORY);
    }

    /** By default, nginx appends to one header and passes the client's other one on. */
    @Test
    void bothKinds_thatDisagree_areNotBelievedAtAll() {
        assertThat(forwarded(post().header("X-Forwarded-For", CLIENT).header("Forwarded", "for=127.0.0.1")))
                .isEqualTo(Forwarded.CONTRADICTORY);
        assertThat(forwarded(post().header("X-Forwarded-For", "127.0.0.1").header("Forwarded", "for=" + CLIENT)))
                .isEqualTo(Forwarded.CONTRADICTORY);
        assertThat(forwarded(post().header("X-Forwarded-Host", "a.example").header("Forwarded", "for=127.0.0.1")))
                .isEqualTo(Forwarded.CONTRADICTORY);
    }

    @Test
    void bothKinds_thatAgree_areBelieved() {
        assertThat(forwarded(post().header("X-Forwarded-For", CLIENT)
                        .header("X-Forwarded-Proto", "https")
                        .header("Forwarded", "for=" + CLIENT + ";proto=https")))
                .isEqualTo(new Forwarded(address(CLIENT), false, null, "https"));
    }

    // Without access keys: this machine only.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "127.0.0.1 | 127.0.0.1 | -",
                "127.0.0.1 | 127.0.0.5, 127.0.0.1 | -",
                "127.0.0.1 | ::1 | localhost:8080",
                "127.0.0.1 | 203.0.113.7, 127.0.0.5 | -",
            })
    void localOnly_clientOnThisMachine_passes(String peer, String addresses, @Nullable String host) throws Exception {
        FakeExchange exchange = post().peer(peer)
                .protocol("HTTP/1.0")
                .header("X-Forwarded-For", addresses)
                .header("X-Real-IP", "127.0.0.1")
                .header("X-Forwarded-Host", host)
                .through(local);
        assertThat(exchange.passed()).as(exchange.body()).isTrue();
        assertThat(Pass.isTrusted(exchange.request())).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "127.0.0.1 | - | - | localhost | that does not say",
                "127.0.0.1 | 127.0.0.1, unknown | - | localhost | that does not say",
                "127.0.0.1 | 203.0.113.9 | - | localhost | from another address",
                "127.0.0.1 | 127.0.0.1, 203.0.113.9 | localhost | localhost | from another address",
                "127.0.0.1 | 127.0.0.5 | evil.example | localhost | its Host is not",
                "127.0.0.1 | 127.0.0.5 | '' | localhost | its Host is not",
                "127.0.0.1 | 127.0.0.5 | localhost | evil.example | its Host is not",
                // The loopback of another machine.
                "10.0.0.7 | 127.0.0.5 | - | localhost | from another address",
                "127.0.0.1 | 127.0.0.5, 10.0.0.7 | - | localhost | from another address",
            })
    void localOnly_clientElsewhereOrUnclear_refused(
            String peer, @Nullable String addresses, @Nullable String forwardedHost, String host, String because)
            throws Exception {
        FakeExchange exchange = post().peer(peer)
                .header("Host", host)
                .header("X-Forwarded-For", addresses)
                .header("X-Forwarded-Host", forwardedHost)
                .through(local);
        assertThat(exchange.passed()).as("passed on").isFalse();
        assertThat(exchange.status()).isEqualTo(403);
        assertThat(exchange.body()).contains("\"code\":\"not_local\"", because);
    }

    @Test
    void localOnly_peerThatIsNotListed_isNonLocalByItsHeader() throws Exception {
        assertThat(post().peer("127.0.0.2")
                        .header("X-Forwarded-For", "127.0.0.1")
                        .through(local)
                        .body())
                .contains("its header X-Forwarded-For says that it came through a proxy");
    }

    // Pages of other origins.

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // origin, forwarded host, forwarded scheme, Host, passes
                "https://public.example, public.example, https, backend:8080, true",
                "https://public.example, public.example:443, https, backend:8080, true",
                "https://public.example:8443, public.example:8443, https, backend:8080, true",
                "https://public.example, -, https, public.example, true",
                "https://public.example, public.example, -, backend:8080, true",
                "http://public.example, public.example, https, backend:8080, false",
                "https://public.example, public.example, http, backend:8080, false",
                "https://public.example, public.example, '', backend:8080, false",
                "https://public.example, '', https, public.example, false",
                "https://backend:8080, public.example, https, backend:8080, false",
                "https://evil.example, public.example, https, backend:8080, false",
            })
    void origin_behindAListedProxy_isComparedWithWhatItForwarded(
            String origin, @Nullable String host, @Nullable String scheme, String received, boolean passes)
            throws Exception {
        FakeExchange exchange = post().header("Origin", origin)
                .header("Host", received)
                .header("X-Forwarded-For", CLIENT)
                .header("X-Forwarded-Host", host)
                .header("X-Forwarded-Proto", scheme)
                .through(open);
        assertThat(exchange.passed()).as(exchange.body()).isEqualTo(passes);
    }

    @Test
    void origin_behindAProxyThatIsNotListed_isComparedWithHost() throws Exception {
        FakeExchange exchange = post().peer("127.0.0.2")
                .header("Origin", "https://evil.example")
                .header("Host", "public.example")
                .header("X-Forwarded-Host", "evil.example")
                .through(open);
        assertThat(exchange.passed()).as("passed on").isFalse();
    }

    private Forwarded forwarded(FakeExchange exchange) {
        return Objects.requireNonNull(proxies.on(exchange.request()), "not from a listed peer");
    }

    private static FakeExchange post() {
        return new FakeExchange("POST", "/chat");
    }

    private static InetAddress address(String text) {
        return Objects.requireNonNull(IpLiteral.parse(text));
    }
}
