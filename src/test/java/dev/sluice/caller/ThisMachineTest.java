package dev.sluice.caller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.web.FakeExchange;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests without access keys: which of them count as made on this machine. */
final class ThisMachineTest extends AccessTest {
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
            strings = {
                "localhost",
                "LocalHost:80",
                "localhost:8080",
                "localhost.",
                "LOCALHOST.:8080",
                "127.0.0.1",
                "127.0.0.1:1",
                "127.0.0.2",
                "127.255.255.254:8080",
                "[::1]",
                "[::1]:65535",
                "[0:0:0:0:0:0:0:1]",
                "[0:0:0:0:0:0:0:1]:8080",
                "[::ffff:127.0.0.1]"
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
                "localhost..",
                ".localhost",
                "localhost.localdomain",
                "127.0.0.1.nip.io",
                "127.0.0.1.",
                "127.1",
                "128.0.0.1",
                "0.0.0.0",
                "[::2]",
                "[::]",
                "[127.0.0.1]",
                "[::1",
                "[::1]x",
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
                "Proxy-IP",
                "Proxy-Client-IP",
                "WL-Proxy-Client-IP",
                "CDN-Loop",
                "$WSRA"
            })
    void localOnly_forwardingHeader_refusedByName(String name) throws Exception {
        assertNotLocal(post().header(name, "").through(local), "its header " + name + " says");
    }

    /** Without access to Tomcat's own request, as in a version that hides it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.apache.tomcat.request.forwarded",
                "org.apache.tomcat.remoteAddr",
                "org.apache.catalina.AccessLog.RemoteAddr"
            })
    void localOnly_addressThatTheContainerMayHaveReplaced_refused(String attribute) throws Exception {
        FakeExchange exchange = post();
        exchange.request().setAttribute(attribute, "127.0.0.1");
        assertNotLocal(exchange.through(local), "the container may have taken the address");
    }

    /** Like Spring's ForwardedHeaderFilter. */
    @Test
    void localOnly_filterThatTakesAProxysWord_isLookedBehind() throws Exception {
        FakeExchange elsewhere = post().peer("203.0.113.9");
        assertNotLocal(elsewhere.through(hiding("127.0.0.1", "X-Forwarded-For")), "it comes from another address");
        FakeExchange proxied = post().header("X-Forwarded-For", "127.0.0.1");
        assertNotLocal(proxied.through(hiding("127.0.0.1", "X-Forwarded-For")), "its header X-Forwarded-For says");
        FakeExchange told = post();
        assertNotLocal(told.through(hiding("203.0.113.9", "")), "it comes from another address");
    }

    private Filter hiding(String address, String hidden) {
        return (request, response, chain) -> {
            var wrapper = new HttpServletRequestWrapper((HttpServletRequest) request) {
                @Override
                public String getRemoteAddr() {
                    return address;
                }

                @Override
                public Enumeration<String> getHeaderNames() {
                    List<String> names = Collections.list(super.getHeaderNames());
                    names.remove(hidden);
                    return Collections.enumeration(names);
                }
            };
            local.doFilter(wrapper, response, chain);
        };
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
}
