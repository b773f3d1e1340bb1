package dev.sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.jetty.client.HttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the start of a client sets up. */
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
}
