package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The trust store, the proxy, and the key on the way to the upstream. Only the upstream gets the key. */
@ExtendWith(LogsOnFailure.class)
final class TrustIT {
    private static final String KEY = "sk-0123456789-the-upstream-key";
    private static final String PASSWORD = "changeit";

    @SuppressWarnings("NullAway.Init")
    private static Path store;

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Tunnel tls;

    @BeforeAll
    static void start() throws Exception {
        store = selfSigned();
        upstream = ScriptedUpstream.start();
        tls = Tunnel.tls(context(store), upstream.url().getPort());
    }

    @AfterAll
    static void stop() throws IOException {
        tls.close();
        upstream.close();
    }

    @Test
    void certificate_thatNobodyVouchesFor_is502AndNothingIsSent() throws IOException {
        upstream.script(Scripts.flood(1));
        try (Container container = Container.Kind.JETTY.start(overTls());
                RawClient client = RawClient.chat(container.base(), "Hi")) {
            assertThat(client.status()).isEqualTo(502);
            var error = Json.read(client.body()).get("error");
            assertThat(error.get("code").asString()).isEqualTo("tls_failed");
            assertThat(error.get("message").asString()).contains("javax.net.ssl.trustStore");
            container.awaitIdle();
        }
        assertThatThrownBy(() -> upstream.next(Duration.ZERO)).hasMessageContaining("No request reached the upstream");
    }

    @Test
    void certificate_inTheTrustStoreOfTheJvm_isTrusted() throws IOException {
        try (Container container = Container.Kind.JETTY.start(trusting(overTls()))) {
            assertAnswers(container);
        }
    }

    @Test
    void proxy_ofTheJvm_isGoneThrough() throws IOException {
        try (Tunnel proxy = Tunnel.proxy();
                Container container = Container.Kind.JETTY.start(trusting(overTls())
                        .option("-Dhttps.proxyHost=127.0.0.1")
                        .option("-Dhttps.proxyPort=" + proxy.port())
                        // By default the JVM uses no proxy for this machine.
                        .option("-Dhttp.nonProxyHosts="))) {
            assertAnswers(container);
            assertAnswers(container);
            assertThat(proxy.asked()).hasSize(1).first().asString().startsWith("CONNECT 127.0.0.1:" + tls.port());
        }
    }

    @Test
    void key_reachesTheUpstreamAndNobodyElse() throws IOException {
        try (Container container =
                Container.Kind.JETTY.start(Launch.at(upstream.url()).with("sluice.upstream.key", KEY))) {
            upstream.script(Scripts.flood(1));
            try (RawClient client = RawClient.connect(container.base())) {
                String json = "{\"prompt\":\"Hi\"}";
                client.begin(
                        "POST",
                        "/chat",
                        "Content-Type: application/json",
                        "Authorization: Bearer the-client's-own",
                        "Content-Length: " + json.length());
                client.send(Scripts.utf8(json));
                assertThat(client.rest().lastWords()).containsExactly("done");
                assertThat(upstream.next().head().headers().get("authorization"))
                        .containsExactly("Bearer " + KEY);
            }

            for (int status : new int[] {200, 400, 401, 404, 429, 500}) {
                upstream.script(Scripts.answer(
                        status,
                        "{\"error\":{\"message\":\"No " + KEY + " here\",\"code\":\"" + KEY + "\",\"param\":\"" + KEY
                                + "\"}}",
                        "x-request-id: " + KEY));
                try (RawClient client = RawClient.chat(container.base(), "Hi")) {
                    assertThat(client.status()).isGreaterThanOrEqualTo(400);
                    assertThat(client.body()).as("the answer to %s", status).doesNotContain(KEY);
                    assertThat(client.head().toString()).doesNotContain(KEY);
                }
            }

            upstream.script(exchange -> exchange.stream()
                    .token("a")
                    .event("{\"error\":{\"message\":\"No " + KEY + " here\",\"code\":\"" + KEY + "\"}}")
                    .end());
            try (RawClient client = RawClient.chat(container.base(), "Hi")) {
                assertThat(client.rest().last().data()).contains("error").doesNotContain(KEY);
            }

            try (RawClient client = RawClient.connect(container.base()).get("/metrics")) {
                assertThat(client.body()).contains("sluice_").doesNotContain(KEY);
            }
            assertThat(container.process().log())
                    .contains("sluice.upstream.key")
                    .doesNotContain(KEY);
        }
    }

    private static void assertAnswers(Container container) throws IOException {
        upstream.script(Scripts.flood(3));
        try (RawClient client = RawClient.chat(container.base(), "Hi")) {
            assertThat(client.rest().text()).isEqualTo("token 0 token 1 token 2 ");
        }
        container.awaitIdle();
    }

    private static Launch overTls() {
        return Launch.plain()
                .with("sluice.upstream.url", "https://127.0.0.1:" + tls.port() + "/v1")
                .with("sluice.chat.model", "test");
    }

    private static Launch trusting(Launch launch) {
        return launch.option("-Djavax.net.ssl.trustStore=" + store)
                .option("-Djavax.net.ssl.trustStorePassword=" + PASSWORD);
    }

    /** A self-signed certificate for this machine. */
    private static Path selfSigned() throws Exception {
        Path directory = ServerProcess.newDirectory("trust");
        Path file = directory.resolve("store.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "upstream",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=127.0.0.1",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile())
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).as("keytool ends").isTrue();
        assertThat(file).as("what keytool made").exists();
        return file;
    }

    private static SSLContext context(Path file) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }
}
