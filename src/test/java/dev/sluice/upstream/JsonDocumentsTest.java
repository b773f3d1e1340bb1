package dev.sluice.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.sluice.relay.Alarms;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Small documents are fetched whole or not at all, from nobody but the host that is asked. Over real sockets. */
@Timeout(60)
class JsonDocumentsTest {
    private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
    private final Documents documents = new Documents("ours", Duration.ofSeconds(5), scheduler, new Alarms(scheduler));

    @SuppressWarnings("NullAway.Init")
    private ModelServer server;

    @BeforeEach
    void start() throws Exception {
        server = new ModelServer();
        documents.start();
    }

    @AfterEach
    void stop() throws Exception {
        documents.stop();
        server.close();
        scheduler.shutdownNow();
    }

    @Test
    void document_isFetchedWhole_withoutAnyKey() throws Exception {
        Result result = get();
        HttpExchange exchange = server.next();
        assertThat(exchange.getRequestHeaders()).doesNotContainKeys("Authorization", "Cookie", "X-api-key");
        assertThat(exchange.getRequestHeaders().getFirst("Accept-Encoding")).isEqualTo("identity");
        ModelServer.answer(exchange, 200, "{\"keys\":[]}", Map.of("Set-Cookie", "a=b"));
        assertThat(result.document()).isEqualTo("{\"keys\":[]}");
        Result second = get();
        HttpExchange again = server.next();
        assertThat(again.getRequestHeaders()).doesNotContainKey("Cookie");
        ModelServer.answer(again, 200, "{}", Map.of());
        assertThat(second.document()).isEqualTo("{}");
    }

    @ParameterizedTest
    @CsvSource({
        "301, it answered with status 301 (redirects are not followed)",
        "302, it answered with status 302 (redirects are not followed)",
        "404, it answered with status 404",
        "500, it answered with status 500"
    })
    void answer_thatIsNoDocument_isAFailure(int status, String reason) throws Exception {
        Result result = get();
        server.answer(status, "{\"keys\":[]}", Map.of("Location", server.url() + "/elsewhere"));
        assertThat(result.failure()).isEqualTo(reason);
        assertThat(server.requests()).isEqualTo(1);
    }

    @Test
    void answer_ofMoreThan256KiB_isCut() throws Exception {
        Result result = get();
        server.pour(100 * 1024 * 1024);
        assertThat(result.failure()).isEqualTo("its answer is longer than 256 KiB");
        Result next = get();
        server.answer(200, "{}");
        assertThat(next.document()).isEqualTo("{}");
    }

    @Test
    void answer_thatIsCompressedToLess_isCutToo() throws Exception {
        Result result = get();
        HttpExchange exchange = server.next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
            zip.write(new byte[Documents.LONGEST + 1]);
        }
        exchange.getResponseHeaders().set("Content-Encoding", "gzip");
        exchange.sendResponseHeaders(200, bytes.size());
        exchange.getResponseBody().write(bytes.toByteArray());
        exchange.close();
        assertThat(result.failure()).isEqualTo("its answer is longer than 256 KiB");
    }

    @Test
    void answer_thatBreaksOff_isAFailure() throws Exception {
        Result result = get();
        HttpExchange exchange = server.next();
        exchange.sendResponseHeaders(200, 1000);
        exchange.getResponseBody().write("{\"keys\":[".getBytes(UTF_8));
        exchange.close();
        assertThat(result.failure()).isNotEmpty();
    }

    @Test
    void call_thatIsCancelled_ends() throws Exception {
        Result result = get();
        HttpExchange exchange = server.next();
        result.cancel.run();
        assertThat(result.failure()).contains("no longer waited for");
        exchange.close();
    }

    @Test
    void host_thatNobodyKnows_isAFailure() throws Exception {
        assertThat(get(URI.create("http://nobody.invalid/keys")).failure()).isNotEmpty();
    }

    @Test
    void call_afterTheStop_isAFailure() throws Exception {
        documents.stop();
        assertThat(get().failure()).isNotEmpty();
    }

    private Result get() {
        return get(URI.create(server.url() + "/keys"));
    }

    private Result get(URI url) {
        CompletableFuture<String> document = new CompletableFuture<>();
        CompletableFuture<String> failure = new CompletableFuture<>();
        Runnable cancel = documents.get(url, new Documents.Reader() {
            @Override
            public void read(byte[] bytes) {
                document.complete(new String(bytes, UTF_8));
                failure.completeExceptionally(new AssertionError("a document came"));
            }

            @Override
            public void failed(String reason) {
                failure.complete(reason);
                document.completeExceptionally(new AssertionError(reason));
            }
        });
        return new Result(document, failure, cancel);
    }

    private record Result(CompletableFuture<String> documents, CompletableFuture<String> failures, Runnable cancel) {
        String document() throws Exception {
            return documents.get(20, TimeUnit.SECONDS);
        }

        String failure() throws Exception {
            return failures.get(20, TimeUnit.SECONDS);
        }
    }
}
