package dev.sluice.dialect.responses;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random streams, received in random pieces, for a client that reads them at random: the output is the input, byte for
 * byte, in order, once, and no answer counts as whole that has no end. A run depends only on its seed.
 */
class ResponseStreamTest {
    private static final int RUNS = 5_000;
    private static final String[] LINE_ENDS = {"\n", "\r\n", "\r"};
    private static final String[] WORDS = {
        "a",
        " token",
        "é",
        "🙂",
        "\\n",
        "\\\"",
        "{\\\"type\\\":\\\"response.completed\\\"}",
        "[DONE]",
        "data: ",
        "response.completed",
        "\\u00e9",
        "\\\\",
        "]}",
        ":"
    };
    private static final String[] TYPES = {
        "response.output_text.delta",
        "response.refusal.delta",
        "response.reasoning_summary_text.delta",
        "response.function_call_arguments.delta",
        "response.new.delta",
        "response.output_text.done",
        "response.output_item.added",
        "response.completed.not",
        "keepalive",
        "vendor"
    };
    private static final String[] ENDS = {
        "{\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}",
        "{\"type\":\"response.incomplete\",\"response\":{}}",
        "{\"response\":{\"usage\":{\"input_tokens\":3}},\"type\":\"response.done\"}",
        "[DONE]",
    };
    private static final String[] FAILURES = {
        "{\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"c\",\"message\":\"m\"}}}",
        "{\"type\":\"error\",\"message\":\"m\"}",
        "{\"type\":\"response.completed\",\"response\":{\"status\":\"failed\"}}",
        "{\"error\":{\"message\":\"m\"}}",
    };

    /** How a random stream ends. */
    private enum Ending {
        WHOLE,
        FAILED,
        NONE
    }

    @Test
    void stream_random_passesByteForByteAndEndsAsItsProviderSays() {
        Map<Ending, Integer> endings = new EnumMap<>(Ending.class);
        for (int seed = 0; seed < RUNS; seed++) {
            var random = new Random(seed);
            String lineEnd = LINE_ENDS[random.nextInt(LINE_ENDS.length)];
            Ending ending = Ending.values()[random.nextInt(Ending.values().length)];
            endings.merge(ending, 1, Integer::sum);
            StringBuilder stream = new StringBuilder("data: {\"type\":\"response.created\"}\n\n");
            for (int i = random.nextInt(30); i >= 0; i--) {
                stream.append(part(random));
            }
            if (ending != Ending.NONE) {
                stream.append(event(pick(random, ending == Ending.WHOLE ? ENDS : FAILURES), random));
            }
            String sent = stream.toString().replace("\n", lineEnd);
            var listener = new RecordingListener();
            String taken = relayed(sent, random, listener);

            assertThat(listener.ended(Outcome.WHOLE))
                    .as("seed %d: whole", seed)
                    .isEqualTo(ending == Ending.WHOLE ? 1 : 0);
            if (ending == Ending.NONE) {
                assertThat(taken).as("seed %d", seed).startsWith(sent);
                assertThat(taken.substring(sent.length())).as("seed %d", seed).contains("event: error\ndata: {");
            } else {
                assertThat(taken).as("seed %d", seed).isEqualTo(sent);
            }
        }
        assertThat(endings.values()).as("each ending").hasSize(3).allMatch(count -> count > RUNS / 5);
    }

    private static String relayed(String sent, Random random, RecordingListener listener) {
        var upstream = new FakeUpstream();
        var downstream = new FakeDownstream();
        var limits = new Limits(
                Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(15), 1 + random.nextInt(500));
        var clock = new ManualClock();
        var relay = new Relay(downstream, limits, clock, Runnable::run, new StreamMetrics(), ended -> {});
        relay.join(listener);
        relay.passOn(upstream, new PassedResponse(Answers.context(200 + random.nextInt(3000))));
        byte[] bytes = sent.getBytes(UTF_8);
        int at = 0;
        while (!downstream.ended()) {
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    int length = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 3 : 400));
                    if (length > 0 && !upstream.isOver()) {
                        upstream.give(Arrays.copyOfRange(bytes, at, at + length));
                        at += length;
                    } else if (length == 0 && !upstream.isOver()) {
                        upstream.end();
                    } else {
                        clock.pass(250); // the time to read an error
                    }
                }
                case 2 -> downstream.takes(false);
                default -> {
                    downstream.takes(true);
                    relay.wake();
                }
            }
        }
        return downstream.taken();
    }

    private static String part(Random random) {
        return switch (random.nextInt(9)) {
            case 0 -> ": " + "ping".repeat(random.nextInt(3)) + "\n";
            case 1 -> ": processing\n\n";
            case 2 -> "\n".repeat(1 + random.nextInt(2));
            case 3 -> "id: " + random.nextInt(9) + "\n" + step(random);
            case 4 -> "data: {\"type\":\ndata: \"response.output_text.delta\",\"delta\":\"b\"}\n\n";
            case 5 -> "event: response.completed\ndata: {\"type\":\"response.completed\",\n\n"; // malformed
            default -> step(random);
        };
    }

    private static String step(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(20); i >= 0; i--) {
            text.append(pick(random, WORDS));
        }
        String type = "\"type\":\"" + pick(random, TYPES) + "\"";
        String delta = "\"delta\":\"" + text + "\",\"sequence_number\":" + random.nextInt(99);
        // Behind a long text, the type of an event longer than the limit would not be at hand.
        boolean typeFirst = text.length() > 50 || random.nextBoolean();
        return event("{" + (typeFirst ? type + "," + delta : delta + "," + type) + "}", random);
    }

    /** With or without a name, which may be a wrong one. */
    private static String event(String data, Random random) {
        String name =
                switch (random.nextInt(3)) {
                    case 0 -> "";
                    case 1 -> "event: " + pick(random, TYPES) + "\n";
                    default -> "event: response.completed\n";
                };
        return name + "data: " + data + "\n\n";
    }

    private static String pick(Random random, String[] from) {
        return from[random.nextInt(from.length)];
    }
}
