package dev.sluice.caller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.config.KeyHash;
import dev.sluice.config.Network;
import dev.sluice.config.Settings;
import dev.sluice.config.Settings.KeyHolder;
import dev.sluice.jwt.Tokens;
import dev.sluice.relay.Caller;
import dev.sluice.relay.Caller.Basis;
import dev.sluice.web.FakeExchange;
import dev.sluice.web.Pass;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Users whom a proxy names, and those whom it does not. */
class UserHeadersTest {
    private static final String PROXY = "10.0.0.7";
    private static final UserHeaders HEADERS = new UserHeaders("X-User", "X-Groups");
    private static final AccessKeys NO_KEYS = new AccessKeys(List.of());
    private static final AccessKeys KEYS =
            new AccessKeys(List.of(), List.of(new KeyHolder("bob", List.of(KeyHash.of("bobs")), null, Set.of())));

    private final AccessFilter filter = filter(NO_KEYS, false, HEADERS);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"a | a", "a,b | a b", "' a , b,, a' | a b", "'' | ''", "', ' | ''", "team one | 'team one'"})
    void user_ofAProxy_hasTheGroupsThatItTells(String told, String groups) throws Exception {
        Set<String> expected =
                groups.isEmpty() ? Set.of() : groups.equals("team one") ? Set.of(groups) : Set.of(groups.split(" "));
        assertCaller(
                new Caller("eve@example.org", Basis.PROXY, expected),
                proxied().header("X-User", " eve@example.org ").header("x-groups", told),
                filter);
    }

    @Test
    void groups_areReadOnlyIfTheirHeaderIsSet() throws Exception {
        Caller eve = new Caller("eve", Basis.PROXY, Set.of());
        FakeExchange exchange = proxied().header("X-User", "eve").header("X-Groups", "admins");
        assertCaller(eve, exchange, filter(NO_KEYS, false, new UserHeaders("X-User", null)));
        assertCaller(eve, proxied().header("X-User", "eve"), filter);
    }

    @ParameterizedTest
    @ValueSource(strings = {"203.0.113.9", "127.0.0.1", "::1"})
    void header_ofAnyoneElse_isNotSeen(String peer) throws Exception {
        FakeExchange claim = post().peer(peer)
                .header("X-User", "root")
                .more("X-User", "")
                .header("X-Forwarded-For", PROXY)
                .header("Forwarded", "for=" + PROXY);
        assertRefused(401, "not_authenticated", claim, filter);
        FakeExchange open = post().peer(peer).header("X-User", "root");
        assertCaller(Caller.ANONYMOUS, open, filter(NO_KEYS, true, HEADERS));
        FakeExchange bob = post().peer(peer).header("X-User", "root").header("x-api-key", "bobs");
        assertCaller(new Caller("bob", Basis.NAMED_KEY, Set.of()), bob, filter(KEYS, false, HEADERS));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | 401 | missing_user",
                "'  ' | 401 | missing_user",
                "eve,root | 400 | ambiguous_user",
                "'eve, ' | 400 | ambiguous_user"
            })
    void name_thatIsNotOne_isRefusedInWords(String name, int status, String code) throws Exception {
        assertRefused(status, code, proxied().header("X-User", name), filter);
        assertRefused(status, code, proxied().header("X-User", name), filter(KEYS, false, HEADERS));
        assertRefused(status, code, proxied().header("X-User", name), filter(NO_KEYS, true, HEADERS));
    }

    @Test
    void header_givenTwice_isRefusedInWords() throws Exception {
        assertRefused(400, "ambiguous_user", proxied().more("X-User", "root").more("X-User", "eve"), filter);
        assertRefused(400, "ambiguous_user", proxied().more("X-User", "eve").more("X-User", "eve"), filter);
        FakeExchange groups =
                proxied().header("X-User", "eve").more("X-Groups", "admins").more("X-Groups", "users");
        assertRefused(400, "ambiguous_user", groups, filter);
    }

    @Test
    void proxy_thatNamesNobody_isAnyOtherClient() throws Exception {
        assertRefused(401, "not_authenticated", proxied().header("X-Groups", "admins"), filter);
        assertRefused(401, "missing_access_key", proxied(), filter(KEYS, false, HEADERS));
        assertCaller(Caller.ANONYMOUS, proxied(), filter(NO_KEYS, true, HEADERS));
    }

    /** It says who the proxy is, not whose request it passes on. */
    @Test
    void certificateOfAProxy_namesNobody() throws Exception {
        Callers certificates = new Callers(NO_KEYS, Tokens.NONE, false, Set.of(), null, true, InstantSource.system());
        AccessFilter known =
                new AccessFilter(certificates, Set.of(), Settings.Metrics.CLOSED, List.of(Network.parse("10.0.0.0/8")));
        assertRefused(401, "not_authenticated", certified(proxied()), known);
        Caller gateway = new Caller("gateway", Basis.CERTIFICATE, Set.of());
        assertCaller(gateway, certified(post().peer("203.0.113.9")), known);
    }

    @Test
    void requestOnThisMachine_isNotLocal_whereProxiesAreToSayWhoItIs() throws Exception {
        assertRefused(401, "not_authenticated", post(), filter);
    }

    @Test
    void userOfTheContainer_andKeys_comeFirst() throws Exception {
        FakeExchange user = proxied().header("X-User", "eve").user("cyd");
        assertCaller(new Caller("cyd", Basis.CONTAINER, Set.of()), user, filter(KEYS, false, HEADERS));
        FakeExchange key = proxied().header("X-User", "eve").header("Authorization", "Bearer bobs");
        assertCaller(new Caller("bob", Basis.NAMED_KEY, Set.of()), key, filter(KEYS, false, HEADERS));
        FakeExchange wrong = proxied().header("X-User", "eve").header("Authorization", "Bearer wrong");
        assertRefused(401, "invalid_access_key", wrong, filter(KEYS, false, HEADERS));
        FakeExchange ignored = proxied().header("X-User", "eve").header("Authorization", "Bearer any");
        assertCaller(new Caller("eve", Basis.PROXY, Set.of()), ignored, filter);
    }

    @Test
    void page_ofAnotherOrigin_isRefusedWhoeverTheProxySaysItIs() throws Exception {
        FakeExchange foreign = proxied().header("X-User", "eve").header("Sec-Fetch-Site", "cross-site");
        assertRefused(403, "cross_origin", foreign, filter);
    }

    private static AccessFilter filter(AccessKeys keys, boolean open, UserHeaders headers) {
        Callers callers = new Callers(keys, Tokens.NONE, open, Set.of(), headers, false, InstantSource.system());
        return new AccessFilter(callers, Set.of(), Settings.Metrics.CLOSED, List.of(Network.parse("10.0.0.0/8")));
    }

    private static FakeExchange post() {
        return new FakeExchange("POST", "/chat");
    }

    private static FakeExchange proxied() {
        return post().peer(PROXY).header("X-Forwarded-For", "203.0.113.9");
    }

    /** With a certificate of the subject {@code CN=gateway}, which is valid until 2126. */
    private static FakeExchange certified(FakeExchange exchange) throws Exception {
        byte[] certificate = Base64.getMimeDecoder().decode("""
                MIIBezCCASGgAwIBAgIUVwrtdoit3CLo3LAWFpHLYw72wc8wCgYIKoZIzj0EAwIwEjEQMA4GA1UEAwwHZ2F0ZXdheTAgFw0yNjEx
                MzAxNTI0NThaGA8yMTI2MTEwNjE1MjQ1OFowEjEQMA4GA1UEAwwHZ2F0ZXdheTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBqW
                CSBYvTZsWjZhoCBMG02pVJTpo6CKO0T2kppyC5r2qayTMbYKTjrVsTCYEOVJ4LF5hsHc/Na/a/afoGrOrCajUzBRMB0GA1UdDgQW
                BBRUrOqgMfS3FEWhewbKWiAqF2CPfjAfBgNVHSMEGDAWgBRUrOqgMfS3FEWhewbKWiAqF2CPfjAPBgNVHRMBAf8EBTADAQH/MAoG
                CCqGSM49BAMCA0gAMEUCIQDPqTG2dm4ORQi9pzDtgnU8uGRgZzpysC+FBA+axLo7KQIgBY9tOLa7WLTFKHDxv2vagm26iwYOjbbr
                WwKEKuhRxdg=
                """);
        X509Certificate shown = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate));
        exchange.secure();
        exchange.request().setAttribute("jakarta.servlet.request.X509Certificate", new X509Certificate[] {shown});
        return exchange;
    }

    private static void assertCaller(Caller caller, FakeExchange exchange, AccessFilter filter) throws Exception {
        exchange.through(filter);
        assertThat(exchange.passed()).as(exchange.body()).isTrue();
        assertThat(Pass.callerOf(exchange.request())).isEqualTo(caller);
    }

    private static void assertRefused(int status, String code, FakeExchange exchange, AccessFilter filter)
            throws Exception {
        exchange.through(filter);
        assertThat(exchange.passed()).isFalse();
        assertThat(exchange.body()).contains("\"code\":\"" + code + "\"").doesNotContain("root", "admins");
        assertThat(exchange.status()).isEqualTo(status);
    }
}
