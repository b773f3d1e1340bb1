package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.StringRequestContent;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;
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

/**
 * Who makes each request, as the usage log tells it: by keys with names, by the header of a proxy, by a certificate. The
 * proxy is whoever comes from 127.0.0.2.
 */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class CallersIT {
    private static final String PROXY = "127.0.0.2";
    private static final String ANYONE = "127.0.0.1";
    private static final String PASSWORD = "changeit";
    private static final String JSON = "{\"prompt\":\"Hi\"}";
    private static final String ADAS = "adas-own-access-key";
    private static final String BOBS = "bobs-own-access-key";
    private static final String CYDS = "cyds-own-access-key";
    private static final String NAMELESS = "the-right-access-key";

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    /** Where it speaks TLS. */
    @SuppressWarnings("NullAway.Init")
    private static URI tls;

    @SuppressWarnings("NullAway.Init")
    private static Path stores;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    CallersIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException, InterruptedException {
        stores = ServerProcess.newDirectory("stores");
        Path server = certificate("server", "CN=localhost", "2020/01/01 00:00:00", 10_000);
        Path known = certificate("fay", "CN=fay, OU=research", "2020/01/01 00:00:00", 10_000);
        Path expired = certificate("gus", "CN=gus", "2020/01/01 00:00:00", 30);
        Path nameless = certificate("nameless", "OU=research", "2020/01/01 00:00:00", 10_000);
        certificate("mallory", "CN=fay", "2020/01/01 00:00:00", 10_000);
        Path trusted = stores.resolve("trusted.p12");
        for (Path each : List.of(known, expired, nameless)) {
            Certificate.trust(each, trusted, PASSWORD);
        }
        upstream = ScriptedUpstream.start();
        upstream.script(exchange -> exchange.stream().token("a").finish());
        Launch launch = Launch.at(upstream.url())
                .with("sluice.metrics.open", "true")
                .with("sluice.access.keys", NAMELESS)
                .with("sluice.access.certificates", "true")
                .with("sluice.callers.ada.key", "adas-next-access-key," + ADAS)
                .with("sluice.callers.bob.key-file", keyFile())
                .with("sluice.callers.cyd.key", CYDS)
                .with("sluice.callers.cyd.expires", "2020-01-31")
                .with("sluice.proxies", PROXY)
                .with("sluice.proxies.user-header", "X-User")
                .with("sluice.proxies.groups-header", "X-Groups");
        int port = ServerProcess.freePort();
        tls = URI.create("https://127.0.0.1:" + port);
        container = switch (kind) {
            case JETTY -> JettyContainer.launch(launch, baseOfJetty(port, server, trusted));
            case TOMCAT -> TomcatContainer.launchWithTls(launch, port, server, trusted, PASSWORD);
        };
        container.awaitReady();
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        String log = container.process().log();
        container.close();
        upstream.close();
        assertThat(log).as("the log").doesNotContain(BOBS, "adas-next", "access-key\"");
        assertThat(log.lines().filter(line -> !line.contains("-Dsluice.")))
                .as("the log, but for the command line")
                .noneMatch(line -> line.contains(ADAS) || line.contains(CYDS) || line.contains(NAMELESS));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ANYONE + " | Authorization: Bearer " + ADAS + " | ada | named_key",
                ANYONE + " | X-Api-Key: " + ADAS + " | ada | named_key",
                ANYONE + " | x-api-key: adas-next-access-key | ada | named_key",
                ANYONE + " | Authorization: Bearer " + BOBS + " | bob | named_key",
                ANYONE + " | X-Api-Key: " + NAMELESS + " | key-a3420cab | access_key",
                PROXY + " | X-User: eve@example.org | eve@example.org | proxy",
                PROXY + " | x-user:  eve | eve | proxy",
                // What comes first in the documents' table.
                PROXY + " | X-User: eve;X-Api-Key: " + ADAS + " | ada | named_key",
                ANYONE + " | X-User: eve;X-Api-Key: " + ADAS + " | ada | named_key",
            })
    void stream_isLoggedWithTheNameOfWhoAsksForIt(String from, String headers, String name, String basis)
            throws IOException {
        UsageLines lines = UsageLines.after(container);
        try (RawClient client = chat(from, "/chat", headers.split(";"))) {
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
        assertCaller(lines, name, basis);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ANYONE + " | X-User: root | 401 | missing_access_key",
                ANYONE + " | X-User: root;X-Forwarded-For: " + PROXY + " | 401 | missing_access_key",
                ANYONE + " | X-User: root;Forwarded: for=" + PROXY + " | 401 | missing_access_key",
                ANYONE + " | X-User: root;X-Real-IP: " + PROXY + " | 401 | missing_access_key",
                ANYONE + " | X-User: root;X-Api-Key: x | 401 | invalid_access_key",
                PROXY + " | X_User: root | 401 | missing_access_key",
                PROXY + " | X-Groups: admins | 401 | missing_access_key",
                PROXY + " | X-User: | 401 | missing_user",
                PROXY + " | X-User: root, eve | 400 | ambiguous_user",
                PROXY + " | X-User: root;X-User: eve | 400 | ambiguous_user",
                PROXY + " | X-User: root;x-user: eve | 400 | ambiguous_user",
                PROXY + " | X-User: eve;X-Groups: a;X-Groups: admins | 400 | ambiguous_user",
                PROXY + " | X-User: eve;X-Api-Key: " + CYDS + " | 401 | expired_access_key",
                ANYONE + " | Authorization: Bearer " + CYDS + " | 401 | expired_access_key",
                ANYONE + " | Authorization: Bearer " + ADAS + ";X-Api-Key: " + BOBS + " | 401 | several_access_keys",
                ANYONE + " | X-Api-Key: " + ADAS + ";X-Api-Key: " + BOBS + " | 401 | several_access_keys",
            })
    void request_thatNamesNobody_isRefusedInWords(String from, String headers, int status, String code)
            throws IOException {
        try (RawClient client = chat(from, "/chat", headers.split(";"))) {
            assertThat(client.status()).isEqualTo(status);
            assertThat(Json.read(client.body()).at("/error/code").asString()).isEqualTo(code);
            assertThat(client.body()).doesNotContain("root", "admins", ADAS, BOBS, CYDS);
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
                "/health/..;/chat",
                "/health/%2e%2e/chat",
                "/css/..%2fchat",
                "/metrics/..;/chat"
            })
    void header_ofAnyoneElse_isNotSeenByAnySpelling(String path) throws IOException {
        try (RawClient client = chat(ANYONE, path, "X-User: root", "X-Forwarded-For: " + PROXY)) {
            assertThat(client.status()).isIn(400, 401, 403, 404, 405);
        }
    }

    /** A container uses its objects for requests again: what one said must not be left for the next. */
    @Test
    void requests_ofOneConnection_areEachOfTheirOwnCaller() throws IOException {
        try (RawClient first = RawClient.connectFrom(PROXY, container.base())) {
            RawClient client = first;
            for (String[] each : new String[][] {
                {"X-User: eve", "eve"},
                {"X-Api-Key: " + ADAS, "ada"},
                {"X-User: zoe", "zoe"},
                {"X-Api-Key: " + BOBS, "bob"}
            }) {
                UsageLines lines = UsageLines.after(container);
                client.post("/chat", JSON, each[0]);
                assertThat(client.rest().lastWords()).containsExactly("done");
                assertThat(lines.first().get("caller").asString()).isEqualTo(each[1]);
                client = client.again();
            }
            client.post("/chat", JSON);
            assertThat(client.status()).isEqualTo(401);
        }
    }

    @Test
    void headers_thatSayWhoItIs_stayHere() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        try (RawClient client =
                chat(PROXY, "/v1/chat/completions", "X-Api-Key: " + ADAS, "X-User: eve", "X-Groups: g")) {
            Exchange exchange = upstream.next();
            assertThat(exchange.head().headers())
                    .doesNotContainKeys("x-api-key", "x-user", "x-groups", "authorization");
            exchange.stream().token("a").finish();
            assertThat(client.status()).isEqualTo(200);
        } finally {
            upstream.script(exchange -> exchange.stream().token("a").finish());
        }
    }

    // Certificates.

    @Test
    void certificate_namesItsSubject_untilSomethingElseDoes() throws Exception {
        UsageLines lines = UsageLines.after(container);
        assertThat(ask("fay", null).getStatus()).isEqualTo(200);
        assertCaller(lines, "fay", "certificate");
        UsageLines keyed = UsageLines.after(container);
        assertThat(ask("fay", ADAS).getStatus()).isEqualTo(200);
        assertCaller(keyed, "ada", "named_key");
    }

    /** Or whoever has not logged in there would be let in by that name. */
    @Test
    void certificate_ofAProxyThatNamesNobody_isNotItsUsers() throws Exception {
        ContentResponse answer = ask(PROXY, "fay", null);
        assertThat(answer.getStatus()).isEqualTo(401);
        assertThat(answer.getContentAsString()).contains("missing_access_key");
    }

    @Test
    void client_withTlsAlone_isAskedForAKey() throws Exception {
        ContentResponse answer = ask(null, null);
        assertThat(answer.getStatus()).isEqualTo(401);
        assertThat(answer.getContentAsString()).contains("missing_access_key");
    }

    @ParameterizedTest
    @CsvSource({"gus, expired_certificate", "nameless, unnamed_certificate"})
    void certificate_thatNamesNobody_isRefusedInWords(String store, String code) throws Exception {
        ContentResponse answer = ask(store, null);
        assertThat(answer.getStatus()).isEqualTo(401);
        assertThat(answer.getContentAsString()).contains(code);
    }

    @Test
    void certificate_thatNobodyVouchesFor_namesNobody() throws Exception {
        try {
            assertThat(ask("mallory", null).getStatus()).isEqualTo(401);
        } catch (ExecutionException refused) {
            assertThat(refused).hasRootCauseInstanceOf(IOException.class); // an SSLException, or a closed connection
        }
    }

    private static void assertCaller(UsageLines lines, String name, String basis) {
        JsonNode line = lines.first();
        assertThat(line.get("caller").asString()).isEqualTo(name);
        assertThat(line.get("established_by").asString()).isEqualTo(basis);
    }

    private static RawClient chat(String from, String path, String... headers) throws IOException {
        String json = path.startsWith("/v1")
                ? "{\"model\":\"test\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"
                : JSON;
        return RawClient.connectFrom(from, container.base()).post(path, json, headers);
    }

    /** With TLS. */
    private static ContentResponse ask(@Nullable String store, @Nullable String key) throws Exception {
        return ask(ANYONE, store, key);
    }

    private static ContentResponse ask(String from, @Nullable String store, @Nullable String key) throws Exception {
        SslContextFactory.Client factory = new SslContextFactory.Client();
        factory.setTrustStorePath(stores.resolve("server.p12").toString());
        factory.setTrustStorePassword(PASSWORD);
        if (store != null) {
            factory.setKeyStorePath(stores.resolve(store + ".p12").toString());
            factory.setKeyStorePassword(PASSWORD);
        }
        ClientConnector connector = new ClientConnector();
        connector.setSslContextFactory(factory);
        HttpClient client = new HttpClient(new HttpClientTransportOverHTTP(connector));
        client.setBindAddress(new InetSocketAddress(from, 0));
        client.start();
        try {
            var request = client.POST(tls.resolve("/chat")).body(new StringRequestContent("application/json", JSON));
            if (key != null) {
                request.headers(fields -> fields.put("x-api-key", key));
            }
            return request.send();
        } finally {
            client.stop();
        }
    }

    private static Path certificate(String name, String subject, String from, int days)
            throws IOException, InterruptedException {
        return Certificate.selfSigned(stores.resolve(name + ".p12"), PASSWORD, subject, from, days);
    }

    private static String keyFile() throws IOException {
        return Files.writeString(stores.resolve("bob"), BOBS + "\n").toString();
    }

    private static Path baseOfJetty(int port, Path server, Path trusted) throws IOException {
        Path base = ServerProcess.newDirectory("jetty-base");
        Path ours = Path.of(ServerProcess.property("test.jetty.base"));
        try (Stream<Path> files = Files.walk(ours)) {
            for (Path file : files.toList()) {
                Path copy = base.resolve(ours.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        }
        Files.writeString(
                base.resolve("start.d/tls.ini"),
                """
                --modules=https
                jetty.ssl.port=%d
                jetty.sslContext.keyStorePath=%s
                jetty.sslContext.keyStorePassword=%s
                jetty.sslContext.trustStorePath=%s
                jetty.sslContext.trustStorePassword=%s
                jetty.sslContext.wantClientAuth=true
                """.formatted(port, server, PASSWORD, trusted, PASSWORD),
                StandardCharsets.UTF_8);
        return base;
    }
}
