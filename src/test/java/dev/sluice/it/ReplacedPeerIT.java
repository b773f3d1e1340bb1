package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Containers that replace the peer's address by that of a forwarding header. Such an address never counts as this machine's.
 * The proxy has the address of this machine here, like an nginx on the same machine.
 */
@ExtendWith(LogsOnFailure.class)
final class ReplacedPeerIT {
    private static final String JSON = "{\"prompt\":\"Hi\",\"model\":\"sim/fast\",\"max_tokens\":1}";

    /** Header names that only the container is configured to use as forwarding headers. */
    private static final String HEADER = "X-Where-From";

    @SuppressWarnings("NullAway.Init")
    private static Container tomcat;

    @SuppressWarnings("NullAway.Init")
    private static Container silent;

    @SuppressWarnings("NullAway.Init")
    private static Container jetty;

    @SuppressWarnings("NullAway.Init")
    private static Container behindAjp;

    private static int ajp;

    @BeforeAll
    static void start() throws IOException {
        String valve =
                "<Valve className=\"org.apache.catalina.valves.RemoteIpValve\" remoteIpHeader=\"" + HEADER + "\" ";
        tomcat = TomcatContainer.launchWithValve(Launch.plain(), valve + "/>");
        // As for a listed proxy: the container has removed its headers, and those of other peers are not believed.
        silent = TomcatContainer.launchWithValve(
                Launch.plain().with("sluice.proxies", "127.0.0.1"), valve + "requestAttributesEnabled=\"false\"/>");
        jetty = JettyContainer.launch(Launch.plain(), baseOfJetty());
        ajp = ServerProcess.freePort();
        behindAjp = TomcatContainer.launchWithAjp(Launch.plain(), ajp);
        for (Container each : new Container[] {tomcat, silent, jetty, behindAjp}) {
            each.awaitReady();
        }
    }

    @AfterAll
    static void stop() {
        tomcat.close();
        silent.close();
        jetty.close();
        behindAjp.close();
    }

    @Test
    void clientHere_withoutAProxy_isServedWhereItCanBeTold() throws IOException {
        try (RawClient client = RawClient.connect(jetty.base()).post("/chat", JSON)) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
        // The valve removes the header, and the address in it may be the peer's own.
        assertRefused(tomcat, RawClient.connect(tomcat.base()).post("/chat", JSON));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"127.0.0.1", "127.0.0.2", "::1", "203.0.113.9", "127.0.0.1, 127.0.0.1", "203.0.113.9, 127.0.0.1"
            })
    void clientThatAProxysHeaderTellsOf_isNotLocal(String told) throws IOException {
        for (Container each : new Container[] {tomcat, silent, jetty}) {
            assertRefused(each, RawClient.connect(each.base()).post("/chat", JSON, HEADER + ": " + told));
        }
    }

    @Test
    void proxyThatIsListed_isNotWhomAnotherHeaderHasMadeItsAddress() throws IOException {
        assertRefused(
                silent,
                RawClient.connect(silent.base())
                        .post("/chat", JSON, HEADER + ": 127.0.0.1", "Forwarded: for=127.0.0.1;host=localhost"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TCP4 127.0.0.1 127.0.0.1", "TCP4 203.0.113.9 127.0.0.1", "TCP6 ::1 ::1"})
    void clientThatTheProxyProtocolTellsOf_isNotLocal(String addresses) throws IOException {
        RawClient client = RawClient.connect(jetty.base());
        client.send(("PROXY " + addresses + " 4711 80\r\n").getBytes(StandardCharsets.US_ASCII));
        assertRefused(jetty, client.post("/chat", JSON));
    }

    /** A loopback address may belong to another proxy on this machine. */
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "203.0.113.9"})
    void clientThatAWebServerTellsOfByAjp_isNotLocal(String told) throws IOException {
        assertThat(getByAjp(told)).contains("\"code\":\"not_local\"");
        try (RawClient client = RawClient.connect(behindAjp.base()).post("/chat", JSON)) {
            assertThat(client.status()).as("without the web server").isEqualTo(200);
        }
    }

    /** Sends one AJP/1.3 request for {@code /v1/models} as a web server whose client has this address. Returns the response. */
    private static String getByAjp(String client) throws IOException {
        var request = new ByteArrayOutputStream();
        var out = new DataOutputStream(request);
        out.write(new byte[] {2, 2}); // forward a request, a GET
        for (String text : new String[] {"HTTP/1.1", "/v1/models", client, client, "localhost"}) {
            write(out, text);
        }
        out.writeShort(80);
        out.write(new byte[] {0, 0, 1, (byte) 0xA0, 0x0B}); // no TLS, one header: Host
        write(out, "localhost");
        out.write(0xFF);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), ajp)) {
            socket.setSoTimeout(20_000);
            var packet = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
            packet.writeShort(0x1234);
            packet.writeShort(request.size());
            request.writeTo(packet);
            packet.flush();
            var in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            var answer = new StringBuilder();
            byte[] part;
            do {
                assertThat(in.readUnsignedShort()).isEqualTo(0x4142);
                part = in.readNBytes(in.readUnsignedShort());
                answer.append(new String(part, StandardCharsets.UTF_8));
            } while (part[0] != 5); // the end of the answer
            return answer.toString();
        }
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        out.writeShort(text.length());
        out.writeBytes(text);
        out.write(0);
    }

    private static void assertRefused(Container container, RawClient client) throws IOException {
        try (client) {
            assertThat(client.status()).as(container.toString()).isEqualTo(403);
            assertThat(client.body()).contains("\"code\":\"not_local\"");
        }
    }

    /** The {@code jetty-base} of Sluice, configured to believe a header and the PROXY protocol. */
    private static Path baseOfJetty() throws IOException {
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
        Files.writeString(base.resolve("start.d/forwarded.ini"), """
                --modules=http-forwarded,proxy-protocol
                jetty.httpConfig.forwardedForHeader=%s
                """.formatted(HEADER));
        return base;
    }
}
