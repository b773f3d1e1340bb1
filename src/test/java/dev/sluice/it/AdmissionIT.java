package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Decisions whether a request may be passed on, as containers see them: {@code AdmissionHost} makes them. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class AdmissionIT {
    private static final String STREAM = "?events=2&interval-ms=1&silence-ms=0&heartbeat=off";

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    AdmissionIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        Path war = HostWar.makeAdmitting();
        Launch launch = Launch.plain().option("-Djetty.sluice.war=" + war).option("-Dtest.war=" + war);
        container = switch (kind) {
            case JETTY -> JettyContainer.launch(launch);
            case TOMCAT -> TomcatContainer.launch("tomcat", launch);
        };
        Eventually.until("the host answers", Container.START, AdmissionIT::hostAnswers);
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        container.close();
    }

    @Test
    void request_refusedAtOnce_getsTheStatusAndItsHeaders() throws IOException {
        try (RawClient client = RawClient.connect(container.base()).get("/refused" + STREAM)) {
            assertThat(client.status()).isEqualTo(429);
            assertThat(client.head().first("Retry-After")).contains("7");
            assertThat(client.head().first("x-ratelimit-remaining-tokens")).contains("0");
            assertThat(client.body()).contains("\"rate_limit_exceeded\"");
        }
    }

    @Test
    void request_admittedByAnotherThread_streamsAndIsToldToHaveEndedOnce() throws IOException {
        try (RawClient client = RawClient.connect(container.base()).get("/later" + STREAM)) {
            Eventually.until("it waits for its decision", RawClient.PATIENCE, () -> decide().startsWith("1 "));
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.head().first("x-ratelimit-remaining-tokens")).contains("0");
            assertThat(client.rest().lastWords()).containsExactly("hello", "tick", "tick", "done");
        }
        Eventually.until("the end was told", RawClient.PATIENCE, () -> decide().endsWith("WHOLE]"));
    }

    @Test
    void request_thatNobodyDecidesOn_is503AndNoTimeoutOfTheClients() throws IOException {
        try (RawClient client = RawClient.connect(container.base()).get("/later" + STREAM)) {
            assertThat(client.status()).isEqualTo(503);
            assertThat(client.head().first("Retry-After")).contains("1");
            assertThat(client.body()).contains("\"admission_timeout\"");
        }
        // It is cancelled, and what is granted all the same is given back.
        Eventually.until("it was cancelled", RawClient.PATIENCE, () -> decide().contains("CANCELLED"));
        Eventually.until(
                "what was granted late was given back", RawClient.PATIENCE, () -> decide().endsWith("REFUSED]"));
    }

    /** Decides on the oldest request, if there is one. @return what it found */
    private static String decide() {
        try (RawClient client = RawClient.connect(container.base()).get("/decide")) {
            return client.body();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean hostAnswers() {
        if (!container.process().isAlive()) {
            throw new AssertionError(
                    "The server did not come up\n" + container.process().tail());
        }
        try (RawClient client = RawClient.connect(container.base()).get("/decide")) {
            return client.status() == 200;
        } catch (IOException | AssertionError notYet) {
            return false;
        }
    }
}
