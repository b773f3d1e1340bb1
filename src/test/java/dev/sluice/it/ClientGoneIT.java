package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

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
 * A client that leaves while the upstream is silent: only heartbeats can find out, and they must, within two. (Leaving
 * while tokens flow: see {@link StreamingIT}.)
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

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    ClientGoneIT(Container.Kind kind) {}

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
        /** The upstream has taken the request and not even answered its status. */
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
        // So many heartbeats from now, and not one more.
        exchange.awaitClosed(HEARTBEAT
                .multipliedBy(how.writes())
                .plus(HEARTBEAT.multipliedBy(8).dividedBy(10)));
        container.awaitIdle();
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
