package dev.sluice.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.jwt.Signer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Publishes the keys of issuers, each at a path of its own, as the test wants it. Any thread may use it. */
public final class KeyServer implements AutoCloseable {
    private final Map<String, Place> places = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    private KeyServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    public static KeyServer start() throws IOException {
        return new KeyServer();
    }

    /** Where the keys of this issuer are. */
    public URI url(String name) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + name);
    }

    /** How often the keys of this issuer were asked for. */
    public int asked(String name) {
        return place(name).asked.get();
    }

    public void publish(String name, Signer... keys) {
        place(name).answer = Signer.jwks(keys);
    }

    /** From now on the keys of this issuer are an error. */
    public void fail(String name) {
        place(name).answer = null;
    }

    /** From now on whoever asks for the keys of this issuer waits until the latch is down. */
    void hold(String name, CountDownLatch latch) {
        place(name).latch = latch;
    }

    private Place place(String name) {
        return places.computeIfAbsent(name, fresh -> new Place());
    }

    private void answer(HttpExchange exchange) throws IOException {
        Place place = place(exchange.getRequestURI().getPath().substring(1));
        place.asked.incrementAndGet();
        try (exchange) {
            CountDownLatch latch = place.latch;
            if (latch != null && !latch.await(60, TimeUnit.SECONDS)) {
                throw new IOException("never let go");
            }
            String answer = place.answer;
            byte[] bytes = (answer == null ? "{\"error\":\"down\"}" : answer).getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/jwk-set+json");
            exchange.sendResponseHeaders(answer == null ? 500 : 200, bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static final class Place {
        private final AtomicInteger asked = new AtomicInteger();
        private volatile @Nullable String answer;
        private volatile @Nullable CountDownLatch latch;
    }
}
