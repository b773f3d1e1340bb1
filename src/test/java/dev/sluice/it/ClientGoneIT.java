package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A client that leaves while the upstream is silent. A heartbeat detects it, at the latest the second one. ({@link
 * StreamingIT} tests clients that leave while tokens are sent.)
 */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class ClientGoneIT {
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    private final Container.Kind containerKind;

    ClientGoneIT(Container.Kind containerKind) {
        this.containerKind = containerKind;
    }

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start();
        container = kind.start(Launch.at(upstream.url()).with("sluice.heartbeat", HEARTBEAT.toMillis() + "ms"));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    private enum Silence {
        /** The upstream has received the request and has sent nothing. */
        BEFORE_THE_HEAD,
        /** The upstream has answered 200 and no event. */
        BEFORE_THE_FIRST_TOKEN,
        /** The upstream has sent a token. */
        AFTER_A_TOKEN
    }

    @ParameterizedTest
    @CsvSource({
        "BEFORE_THE_HEAD, RESET",
        "BEFORE_THE_HEAD, CLOSE",
        "BEFORE_THE_FIRST_TOKEN, RESET",
        "BEFORE_THE_FIRST_TOKEN, CLOSE",
        "AFTER_A_TOKEN, RESET",
        "AFTER_A_TOKEN, CLOSE"
    })
    void client_leavesInSilence_upstreamIsCancelledWithinTwoHeartbeats(Silence silence, Leave how) throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        RawClient client = RawClient.chat(container.base(), "leave");
        Exchange exchange = upstream.next();
        if (silence != Silence.BEFORE_THE_HEAD) {
            exchange.stream();
        }
        if (silence == Silence.AFTER_A_TOKEN) {
            exchange.token("heard");
            assertThat(client.nextEvent().data()).isEqualTo("heard");
        }
        how.leave(client);
        // At most this many heartbeats from now.
        exchange.awaitClosed(HEARTBEAT
                .multipliedBy(how.writes())
                .plus(HEARTBEAT.multipliedBy(8).dividedBy(10)));
        container.awaitIdle();
    }

    /** In Jetty, Sluice selects the client's socket; in other containers a heartbeat has to fail. */
    @ParameterizedTest
    @EnumSource(Leave.class)
    void client_leavesInSilence_isNoticedWithoutAHeartbeat_whereTheContainerShowsItsSocket(Leave how)
            throws IOException {
        assumeTrue(containerKind == Container.Kind.JETTY);
        upstream.script(ScriptedUpstream.BY_HAND);
        try (Container patient = containerKind.start(Launch.at(upstream.url()).with("sluice.heartbeat", "1m"))) {
            RawClient stays = RawClient.chat(patient.base(), "stay");
            Exchange stayed = upstream.next();
            for (int i = 0; i < 3; i++) {
                RawClient client = RawClient.chat(patient.base(), "leave");
                Exchange exchange = upstream.next();
                exchange.stream().token("heard");
                assertThat(client.nextEvent().data()).isEqualTo("heard");
                long left = System.nanoTime();
                how.leave(client);
                exchange.awaitClosed(Duration.ofSeconds(5));
                System.out.printf(
                        "%s, %s: the upstream sees after %d ms that the client has left%n",
                        patient, how, (System.nanoTime() - left) / 1_000_000);
            }
            stayed.stream().token("still here").finish();
            assertThat(stays.rest().tokens()).containsExactly("still here");
            // The socket is selected again for the next request, without a rest of the first one's state.
            try (RawClient again = stays.again().post("/chat", "{\"prompt\":\"again\"}")) {
                upstream.next().stream().token("and again").finish();
                assertThat(again.rest().tokens()).containsExactly("and again");
            }
            patient.awaitIdle();
        }
    }

    @ParameterizedTest
    @EnumSource(Leave.class)
    void client_leavesAfterHeartbeats_upstreamIsCancelled(Leave how) throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        RawClient client = RawClient.chat(container.base(), "wait");
        Exchange exchange = upstream.next();
        // The headers leave with the first heartbeat although the upstream has not even answered.
        client.awaitComments(2);
        assertThat(client.status()).isEqualTo(200);
        how.leave(client);
        exchange.awaitClosed(HEARTBEAT
                .multipliedBy(how.writes())
                .plus(HEARTBEAT.multipliedBy(8).dividedBy(10)));
        container.awaitIdle();
    }
}
