package dev.sluice.upstream.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The configuration of Jetty's client. */
class ProviderClientTest {
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(4);

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void start_readsTheTrustStoreOnlyWhereConnectionsAreSecure(boolean secure) throws Exception {
        HttpClient client = ProviderClient.create(secure, 1, Duration.ofSeconds(5), threads, threads);
        client.start();
        try {
            assertThat(client.getSslContextFactory().isStarted())
                    .as("TLS set up")
                    .isEqualTo(secure);
        } finally {
            client.stop();
        }
        assertThat(client.getSslContextFactory().isStarted())
                .as("TLS, after the stop")
                .isFalse();
    }

    @Test
    void buffers_ofManyStreams_areKeptForTheNextUpToABound() throws Exception {
        HttpClient client = ProviderClient.create(false, 1, Duration.ofSeconds(5), threads, threads);
        client.start();
        try {
            var pool = (ArrayByteBufferPool) client.getByteBufferPool();
            takeAndRelease(pool, 500, client.getResponseBufferSize());
            assertThat(pool.getAvailableDirectByteBufferCount()).isEqualTo(500);
            takeAndRelease(pool, 500, client.getResponseBufferSize());
            assertThat(pool.getDirectByteBufferCount())
                    .as("used once more, not made anew")
                    .isEqualTo(500);
            takeAndRelease(pool, 5_000, client.getResponseBufferSize());
            assertThat(pool.getAvailableDirectMemory()).isLessThanOrEqualTo(16 << 20);
        } finally {
            client.stop();
        }
    }

    private static void takeAndRelease(ByteBufferPool pool, int count, int size) {
        List<RetainableByteBuffer> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            taken.add(pool.acquire(size, true));
        }
        taken.forEach(RetainableByteBuffer::release);
    }
}
