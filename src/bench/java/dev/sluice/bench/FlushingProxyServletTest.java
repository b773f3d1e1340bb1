package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FlushingProxyServletTest {
    private static final int PATIENCE_MILLIS = 20_000;

    /** More bytes than the sockets in between hold for a client that does not read. */
    private static final int MUCH = 32 << 20;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer upstream;
    private Server proxy;

    @BeforeEach
    void start() throws Exception {
        upstream = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        upstream.setExecutor(threads);
        upstream.start();
        proxy = JettyProxyServer.server(
                0, "http://127.0.0.1:" + upstream.getAddress().getPort() + "/v1");
        proxy.start();
    }

    @AfterEach
    void stop() throws Exception {
        proxy.stop();
        upstream.stop(0);
        threads.shutdownNow();
    }

    @Test
    void token_upstreamWaitsForItsReader_arrivesByItself() throws IOException {
        Semaphore read = new Semaphore(0);
        answer(body -> {
            for (int token = 0; token < 5; token++) {
                body.write(("data: " + token + "\n\n").getBytes(StandardCharsets.US_ASCII));
                body.flush();
                if (!read.tryAcquire(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        });
        try (InputStream body = open()) {
            for (int token = 0; token < 5; token++) {
                assertThat(new String(body.readNBytes(9), StandardCharsets.US_ASCII))
                        .isEqualTo("data: " + token + "\n\n");
                read.release();
            }
            assertThat(body.read()).isEqualTo(-1);
        }
    }

    @Test
    void answer_clientReadsLate_arrivesWhole() throws Exception {
        byte[] sent = new byte[MUCH];
        for (int index = 0; index < MUCH; index++) {
            sent[index] = (byte) ((index * 31) >> 8);
        }
        Semaphore begun = new Semaphore(0);
        answer(body -> {
            body.write(sent, 0, MUCH / 2);
            begun.release();
            body.write(sent, MUCH / 2, MUCH / 2);
        });
        try (InputStream body = open()) {
            byte[] first = body.readNBytes(1);
            // The first half does not fit the sockets' buffers while the client does not read.
            assertThat(begun.tryAcquire()).as("all was taken at once").isFalse();
            byte[] rest = body.readAllBytes();
            assertThat(first[0]).isEqualTo(sent[0]);
            assertThat(Arrays.mismatch(rest, Arrays.copyOfRange(sent, 1, MUCH))).isEqualTo(-1);
        }
    }

    private interface Answer {
        void write(OutputStream body) throws IOException, InterruptedException;
    }

    private void answer(Answer answer) {
        upstream.createContext("/v1/chat/completions", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream body = exchange.getResponseBody()) {
                answer.write(body);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private InputStream open() throws IOException {
        int port = ((ServerConnector) proxy.getConnectors()[0]).getLocalPort();
        HttpURLConnection connection =
                (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/v1/chat/completions")
                        .toURL()
                        .openConnection();
        connection.setReadTimeout(PATIENCE_MILLIS);
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.getOutputStream().write("{}".getBytes(StandardCharsets.US_ASCII));
        return connection.getInputStream();
    }
}
