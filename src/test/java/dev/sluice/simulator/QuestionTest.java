package dev.sluice.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuestionTest {
    @Test
    void read_conversation_takesTheLastWordOfTheUser() throws Exception {
        assertThat(read("""
                {"messages": [
                   {"role": "system", "content": "Be kind", "name": "x"},
                   {"content": "first", "role": "user"},
                   {"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "f"}}]},
                   {"role": "tool", "content": "result"},
                   {"role": "user", "content": [
                      {"type": "text", "text": "second "},
                      {"type": "image_url", "image_url": {"url": "data:,"}},
                      {"type": "text", "text": "part"}]}],
                 "model": "sim/fast", "stream": true, "temperature": 0.70, "max_completion_tokens": 7,
                 "stream_options": {"include_usage": true, "x": [1]}, "tools": [{"a": {}}], "user": null}
                """)).isEqualTo(new Question("sim/fast", "second part", "Be kind", true, 7, "0.70", true));
    }

    @Test
    void read_nulls_areAsIfLeftOut() throws Exception {
        assertThat(read("""
                {"model": "sim/fast", "messages": [{"role": "user", "content": "x"}], "stream": null,
                 "stream_options": null, "max_tokens": null, "temperature": null}""")).isEqualTo(new Question("sim/fast", "x", null, false, null, null, false));
    }

    @Test
    void read_halfASurrogatePair_becomesAQuestionMark() throws Exception {
        assertThat(read("""
                {"model": "m", "messages": [{"role": "user", "content": "a\\ud83db"}]}""").prompt()).isEqualTo("a?b");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "''                                                                    | -",
                "[]                                                                    | -",
                "{\"model\": \"m\"                                                     | -",
                "{} {}                                                                 | -",
                "{}                                                                    | model",
                "{\"model\": 3}                                                        | model",
                "{\"model\": \"m\"}                                                    | messages",
                "{\"model\": \"m\", \"messages\": {}}                                  | messages",
                "{\"model\": \"m\", \"messages\": [\"x\"]}                             | messages",
                "{\"model\": \"m\", \"messages\": [{\"role\": \"system\"}]}            | messages",
                "{\"model\": \"m\", \"messages\": [{\"content\": 3}]}                  | messages.content",
                "{\"model\": \"m\", \"messages\": [{\"content\": [{\"text\": 3}]}]}    | messages.content.text",
                "{\"stream\": \"yes\"}                                                 | stream",
                "{\"max_tokens\": 0}                                                   | max_tokens",
                "{\"max_completion_tokens\": 1.5}                                      | max_completion_tokens",
                "{\"max_tokens\": 99999999999}                                         | -",
                "{\"temperature\": \"hot\"}                                            | temperature",
                "{\"stream_options\": {\"include_usage\": 1}}                          | stream_options.include_usage"
            })
    void read_malformed_namesTheField(String body, String param) {
        Question.Unreadable fault = catchThrowableOfType(Question.Unreadable.class, () -> read(body));

        assertThat(fault).as("the refusal").isNotNull();
        assertThat(fault.param).isEqualTo(param);
        assertThat(fault.message()).endsWith(".");
    }

    private static Question read(String body) throws Question.Unreadable {
        return Question.read(SimulatedDialect.CHAT_COMPLETIONS, body.getBytes(UTF_8));
    }
}
