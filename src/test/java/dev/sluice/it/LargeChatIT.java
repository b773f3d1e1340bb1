package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Long prompts of control characters, each of which becomes six bytes in the request for the upstream, with a heap of 256 MiB. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class LargeChatIT {
    private static final int MEBIBYTE = 1 << 20;
    private static final Duration SOON = Duration.ofSeconds(15);

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    private final Container.Kind kind;

    LargeChatIT(Container.Kind kind) {
        this.kind = kind;
    }

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        upstream = ScriptedUpstream.start();
        container = kind.start(Launch.at(upstream.url()).option("-Xmx256m"));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    @Test
    void prompt_aboveTheLimitOfChat_is413ThatNamesIt() throws IOException {
        try (RawClient client = send(container, controls(2 * MEBIBYTE))) {
            assertThat(client.status()).isEqualTo(413);
            assertThat(client.body()).contains("sluice.chat.max-bytes", "1048576");
        }
    }

    @Test
    void prompts_asLargeAsMayBe_ofManyAtOnce_areAnsweredOrRefusedForWantOfRoom() throws IOException {
        upstream.script(Scripts.flood(1));
        byte[] prompt = controls(MEBIBYTE);
        List<RawClient> clients = new ArrayList<>();
        int answered = 0;
        long begin = System.nanoTime();
        try {
            for (int i = 0; i < 60; i++) {
                RawClient client = RawClient.connect(container.base());
                clients.add(client);
                begin(client, prompt.length);
                client.send(prompt, 0, MEBIBYTE - 1);
            }
            for (RawClient client : clients) {
                client.send(new byte[] {1});
            }
            for (RawClient client : clients) {
                if (client.status() == 200) {
                    assertThat(client.rest().lastWords()).containsExactly("done");
                    answered++;
                } else {
                    assertThat(client.status()).isEqualTo(503);
                    assertThat(Json.read(client.body()).at("/error/code").asString())
                            .isEqualTo("no_room");
                }
            }
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
        assertThat(answered).as("answered").isPositive();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(25));
        container.awaitIdle();
        assertThat(container.process().log()).doesNotContain("OutOfMemoryError");
    }

    @Test
    void prompt_thatNoHeapCanTake_is503AtOnceAndLeavesTheServerWhole() throws IOException {
        try (Container generous =
                kind.start(Launch.at(upstream.url()).option("-Xmx256m").with("sluice.chat.max-bytes", "32MiB"))) {
            long begin = System.nanoTime();
            try (RawClient client = send(generous, controls(31_000_000))) {
                assertThat(client.status()).isEqualTo(503);
                JsonNode error = Json.read(client.body()).get("error");
                assertThat(error.get("code").asString()).isIn("no_memory", "no_room");
                assertThat(client.head().first("Retry-After")).contains("1");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(SOON);
            generous.awaitIdle();
            upstream.script(Scripts.flood(1));
            try (RawClient client = RawClient.chat(generous.base(), "small")) {
                assertThat(client.rest().lastWords()).containsExactly("done");
            }
        }
    }

    @Test
    void body_thatOutgrowsTheHeap_is503WhileItIsStillSentAndAfterwards() throws IOException {
        int length = 100 * MEBIBYTE;
        Launch small = Launch.at(upstream.url())
                .option("-Xmx96m")
                .with("sluice.request.max-bytes", "128MiB")
                .with("sluice.request.max-total-bytes", "512MiB")
                .with("sluice.chat.max-bytes", "128MiB");
        byte[] piece = new byte[MEBIBYTE];
        try (Container cramped = kind.start(small)) {
            try (RawClient client = RawClient.connect(cramped.base())) {
                begin(client, length);
                for (int sent = 0; sent < 50 * MEBIBYTE; sent += MEBIBYTE) {
                    client.send(piece);
                }
                assertIsForMemory(client); // which has sent one half and waits for the answer
            }
            cramped.awaitIdle();
            try (RawClient client = RawClient.connect(cramped.base())) {
                begin(client, length);
                for (int sent = 0; sent < length; sent += MEBIBYTE) {
                    client.send(piece);
                }
                assertIsForMemory(client); // which reads the answer only after it has sent everything
            }
            cramped.awaitIdle();
            upstream.script(Scripts.flood(1));
            try (RawClient client = RawClient.chat(cramped.base(), "small")) {
                assertThat(client.rest().lastWords()).containsExactly("done");
            }
        }
    }

    private static void assertIsForMemory(RawClient client) throws IOException {
        assertThat(client.status()).isEqualTo(503);
        assertThat(Json.read(client.body()).at("/error/code").asString()).isEqualTo("no_memory");
        assertThat(client.head().first("Retry-After")).contains("1");
        assertThat(client.head().first("Connection")).contains("close");
    }

    private static RawClient send(Container to, byte[] prompt) throws IOException {
        RawClient client = RawClient.connect(to.base());
        begin(client, prompt.length);
        client.send(prompt);
        return client;
    }

    private static void begin(RawClient client, int length) throws IOException {
        client.begin("POST", "/chat", "Content-Type: text/plain", "Content-Length: " + length);
    }

    private static byte[] controls(int length) {
        byte[] prompt = new byte[length];
        Arrays.fill(prompt, (byte) 1);
        return prompt;
    }
}
