package dev.sluice.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Without access keys: what counts as this machine. */
class ThisMachineTest {
    private static final String KEY = "open sesame";
    private static final String APP = "https://app.example";

    private final AccessFilter local = filter(false, false, false);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.255.255.254",
                "::1",
                "[::1]",
                "0:0:0:0:0:0:0:1",
                "::1%lo",
                "0:0:0:0:0:0:0:1%0",
                "::ffff:127.0.0.1",
                "::FFFF:7f00:1",
                "0:0:0:0:0:ffff:7f00:0001",
                "[::ffff:127.9.9.9]"
            })
    void localOnly_loopbackPeer_passesTrusted(String peer) throws Exception {
        assertPassed(post().peer(peer).through(local), true);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "", "10.0.0.1", "192.168.1.7", "128.0.0.1", "1127.0.0.1", "127.0.0.256", "127.1",
                        "127.0.0.1.evil.example",
                "localhost", "::", "::2", "fe80::1", "fe80::1%lo", "2001:db8::1", "::ffff:10.0.0.1", "::127.0.0.1",
                "0.0.0.0", "beef.de", "[127.0.0.1", ":", "::1::", "::ffff:127.0.0.1.evil"
            })
    void localOnly_anotherPeer_refused(@Nullable String peer) throws Exception {
        assertNotLocal(post().peer(peer).through(local), "it comes from another address");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost", "LocalHost:80", "localhost:8080", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:65535"
            })
    void localOnly_localHost_passes(String host) throws Exception {
        assertPassed(post().header("Host", host).through(local), true);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "evil.example",
                "localhost.evil.example",
                "localhost.",
                "127.0.0.1.nip.io",
                "127.0.0.2",
                "[::2]",
                "::1",
                "localhost:",
                "localhost:123456",
                "localhost:80:80",
                "user@localhost",
                "evil.example:8080"
            })
    void localOnly_anotherHost_refused(@Nullable String host) throws Exception {
        assertNotLocal(post().header("Host", host).through(local), "its Host is not localhost");
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP/2.0, localhost, true",
        "HTTP/2, 127.0.0.1, true",
        "HTTP/3.0, [::1], true",
        "HTTP/2.0, evil.example, false"
    })
    void localOnly_authorityInsteadOfHost_decides(String protocol, String name, boolean passes) throws Exception {
        FakeExchange exchange =
                post().header("Host", null).serverName(name).protocol(protocol).through(local);
        assertThat(exchange.passed()).as("%s for %s", protocol, name).isEqualTo(passes);
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP/1.1, true",
        "HTTP/2.0, true",
        "HTTP/2, true",
        "HTTP/3, true",
        "HTTP/1.0, false",
        "HTTP/0.9, false",
        "'', false"
    })
    void localOnly_protocol_mustBe11OrLater(String protocol, boolean passes) throws Exception {
        assertThat(post().protocol(protocol).through(local).passed())
                .as(protocol)
                .isEqualTo(passes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Forwarded",
                "X-Forwarded-For",
                "x-forwarded-proto",
                "X-FORWARDED-HOST",
                "X-Forwarded-Anything",
                "X-Forwarded",
                "X-Real-IP",
                "Via",
                "CF-Connecting-IP",
                "True-Client-IP",
                "X-Client-IP",
                "CDN-Loop"
            })
    void localOnly_forwardingHeader_refusedByName(String name) throws Exception {
        assertNotLocal(post().header(name, "").through(local), "its header " + name + " says");
    }

    @Test
    void localOnly_pageFromElsewhere_refusedToo() throws Exception {
        assertNotLocal(get("/").peer("10.0.0.1").through(local), "it comes from another address");
    }

    @Test
    void localOnly_anyBearer_isIgnored() throws Exception {
        assertPassed(post().header("Authorization", "Bearer sk-anything").through(local), true);
        assertNotLocal(
                post().header("Authorization", "Bearer " + KEY).peer("10.0.0.1").through(local), "another address");
    }

    private static AccessFilter filter(boolean keys, boolean open, boolean metricsOpen) {
        return new AccessFilter(KEY::equals, keys, open, Set.of(APP), metricsOpen, List.of());
    }

    private static FakeExchange post() {
        return new FakeExchange("POST", "/chat");
    }

    private static FakeExchange get(String path) {
        return new FakeExchange("GET", path);
    }

    private static void assertPassed(FakeExchange exchange, boolean trusted) {
        assertThat(exchange.passed())
                .as("passed on, not " + exchange.status() + exchange.body())
                .isTrue();
        assertThat(exchange.attribute(AccessFilter.TRUSTED)).as("trusted").isEqualTo(trusted);
    }

    private static void assertNotLocal(FakeExchange exchange, String because) {
        assertThat(exchange.passed()).as("passed on").isFalse();
        assertThat(exchange.status()).isEqualTo(403);
        assertThat(exchange.body())
                .contains("\"code\":\"not_local\"")
                .contains(because)
                .contains("sluice.access.keys")
                .contains("sluice.access.open=true");
    }
}
