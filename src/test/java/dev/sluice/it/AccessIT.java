package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Access rules in real containers: a server with its defaults, and one with access keys and a CORS origin. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class AccessIT {
    private static final String KEY = "the-right-access-key";
    private static final String LISTED = "https://app.example";
    private static final String FOREIGN = "https://evil.example";
    private static final String JSON = "{\"prompt\":\"Hi\",\"model\":\"sim/fast\",\"max_tokens\":1}";

    @SuppressWarnings("NullAway.Init")
    private static Container local;

    @SuppressWarnings("NullAway.Init")
    private static Container keyed;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    AccessIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        local = kind.start(Launch.plain());
        keyed = kind.start(Launch.plain()
                .with("sluice.access.keys", "another-access-key," + KEY)
                .with("sluice.cors.origins", LISTED)
                .with("sluice.metrics.open", "true"));
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        String log = keyed.process().log();
        local.close();
        keyed.close();
        assertThat(log).as("the log").doesNotContain(KEY);
    }

    // Without keys: this machine only.

    @Test
    void localRequest_isAnswered() throws IOException {
        try (RawClient client = RawClient.connect(local.base()).post("/chat", JSON)) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.head().first("X-Sluice-Upstream")).contains("simulator");
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
    }

    @Test
    void bearer_whileThereAreNoKeys_isIgnored() throws IOException {
        try (RawClient client = chat(local, host(), "Authorization: Bearer sk-whatever")) {
            assertThat(client.status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: evil.example",
                "Host: 127.0.0.1.evil.example:8080",
                "Host: 127.0.0.1|X-Forwarded-For: 192.0.2.1",
                "Host: localhost|Forwarded: for=192.0.2.1",
                "Host: localhost|X-Forwarded-Host: localhost",
                "Host: localhost|Via: 1.1 proxy",
                "Host: localhost|X-Real-IP: 127.0.0.1",
            })
    void request_thatMayComeFromElsewhere_is403AndNamesTheSettings(String headers) throws IOException {
        try (RawClient client = chat(local, headers.split("\\|"))) {
            assertNotLocal(client);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/metrics", "/js/main.js", "/no-such"})
    void path_ofAnyKind_isClosedToStrangers(String path) throws IOException {
        try (RawClient client = raw(local, "GET " + path + " HTTP/1.1", "Host: evil.example")) {
            assertNotLocal(client);
        }
    }

    @Test
    void request_ofHttp10_is403() throws IOException {
        try (RawClient client = raw(local, "GET / HTTP/1.0", "Host: localhost")) {
            assertNotLocal(client);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health/live", "/health/ready"})
    void health_answersStrangersWithoutDetail(String path) throws IOException {
        try (RawClient client = raw(local, "GET " + path + " HTTP/1.1", "Host: evil.example")) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.body()).isEqualTo("{\"status\":\"UP\"}");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost.", "LOCALHOST.:8080", "127.0.0.2", "127.0.0.2:80", "[::1]", "[0:0:0:0:0:0:0:1]:8080"})
    void host_thatIsThisMachine_isServedInAnySpelling(String host) throws IOException {
        try (RawClient client = chat(local, "Host: " + host)) {
            assertThat(client.status()).isEqualTo(200);
        }
    }

    // Paths.

    @ParameterizedTest
    @ValueSource(strings = {"/v1//models", "//v1/models", "/v1///models//"})
    void path_withSlashesTooMany_isServed(String path) throws IOException {
        try (RawClient client = raw(local, "GET " + path + " HTTP/1.1", host())) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.body()).contains("sim/fast");
        }
    }

    @Test
    void completions_withSlashesTooMany_stream() throws IOException {
        try (RawClient client = RawClient.connect(local.base())
                .post(
                        "/v1//chat/completions",
                        "{\"model\":\"sim/fast\",\"stream\":true,\"max_tokens\":1,"
                                + "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")) {
            assertThat(client.keepBytes().bytes()).endsWith("data: [DONE]\n\n");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//chat",
                "/;x/chat",
                "/chat;x",
                "/%2e/chat",
                "/%63hat",
                "/health//../chat",
                "/health/..;/chat",
                "/health/%2e%2e/chat",
                "/css/..%2fchat",
                "/css/../chat",
                "/metrics/..;/chat",
                "/v1//chat//completions",
                "//index.html/../chat"
            })
    void stranger_bySomeOtherSpelling_isNotLetIn(String path) throws IOException {
        for (String headers : List.of(
                "Host: localhost", "Host: localhost\r\nAuthorization: Bearer " + KEY + "\r\nOrigin: " + FOREIGN)) {
            try (RawClient client = post(keyed, path, headers)) {
                assertThat(client.status()).as(headers).isIn(400, 401, 403, 404, 405);
            }
        }
    }

    // What the container says by itself.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /%zz HTTP/1.1|Host: localhost",
                "GET /a%00b HTTP/1.1|Host: localhost",
                "GET /v1/models/a%2Fb HTTP/1.1|Host: localhost|Accept: application/json",
                "GET /v1/models/a%2Fb HTTP/1.1|Host: localhost|Accept: */*",
                "GET /v1/models/a%2Fb HTTP/1.1|Host: localhost|Accept: text/html",
                "GET /health/live HTTP/1.1",
                "GET /health/live HTTP/1.1|Host: a b",
                "POST /chat HTTP/1.1|Host: localhost|Content-Length: x",
                "GET /health/live HTTP/1.1|Host: localhost|X-Large: %LARGE%|Accept: application/json",
            })
    void answer_ofTheContainerItself_isJson(String request) throws IOException {
        String[] lines = request.replace("%LARGE%", "x".repeat(40_000)).split("\\|", -1);
        try (RawClient client = raw(local, lines[0], Arrays.copyOfRange(lines, 1, lines.length))) {
            assertThat(client.status()).isBetween(400, 499);
            assertThat(client.head().first("Content-Type").orElse("")).startsWith("application/json");
            JsonNode told = Json.read(client.body());
            assertThat(told.has("status") || told.at("/error/message").isString())
                    .as("Tomcat's shape or ours: " + told)
                    .isTrue();
        }
    }

    // Other pages.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Site: same-site",
                "Origin: " + FOREIGN,
                "Origin: null",
                "Sec-Fetch-Site: cross-site|Origin: " + FOREIGN,
            })
    void post_ofAForeignPage_is403(String headers) throws IOException {
        for (Container server : List.of(local, keyed)) {
            String all = host() + "|Authorization: Bearer " + KEY + "|" + headers;
            try (RawClient client = chat(server, all.split("\\|"))) {
                assertThat(client.status()).isEqualTo(403);
                assertThat(client.head().headers()).doesNotContainKey("access-control-allow-origin");
                assertThat(client.body()).contains("sluice.cors.origins");
            }
        }
    }

    @Test
    void post_ofOurOwnPage_isAnswered() throws IOException {
        String own = "Origin: http://127.0.0.1:" + local.base().getPort();
        String host = "Host: 127.0.0.1:" + local.base().getPort();
        try (RawClient client = chat(local, host, own, "Sec-Fetch-Site: same-origin")) {
            assertThat(client.status()).isEqualTo(200);
        }
    }

    @Test
    void preflight_ofAListedPage_isAnsweredWithoutAKey() throws IOException {
        try (RawClient client = preflight(LISTED)) {
            assertThat(client.status()).isEqualTo(204);
            HttpHead head = client.head();
            assertThat(head.first("Access-Control-Allow-Origin")).contains(LISTED);
            assertThat(head.first("Access-Control-Allow-Methods").orElse("")).contains("POST");
            assertThat(head.first("Access-Control-Allow-Headers").orElse(""))
                    .contains("authorization", "content-type", "x-stainless-os", "x-title");
            assertThat(head.first("Vary").orElse("")).contains("Origin");
        }
    }

    @Test
    void preflight_ofAForeignPage_is403() throws IOException {
        try (RawClient client = preflight(FOREIGN)) {
            assertThat(client.status()).isEqualTo(403);
            assertThat(client.head().headers()).doesNotContainKey("access-control-allow-origin");
        }
    }

    @ParameterizedTest
    @CsvSource({KEY + ",200", "wrong,401"})
    void answer_toAListedPage_canBeReadByIt(String key, int status) throws IOException {
        try (RawClient client = chat(
                keyed, host(), "Authorization: Bearer " + key, "Origin: " + LISTED, "Sec-Fetch-Site: cross-site")) {
            assertThat(client.status()).isEqualTo(status);
            assertThat(client.head().first("Access-Control-Allow-Origin")).contains(LISTED);
            assertThat(client.head().first("Access-Control-Expose-Headers").orElse(""))
                    .contains("retry-after");
        }
    }

    // With keys.

    @ParameterizedTest
    @ValueSource(
            strings = {"Authorization: Bearer " + KEY, "authorization: bearer  another-access-key ", "X-Api-Key: " + KEY
            })
    void request_withAKey_isAnsweredWhereverItComesFrom(String header) throws IOException {
        try (RawClient client = chat(keyed, "Host: sluice.example", "X-Forwarded-For: 192.0.2.1", header)) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Accept: */*",
                "Authorization: Bearer",
                "Authorization: Bearer " + KEY + "x",
                "Authorization: Bearer another-access-key," + KEY,
                "Authorization: Basic " + KEY,
            })
    void request_withoutAKey_is401(String header) throws IOException {
        try (RawClient client = chat(keyed, host(), header)) {
            assertThat(client.status()).isEqualTo(401);
            assertThat(client.head().first("WWW-Authenticate").orElse("")).startsWith("Bearer");
            assertThat(Json.read(client.body()).at("/error/message").asString()).doesNotContain(KEY);
        }
    }

    @Test
    void page_comesUpToAskForTheKey() throws IOException {
        try (RawClient client = raw(keyed, "GET / HTTP/1.1", "Host: sluice.example")) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.body()).contains("<title>Sluice</title>");
        }
    }

    @Test
    void page_showsToALinkFromElsewhere() throws IOException {
        try (RawClient client =
                raw(keyed, "GET / HTTP/1.1", host(), "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate")) {
            assertThat(client.status()).isEqualTo(200);
        }
    }

    // Who it was.

    @Test
    void stream_ofEachCaller_isLoggedWithTheCallersName() throws IOException {
        assertCaller(local, "local", "this_machine", "Authorization: Bearer " + KEY);
        assertCaller(keyed, "key-a3420cab", "access_key", "Authorization: Bearer " + KEY);
        assertCaller(keyed, "key-97d1c5b1", "access_key", "Authorization: Bearer another-access-key");
    }

    private static void assertCaller(Container server, String name, String basis, String header) throws IOException {
        UsageLines lines = UsageLines.after(server);
        try (RawClient client = chat(server, host(), header)) {
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
        JsonNode line = lines.first();
        assertThat(line.get("caller").asString()).isEqualTo(name);
        assertThat(line.get("established_by").asString()).isEqualTo(basis);
    }

    // What is served.

    @Test
    void metrics_arePrometheusText() throws IOException {
        try (RawClient client = RawClient.connect(local.base()).get("/metrics")) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.head().first("Content-Type").orElse("")).startsWith("text/plain");
            Set<String> shown = Metrics.read(client.body()).keySet();
            assertThat(Metrics.HELD).allSatisfy(name -> assertThat(shown)
                    .anyMatch(line -> line.equals(name) || line.startsWith(name + "{")));
        }
    }

    @Test
    void metrics_thatAreOpen_answerStrangers() throws IOException {
        try (RawClient client = raw(keyed, "GET /metrics HTTP/1.1", "Host: sluice.example")) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.body()).doesNotContain(KEY);
        }
    }

    @ParameterizedTest
    @CsvSource({"/, text/html", "/js/main.js, text/javascript", "/css/base.css, text/css"})
    void file_ofThePage_isServedOnceAndThenOnlyAskedAfter(String path, String type) throws IOException {
        String tag;
        try (RawClient client = RawClient.connect(local.base()).get(path)) {
            assertThat(client.status()).isEqualTo(200);
            HttpHead head = client.head();
            assertThat(head.first("Content-Type").orElse("")).startsWith(type);
            assertThat(head.first("Content-Security-Policy").orElse(""))
                    .contains("default-src 'self'", "object-src 'none'");
            assertThat(head.first("X-Content-Type-Options")).contains("nosniff");
            assertThat(head.first("Cache-Control")).contains("no-cache");
            assertThat(client.body()).isNotEmpty();
            tag = head.first("ETag").orElse("");
        }
        assertThat(tag).as("the tag to ask with").isNotEmpty();
        try (RawClient client = raw(local, "GET " + path + " HTTP/1.1", host(), "If-None-Match: " + tag)) {
            assertThat(client.status()).isEqualTo(304);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/WEB-INF/web.xml", "/js/", "/META-INF/LICENSE"})
    void file_thatIsNotThePages_isNotServed(String path) throws IOException {
        try (RawClient client = RawClient.connect(local.base()).get(path)) {
            assertThat(client.status()).isBetween(400, 404);
        }
    }

    private static RawClient preflight(String origin) throws IOException {
        return raw(
                keyed,
                "OPTIONS /chat HTTP/1.1",
                host(),
                "Origin: " + origin,
                "Access-Control-Request-Method: POST",
                "Access-Control-Request-Headers: authorization,content-type,x-stainless-os,x-title");
    }

    private static RawClient chat(Container server, String... headers) throws IOException {
        return post(server, "/chat", headers);
    }

    private static RawClient post(Container server, String path, String... headers) throws IOException {
        RawClient client = RawClient.connect(server.base());
        String head = "POST " + path + " HTTP/1.1\r\n" + String.join("\r\n", headers)
                + "\r\nContent-Type: application/json\r\nContent-Length: " + JSON.length() + "\r\n\r\n";
        client.send((head + JSON).getBytes(StandardCharsets.ISO_8859_1));
        return client;
    }

    private static RawClient raw(Container server, String firstLine, String... headers) throws IOException {
        RawClient client = RawClient.connect(server.base());
        client.send(
                (firstLine + "\r\n" + String.join("\r\n", headers) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
        return client;
    }

    private static String host() {
        return "Host: localhost";
    }

    private static void assertNotLocal(RawClient client) throws IOException {
        assertThat(client.status()).isEqualTo(403);
        assertThat(Json.read(client.body()).at("/error/message").asString())
                .contains("sluice.access.keys", "sluice.access.open=true");
    }
}
