package dev.sluice.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.relay.Clock;
import dev.sluice.relay.UpstreamTimeouts;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A provider on a loopback address. The test answers each request. Any thread may use it. */
final class ModelServer implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 10;

    private final BlockingQueue<HttpExchange> exchanges = new LinkedBlockingQueue<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    ModelServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setExecutor(threads);
        server.createContext("/v1/", exchange -> {
            requests.incrementAndGet();
            exchanges.add(exchange);
        });
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
    }

    /** This server as a provider with a limit of one stream and timeouts of five seconds. It is not started. */
    HttpProvider provider(@Nullable String key, ScheduledExecutorService scheduler, Clock clock) {
        Duration patience = Duration.ofSeconds(5);
        return new HttpProvider(
                new Provider.Profile(
                        "main",
                        1,
                        new UpstreamTimeouts(patience, patience, patience, patience),
                        true,
                        false,
                        RequestDefaults.NONE,
                        Set.of("chat-completions")),
                url(),
                key == null ? null : ApiKey.bearer(key),
                ListRequest.PLAIN,
                new ProviderWords(key == null ? List.of() : List.of(key)),
                scheduler,
                clock,
                Runnable::run);
    }

    int requests() {
        return requests.get();
    }

    /** Waits for the next request. */
    HttpExchange next() throws InterruptedException {
        HttpExchange exchange = exchanges.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (exchange == null) {
            throw new AssertionError("No request within " + PATIENCE_SECONDS + " s");
        }
        return exchange;
    }

    /** Answers the next request with these models. */
    void list(String... ids) throws Exception {
        answer(200, "{\"object\":\"list\",\"data\":[{\"id\":\"" + String.join("\"},{\"id\":\"", ids) + "\"}]}");
    }

    /** Answers the next request. */
    void answer(int status, String body) throws Exception {
        answer(status, body, Map.of());
    }

    void answer(int status, String body, Map<String, String> headers) throws Exception {
        answer(next(), status, body, headers);
    }

    static void answer(HttpExchange exchange, int status, String body, Map<String, String> headers) throws IOException {
        try (exchange) {
            headers.forEach(exchange.getResponseHeaders()::set);
            byte[] bytes = body.getBytes(UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    /**
     * Answers the next request with 200 and with this number of bytes of one endless string, or with as many as the
     * peer reads.
     */
    void pour(int bytes) throws Exception {
        try (HttpExchange exchange = next()) {
            exchange.sendResponseHeaders(200, 0);
            OutputStream body = exchange.getResponseBody();
            body.write("{\"data\":[{\"id\":\"".getBytes(UTF_8));
            byte[] piece = "x".repeat(64 * 1024).getBytes(UTF_8);
            for (int sent = 0; sent < bytes; sent += piece.length) {
                body.write(piece);
            }
        } catch (IOException peerLeft) {
            // The peer has closed the connection, as it should.
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
