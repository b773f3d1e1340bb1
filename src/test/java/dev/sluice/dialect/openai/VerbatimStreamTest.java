package dev.sluice.dialect.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.relay.FakeDownstream;
import dev.sluice.relay.FakeUpstream;
import dev.sluice.relay.Limits;
import dev.sluice.relay.ManualClock;
import dev.sluice.relay.Outcome;
import dev.sluice.relay.RecordingListener;
import dev.sluice.relay.Relay;
import dev.sluice.relay.StreamMetrics;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random streams, received in random pieces, for a client that reads them at random: the output is the input, byte for
 * byte, in order, once. A run depends only on its seed, so a failure can be reproduced.
 */
class VerbatimStreamTest {
    private static final int RUNS = 5_000;
    private static final String[] LINE_ENDS = {"\n", "\r\n", "\r"};
    private static final String FINISH =
            "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n";
    private static final String[] WORDS = {
        "a", " token", "é", "🙂", "\\n", "\\\"", "{\\\"usage\\\":1}", "[DONE]", "data: ", "\\u00e9", "\\\\", "]}", ":"
    };

    @Test
    void stream_random_passesByteForByte() {
        for (int seed = 0; seed < RUNS; seed++) {
            var random = new Random(seed);
            boolean wantsUsage = random.nextBoolean();
            String lineEnd = LINE_ENDS[random.nextInt(LINE_ENDS.length)];
            StringBuilder sent = new StringBuilder();
            StringBuilder expected = new StringBuilder();
            for (int i = random.nextInt(30); i >= 0; i--) {
                boolean usage = random.nextInt(12) == 0;
                String part = (usage ? usage(random) : part(random)).replace("\n", lineEnd);
                sent.append(part);
                expected.append(usage && !wantsUsage ? "" : part);
            }
            String done = (FINISH + "data: [DONE]\n\n").replace("\n", lineEnd);
            sent.append(done).append("data: never\n\n");
            expected.append(done);
            assertThat(relayed(sent.toString(), wantsUsage, random))
                    .as("seed %d", seed)
                    .isEqualTo(expected.toString());
        }
    }

    @Test
    void error_ofTheProviders_canBeReadBeforeTheConnectionBreaks() {
        var upstream = new FakeUpstream();
        var downstream = new FakeDownstream();
        var clock = new ManualClock();
        var limits = new Limits(Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(15), 1000);
        var relay = new Relay(downstream, limits, clock, Runnable::run, new StreamMetrics(), ended -> {});
        ProviderWords words = new ProviderWords(List.of());
        relay.passOn(upstream, new VerbatimTranslator(new AnswerContext(words, 1 << 20, () -> false), 1, true));
        String said = """
                data: {"choices":[{"delta":{"content":"a"}}]}

                data: {"error":{"message":"overloaded"}}

                """;
        upstream.give(said.getBytes(UTF_8));
        assertThat(downstream.taken()).isEqualTo(said);
        clock.pass(249);
        assertThat(downstream.ended()).isFalse();
        clock.pass(1);
        assertThat(downstream.ended()).isTrue();
    }

    private static String relayed(String sent, boolean wantsUsage, Random random) {
        var upstream = new FakeUpstream();
        var downstream = new FakeDownstream();
        var listener = new RecordingListener();
        var limits = new Limits(
                Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(15), 1 + random.nextInt(500));
        var relay = new Relay(downstream, limits, new ManualClock(), Runnable::run, new StreamMetrics(), ended -> {});
        relay.join(listener);
        ProviderWords words = new ProviderWords(List.of());
        relay.passOn(upstream, new VerbatimTranslator(new AnswerContext(words, 1 << 20, () -> false), 1, wantsUsage));
        byte[] bytes = sent.getBytes(UTF_8);
        int at = 0;
        while (!downstream.ended()) {
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    int length = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 3 : 400));
                    if (length > 0 && !upstream.isOver()) {
                        upstream.give(Arrays.copyOfRange(bytes, at, at + length));
                        at += length;
                    }
                }
                case 2 -> downstream.takes(false);
                default -> {
                    downstream.takes(true);
                    relay.wake();
                }
            }
        }
        assertThat(listener.ended(Outcome.WHOLE)).as("whole").isEqualTo(1);
        return downstream.taken();
    }

    private static String part(Random random) {
        return switch (random.nextInt(9)) {
            case 0 -> ": " + "ping".repeat(random.nextInt(3)) + "\n";
            case 1 -> ": processing\n\n";
            case 2 -> "\n".repeat(1 + random.nextInt(2));
            case 3 -> "id: " + random.nextInt(9) + "\n" + token(random);
            case 4 -> "data: {\"choices\":\ndata: [{\"delta\":{\"content\":\"b\"}}]}\n\n";
            case 5 -> FINISH;
            default -> token(random);
        };
    }

    private static String token(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(20); i >= 0; i--) {
            text.append(WORDS[random.nextInt(WORDS.length)]);
        }
        return "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text
                + "\"},\"finish_reason\":null}],\"usage\":null}\n\n";
    }

    private static String usage(Random random) {
        return "data: {\"choices\":[],\"usage\":{\"total_tokens\":" + random.nextInt(999) + "}}\n\n";
    }
}
