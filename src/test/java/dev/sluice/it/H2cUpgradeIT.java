package dev.sluice.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A request of HTTP/1.1 with {@code Upgrade: h2c} is answered over HTTP/1.1. */
@ParameterizedClass
@EnumSource(H2cUpgradeIT.Server.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ExtendWith(LogsOnFailure.class)
final class H2cUpgradeIT {
    private static final int REQUESTS = 1_000;
    private static final String END_POINT = "org.eclipse.jetty.io.SocketChannelEndPoint";
    private static final Duration DRAIN = Duration.ofSeconds(1);

    /** The drain, the time that servers add to it, and the time to end a JVM on a busy machine. */
    private static final Duration STOP = DRAIN.plusSeconds(20);

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    H2cUpgradeIT(Server server) {}

    enum Server {
        JETTY_BASE,
        JAVA_JAR;

        Container launch(Launch launch) throws IOException {
            return this == JETTY_BASE ? JettyContainer.launch(launch) : StandaloneContainer.launch(launch);
        }
    }

    /** A body as Java's own HTTP client sends it. */
    enum Body {
        WITH_LENGTH,
        CHUNKED;

        HttpRequest.BodyPublisher content() {
            return this == WITH_LENGTH
                    ? HttpRequest.BodyPublishers.ofString("Hi")
                    : HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream("Hi".getBytes(UTF_8)));
        }
    }

    @BeforeParameterizedClassInvocation
    static void start(Server server) throws IOException {
        container = server.launch(
                Launch.plain().with("sluice.drain", DRAIN.toMillis() + "ms").with("sluice.request.timeout", "10m"));
        container.awaitReady();
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        container.close();
    }

    @ParameterizedTest
    @EnumSource(Body.class)
    void javasOwnClient_thatAsksForHttp2_isAnsweredWhole(Body body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(container.base().resolve("/chat"))
                .header("Content-Type", "text/plain")
                .timeout(RawClient.PATIENCE)
                .POST(body.content())
                .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        assertThat(answer.body()).contains("event: done");
    }

    @Test
    void javasOwnClient_thatGetsAPage_isAnsweredOverHttp1() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(container.base().resolve("/"))
                .timeout(RawClient.PATIENCE)
                .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        assertThat(answer.body()).contains("<title>");
    }

    @Test
    @Needs(program = "curl")
    void curl_thatAsksForHttp2WithAChunkedBody_isAnsweredWhole() throws IOException {
        List<String> command = List.of(
                "curl",
                "-sN",
                "--http2",
                "--max-time",
                String.valueOf(RawClient.PATIENCE.toSeconds()),
                container.base() + "/chat",
                "-H",
                "Content-Type: text/plain",
                "-H",
                "Transfer-Encoding: chunked",
                "--data-raw",
                "Hi");
        try (Program curl = Program.start(command, ServerProcess.newDirectory("curl"), Map.of())) {
            assertThat(curl.finish(RawClient.PATIENCE)).contains("event: done");
        }
    }

    @Test
    void upgrade_aThousandTimes_leavesNoEndPoint() throws IOException {
        int before = container.jmx().instances(END_POINT);
        for (int i = 0; i < REQUESTS; i++) {
            try (RawClient client = upgrading("/none", "Transfer-Encoding: chunked")) {
                client.send("2\r\nHi\r\n0\r\n\r\n".getBytes(UTF_8));
                assertThat(client.status()).isEqualTo(404);
            }
        }
        Eventually.until(
                "the end points of closed connections are gone",
                RawClient.PATIENCE,
                () -> container.jmx().instances(END_POINT),
                left -> left <= before);
    }

    @Test
    void priorKnowledge_isHttp2AsBefore() throws IOException {
        try (Http2Client client = Http2Client.connect(container.base())) {
            assertThat(client.post("/chat", "{\"prompt\":\"Hi\"}").rest().lastWords())
                    .containsExactly("done");
        }
    }

    /** A request body without an end, on a connection that stays open. */
    @Test
    @Order(Integer.MAX_VALUE)
    void sigterm_whileARequestIsNeverWhole_endsSoonAfterTheDrain() throws IOException {
        try (RawClient upload = upgrading("/chat", "Content-Type: text/plain", "Content-Length: 100")) {
            upload.send("begun".getBytes(UTF_8));
            Eventually.until(
                    "the body is waited for",
                    RawClient.PATIENCE,
                    () -> container.number("sluice_streams_waiting{for=\"request\"}"),
                    waiting -> waiting == 1);
            container.process().terminate();
            container.process().awaitExit(STOP);
        }
    }

    private static RawClient upgrading(String path, String... headers) throws IOException {
        List<String> all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"));
        return RawClient.connect(container.base()).begin("POST", path, all.toArray(String[]::new));
    }
}
