package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Many clients that send large requests slowly. None of them is treated as a client that has left. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class SlowUploadIT {
    private static final int CLIENTS = 100;
    private static final int PIECE = 4_000;
    private static final int PIECES = 125;
    private static final int MILLIS_BETWEEN_PIECES = 20;

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    SlowUploadIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start();
        container = kind.start(Launch.at(upstream.url()));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    @RepeatedTest(2)
    void requests_sentSlowlyByMany_areAllAnswered() throws Exception {
        upstream.script(Scripts.flood(1));
        byte[] body = body();
        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(RawClient.connect(container.base())
                        .begin(
                                "POST",
                                "/v1/chat/completions",
                                "Content-Type: application/json",
                                "Content-Length: " + body.length));
            }
            send(body, clients);
            List<String> faults = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                try {
                    Answer answer = clients.get(i).rest();
                    assertThat(answer.last().data()).isEqualTo("[DONE]");
                } catch (IOException | AssertionError fault) {
                    faults.add("client " + i + ": " + fault.getMessage());
                }
            }
            assertThat(faults).isEmpty();
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
        container.awaitIdle();
    }

    /** Every client sends a piece every 20 ms; some of the clients are due in each millisecond. */
    private static void send(byte[] body, List<RawClient> clients) throws Exception {
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        var sender = new Runnable() {
            private int ticks; // guarded by the clock's one thread

            @Override
            public void run() {
                int piece = ticks / MILLIS_BETWEEN_PIECES;
                if (piece == PIECES) {
                    throw new Finished();
                }
                for (int i = ticks % MILLIS_BETWEEN_PIECES; i < clients.size(); i += MILLIS_BETWEEN_PIECES) {
                    try {
                        clients.get(i).send(body, piece * PIECE, PIECE);
                    } catch (IOException refused) {
                        // The response shows the reason.
                    }
                }
                ticks++;
            }
        };
        try {
            ScheduledFuture<?> sending = clock.scheduleAtFixedRate(sender, 0, 1, TimeUnit.MILLISECONDS);
            sending.get(2, TimeUnit.MINUTES);
        } catch (ExecutionException finished) {
            assertThat(finished).hasCauseInstanceOf(Finished.class);
        } finally {
            clock.shutdownNow();
        }
    }

    private static byte[] body() {
        String start = "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"";
        String end = "\"}]}";
        String body = start + "x".repeat(PIECE * PIECES - start.length() - end.length()) + end;
        return body.getBytes(StandardCharsets.US_ASCII);
    }

    private static final class Finished extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
