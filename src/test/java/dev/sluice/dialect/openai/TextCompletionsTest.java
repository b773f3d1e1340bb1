package dev.sluice.dialect.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.InvalidRequestException;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ApiRequest;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.relay.Outcome;
import dev.sluice.relay.RandomReading;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextCompletionsTest {
    private static final int RUNS = 2_000;
    private static final String[] WORDS = {"a", " token", "é", "🙂", "\\n", "\\\"", "[DONE]", "data: ", "]}"};
    private static final String DONE = "data: [DONE]\n\n";

    private final TextCompletions dialect = new TextCompletions();

    @Test
    void stream_random_passesByteForByteWithoutTheUsageThatNobodyAskedFor() throws Exception {
        for (int seed = 0; seed < RUNS; seed++) {
            Random random = new Random(seed);
            boolean wantsUsage = random.nextBoolean();
            StringBuilder sent = new StringBuilder();
            int tokens = random.nextInt(30);
            for (int i = 0; i < tokens; i++) {
                sent.append(random.nextInt(6) == 0 ? ": ping\n\n" : "")
                        .append(chunk(0, WORDS[random.nextInt(WORDS.length)], "null"));
            }
            sent.append(chunk(0, "", "\"stop\""));
            String usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":5}}\n\n";
            String expected = sent + (wantsUsage ? usage : "") + DONE;
            sent.append(usage).append(DONE);
            ApiRequest request = read("{\"model\":\"m\",\"prompt\":\"p\",\"stream\":true"
                    + (wantsUsage ? ",\"stream_options\":{\"include_usage\":true}" : "") + "}");

            RandomReading reading = relayed(sent.toString(), request, random);

            assertThat(reading.taken()).as("seed %d", seed).isEqualTo(expected);
            assertThat(reading.summary().outcome()).as("seed %d", seed).isEqualTo(Outcome.WHOLE);
            assertThat(reading.summary().tokens()).as("seed %d", seed).isEqualTo(tokens);
            assertThat(reading.summary().usage()).as("usage").isNotNull().satisfies(used -> assertThat(
                            used.promptTokens())
                    .isEqualTo(3));
        }
    }

    @Test
    void default_forStore_isForChatCompletionsOnly() throws Exception {
        RequestDefaults defaults = RequestDefaults.parse("{\"store\":false}", dialect.ownFields());
        byte[] body = "{\"user\":\"u\"}".getBytes(UTF_8);

        assertThat(sent(read("{\"user\":\"u\"}"), defaults)).isEqualTo("{\"model\":\"other\",\"user\":\"u\"}");
        assertThat(sent(new ChatCompletions().read(body, body.length), defaults))
                .isEqualTo("{\"model\":\"other\",\"store\":false,\"user\":\"u\"}");
    }

    /** Each prompt has its own choices. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"a\"               | 1 | 1 | WHOLE",
                "\"a\"               | 2 | 1 | UNFINISHED",
                "[\"a\", \"b\"]      | 1 | 2 | WHOLE",
                "[\"a\", \"b\"]      | 1 | 1 | UNFINISHED",
                "[\"a\", \"b\"]      | 2 | 4 | WHOLE",
                "[\"a\", \"b\"]      | 2 | 3 | UNFINISHED",
                "[[1, 2], [3], [4]]  | 1 | 3 | WHOLE",
                "[1, 2, 3]           | 1 | 1 | WHOLE",
                "[]                  | 1 | 1 | WHOLE",
            })
    void answer_whoseChoicesAreNotAllFinished_isUnfinished(String prompt, int n, int finished, Outcome outcome)
            throws Exception {
        ApiRequest request = read("{\"model\":\"m\",\"prompt\":" + prompt + ",\"n\":" + n + ",\"stream\":true}");
        StringBuilder sent = new StringBuilder();
        for (int i = 0; i < finished; i++) {
            sent.append(chunk(i, "x", "null")).append(chunk(i, "", "\"length\""));
        }
        assertThat(relayed(sent + DONE, request, new Random(1)).summary().outcome())
                .isEqualTo(outcome);
    }

    @Test
    void stream_thatEndsWithoutItsEndMark_isBrokenOff() throws Exception {
        RandomReading reading = relayed(
                chunk(0, "a", "null"), read("{\"model\":\"m\",\"prompt\":\"p\",\"stream\":true}"), new Random(1));

        assertThat(reading.summary().outcome()).isEqualTo(Outcome.BROKEN_OFF);
        assertThat(reading.taken())
                .startsWith(chunk(0, "a", "null") + "data: {\"error\":{\"message\":")
                .endsWith("\"code\":\"incomplete\"}}\n\n");
    }

    @Test
    void request_isSentWithItsModelItsDefaultsAndTheQuestionForUsage() throws Exception {
        RequestDefaults defaults = RequestDefaults.parse("{\"temperature\":0.5}", Set.of());

        assertThat(sent(read("{\"model\":\"m\",\"prompt\":\"p\",\"stream\":true}"), defaults))
                .isEqualTo("{\"stream_options\":{\"include_usage\":true},\"temperature\":0.5,\"model\":\"other\","
                        + "\"prompt\":\"p\",\"stream\":true}");
    }

    /** A provider would refuse a field that is not for embeddings, and there are no events to stream. */
    @Test
    void embeddings_areSentWithoutDefaults_andAreNeverAStream() throws Exception {
        byte[] body = "{\"model\":\"m\",\"input\":\"p\",\"stream\":true}".getBytes(UTF_8);
        ApiRequest request = new Embeddings().read(body, body.length);
        RequestDefaults defaults = RequestDefaults.parse("{\"temperature\":0.5}", Set.of());

        assertThat(request.streams()).isFalse();
        assertThat(sent(request, defaults)).isEqualTo("{\"model\":\"other\",\"input\":\"p\",\"stream\":true}");
    }

    @Test
    void embeddings_random_passByteForByteAndAreCounted() throws Exception {
        byte[] body = "{\"model\":\"m\",\"input\":\"p\"}".getBytes(UTF_8);
        ApiRequest request = new Embeddings().read(body, body.length);
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            StringBuilder answer = new StringBuilder("{\"object\":\"list\",\"data\":[");
            for (int i = random.nextInt(5); i >= 0; i--) {
                answer.append("{\"object\":\"embedding\",\"index\":0,\"embedding\":[")
                        .append(random.doubles(random.nextInt(300) + 1)
                                .mapToObj(Double::toString)
                                .collect(Collectors.joining(",")))
                        .append("]}")
                        .append(i > 0 ? "," : "");
            }
            answer.append("],\"model\":\"m\",\"usage\":{\"prompt_tokens\":8,\"total_tokens\":8}}");

            RandomReading reading = relayed(answer.toString(), request, random);

            assertThat(reading.taken()).as("seed %d", seed).isEqualTo(answer.toString());
            assertThat(reading.summary().outcome()).isEqualTo(Outcome.WHOLE);
            assertThat(reading.summary().usage()).isNotNull().satisfies(used -> {
                assertThat(used.promptTokens()).isEqualTo(8);
                assertThat(used.outputTokens()).isZero();
            });
        }
    }

    private ApiRequest read(String body) throws InvalidRequestException {
        byte[] bytes = body.getBytes(UTF_8);
        return dialect.read(bytes, bytes.length);
    }

    private static String sent(ApiRequest request, RequestDefaults defaults) {
        return request.sentAs("other", true, defaults).stream()
                .map(part -> UTF_8.decode(part).toString())
                .collect(Collectors.joining());
    }

    private static RandomReading relayed(String sent, ApiRequest request, Random random) {
        AnswerContext context = new AnswerContext(new ProviderWords(List.of()), 1 << 20, () -> false);
        return RandomReading.of(sent.getBytes(UTF_8), request.translator(context), random);
    }

    private static String chunk(int index, String text, String finishReason) {
        return "data: {\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":1,\"choices\":[{\"text\":\"" + text
                + "\",\"index\":" + index + ",\"logprobs\":null,\"finish_reason\":" + finishReason
                + "}],\"model\":\"m\"}\n\n";
    }
}
