package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.it.ReverseProxy.Kind;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Behind nginx with the configuration of the documents: whose forwarding headers are believed, and who is refused. */
@Needs(program = "nginx")
@ExtendWith(LogsOnFailure.class)
final class ForwardedIT {
    private static final String JSON = "{\"prompt\":\"Hi\",\"model\":\"sim/fast\",\"max_tokens\":1}";
    private static final String CONFIGURATION = "/proxies/forwarding.conf";

    /** A loopback address other than the proxy's. */
    private static final String HERE = "TCP4 127.0.0.5 127.0.0.1";

    private static final String ELSEWHERE = "TCP4 203.0.113.9 127.0.0.1";

    @SuppressWarnings("NullAway.Init")
    private static Container believing;

    @SuppressWarnings("NullAway.Init")
    private static Container unbelieving;

    @SuppressWarnings("NullAway.Init")
    private static ReverseProxy nginx;

    @BeforeAll
    static void start() throws IOException {
        believing = Container.Kind.JETTY.start(Launch.plain().with("sluice.proxies", "127.0.0.1"));
        unbelieving = Container.Kind.TOMCAT.start(Launch.plain());
        nginx = ReverseProxy.start(
                Kind.NGINX,
                CONFIGURATION,
                Map.of(
                        "believing",
                        believing.base().getPort(),
                        "unbelieving",
                        unbelieving.base().getPort()));
    }

    @AfterAll
    static void stop() {
        nginx.close();
        believing.close();
        unbelieving.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {HERE, "TCP6 ::1 ::1"})
    void clientHere_behindAListedProxy_isServed(String addresses) throws IOException {
        try (RawClient client = chat("listed", addresses)) {
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {ELSEWHERE, "TCP6 2001:db8::9 ::1"})
    void clientElsewhere_behindAListedProxy_isRefused(String addresses) throws IOException {
        assertRefused("not_local", "from another address, through one of sluice.proxies", chat("listed", addresses));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Forwarded-For: 127.0.0.5",
                "X-Forwarded-For: 127.0.0.5, 127.0.0.1",
                "X-Forwarded-For: 127.0.0.5\r\nX-Forwarded-For: 127.0.0.5",
                "X-Forwarded-For: \"",
                "X-Forwarded-For: 127.0.0.5\r\nX-Forwarded-Host: localhost\r\nX-Forwarded-Proto: https",
                "Forwarded: for=127.0.0.5;host=localhost",
                "Forwarded: for=127.0.0.5, for=127.0.0.1",
                "Forwarded: for=127.0.0.5;x=\"",
                "X-Real-IP: 127.0.0.5",
            })
    void clientElsewhere_thatClaimsToBeHere_isRefused(String claim) throws IOException {
        assertRefused("not_local", "", chat("listed", ELSEWHERE, claim));
        assertRefused("not_local", "", chat("careless", ELSEWHERE, claim));
    }

    @Test
    void clientHere_behindAProxyThatIsNotListed_isRefused() throws IOException {
        assertRefused("not_local", "says that it came through a proxy", chat("unlisted", HERE));
    }

    @Test
    void clientWithoutTheProxy_cannotTellWhereItIs_fromTheListedAddress() throws IOException {
        // 127.0.0.1 is the proxy's address: a request from there must have a forwarding header.
        RawClient direct = RawClient.connect(believing.base()).post("/chat", JSON);
        assertRefused("not_local", "does not say, or not clearly, from where", direct);
    }

    @Test
    void page_ofTheForwardedOrigin_isOwn() throws IOException {
        try (RawClient client = chat("listed", HERE, "Origin: " + nginx.at("listed"))) {
            assertThat(client.status()).isEqualTo(200);
        }
    }

    @Test
    void page_ofAnotherScheme_isForeign() throws IOException {
        String origin = "https://127.0.0.1:" + nginx.at("listed").getPort();
        assertRefused("cross_origin", origin, chat("listed", HERE, "Origin: " + origin));
    }

    @Test
    void page_ofAnotherHost_isForeign_whateverItForwards() throws IOException {
        assertRefused(
                "cross_origin",
                "http://evil.example",
                chat("listed", HERE, "Origin: http://evil.example", "X-Forwarded-Host: evil.example"));
    }

    @Test
    @Needs(program = "haproxy")
    void haproxy_asTheReadmeHasIt_saysWhereTheClientIs() throws IOException {
        assertForwards(Kind.HAPROXY, "/proxies/haproxy.cfg");
    }

    @Test
    @Needs(program = "apache2")
    void httpd_asTheReadmeHasIt_saysWhereTheClientIs() throws IOException {
        assertForwards(Kind.HTTPD, "/proxies/httpd.conf");
    }

    @ParameterizedTest
    @CsvSource({
        "nginx, /proxies/forwarding.conf",
        "haproxy, /proxies/haproxy.cfg",
        "apache, /proxies/httpd.conf",
        "vcl, /proxies/varnish.vcl"
    })
    void page_hasTheLinesThatAreTested(String language, String configuration) throws IOException {
        String block = Documents.page("proxies.md")
                .split("```" + language + "\n", 2)[1]
                .split("```", 2)[0];
        String tested;
        try (var file = Objects.requireNonNull(ForwardedIT.class.getResourceAsStream(configuration))) {
            tested = new String(file.readAllBytes(), StandardCharsets.UTF_8).replaceAll("@sluice@", "8080");
        }
        assertThat(block.lines().map(String::strip).filter(line -> !line.startsWith("proxy_pass ")))
                .hasSizeGreaterThan(2)
                .allSatisfy(line -> assertThat(tested).contains(line));
    }

    /** All clients have the address of this machine here, so the address that they claim is left of it in the header. */
    private static void assertForwards(Kind kind, String configuration) throws IOException {
        Map<String, Integer> target = Map.of("sluice", believing.base().getPort());
        try (ReverseProxy proxy = ReverseProxy.start(kind, configuration, target)) {
            URI base = proxy.at("advised");
            for (String own : List.of("Origin: " + base, "Forwarded: for=203.0.113.9", "X-Forwarded-Proto: x")) {
                try (RawClient client = RawClient.connect(base).post("/chat", JSON, own)) {
                    assertThat(client.status()).as(own).isEqualTo(200);
                }
            }
            assertRefused(
                    "not_local",
                    "from another address",
                    RawClient.connect(base).post("/chat", JSON, "X-Forwarded-For: 203.0.113.9"));
            assertRefused(
                    "cross_origin",
                    "http://evil.example",
                    RawClient.connect(base)
                            .post("/chat", JSON, "Origin: http://evil.example", "X-Forwarded-Host: evil.example"));
        }
    }

    /** Sends a request through nginx, with the client's address for nginx to use. */
    private static RawClient chat(String listener, String addresses, String... headers) throws IOException {
        RawClient client = RawClient.connect(nginx.at(listener));
        client.send(("PROXY " + addresses + " 4711 80\r\n").getBytes(StandardCharsets.US_ASCII));
        return client.post("/chat", JSON, headers);
    }

    private static void assertRefused(String code, String because, RawClient client) throws IOException {
        try (client) {
            assertThat(client.status()).as(client.head().startLine()).isEqualTo(403);
            assertThat(client.body()).contains("\"code\":\"" + code + "\"", because);
        }
    }
}
