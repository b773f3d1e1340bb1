package dev.sluice.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.ChatRequest;
import dev.sluice.dialect.Prompt;
import dev.sluice.dialect.PromptBody;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ChatCompletionsTest {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    @Test
    void request_withAPromptOnly_takesTheDefaults() {
        ChatRequest request = new ChatRequest("Hi", null, null, null, null, false);

        assertThat(written(request, null)).isEqualTo(MAPPER.readTree("""
                        {"model": "grok-4", "messages": [{"role": "user", "content": "Hi"}],
                         "stream": true, "max_tokens": 1024}
                        """));
    }

    @Test
    void request_thatSaysAll_isWrittenAsItSays() {
        ChatRequest request = new ChatRequest("Hi \"you\"\né😀\u0000", "Be brief.", "alias", 7, 0.5, true);

        byte[] json = written(new Prompt(request, "grok-4", 1024, "max_completion_tokens", "Be long."));

        assertThat(MAPPER.readTree(json)).isEqualTo(MAPPER.readTree("""
                        {"model": "grok-4",
                         "messages": [{"role": "system", "content": "Be brief."},
                                      {"role": "user", "content": "Hi \\"you\\"\\né😀\\u0000"}],
                         "stream": true,
                         "max_completion_tokens": 7, "temperature": 0.5}
                        """));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {"-, Default., Default.", "Own., Default., Own.", "'', Default., -", "' ', -, -", "-, ' ', -"})
    void system_ofTheRequest_winsOverTheDefault(
            @Nullable String own, @Nullable String standard, @Nullable String written) {
        JsonNode messages = written(new ChatRequest("Hi", own, null, null, null, false), standard)
                .path("messages");

        assertThat(messages).hasSize(written == null ? 1 : 2);
        assertThat(messages.path(0).path("content").stringValue()).isEqualTo(written == null ? "Hi" : written);
    }

    @ParameterizedTest
    @CsvSource({
        "a\\ud83d, a\ufffd",
        "\\ude00b, \ufffdb",
        "\\ud83d\\ud83d\\ude00, \ufffd\ud83d\ude00",
        "\\ude00\\ud83d, \ufffd\ufffd"
    })
    void prompt_withHalfASurrogatePair_becomesTheReplacementCharacter(String escaped, String expected) {
        String prompt = MAPPER.readTree("\"" + escaped + "\"").stringValue();

        JsonNode json = written(new ChatRequest(prompt, null, null, null, null, false), null);

        assertThat(json.path("messages").path(0).path("content").stringValue()).isEqualTo(expected);
    }

    private static JsonNode written(ChatRequest request, @Nullable String system) {
        return MAPPER.readTree(written(new Prompt(request, "grok-4", 1024, "max_tokens", system)));
    }

    private static byte[] written(Prompt prompt) {
        PromptBody body = new PromptBody(new ChatCompletions(), prompt);
        return body.json(body.size());
    }
}
