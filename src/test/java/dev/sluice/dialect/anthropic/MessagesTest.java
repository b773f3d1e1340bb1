package dev.sluice.dialect.anthropic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.chat.ChatRequest;
import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.chat.LongestAnswer;
import dev.sluice.dialect.ApiRequest;
import dev.sluice.dialect.ErrorAnswer;
import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.Prompt;
import dev.sluice.dialect.PromptBody;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestDefaults;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MessagesTest {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private final Messages dialect = new Messages();

    // ---- Prompts of /chat.

    @Test
    void prompt_withDefaults_isWrittenWithItsLimit() {
        assertThat(written(new ChatRequest("Hi \"é\"", null, null, null, 0.5, false), "Be brief."))
                .isEqualTo(MAPPER.readTree("""
                        {"model": "claude", "max_tokens": 1024, "system": "Be brief.",
                         "messages": [{"role": "user", "content": "Hi \\"é\\""}], "stream": true, "temperature": 0.5}
                        """));
    }

    /** A budget must be at least 1024 and less than the limit, and no temperature may be there beside it. */
    @ParameterizedTest
    @CsvSource({"2048, 1024", "4000, 2000", "2047, 0", "1024, 0"})
    void prompt_withReasoning_letsTheModelThinkForHalfOfItsLimit(int limit, int budget) {
        JsonNode body = written(new ChatRequest("Hi", null, null, limit, 0.5, true), null);
        assertThat(body.path("max_tokens").asInt()).isEqualTo(limit);
        assertThat(body.at("/thinking/budget_tokens").asInt(0)).isEqualTo(budget);
        assertThat(body.has("temperature")).isEqualTo(budget == 0);
    }

    @ParameterizedTest
    @CsvSource({"2048", "99"})
    void prompt_withReasoning_thinksAsTheOperatorsDefaultSays(int limit) throws Exception {
        RequestDefaults defaults = RequestDefaults.parse("{\"thinking\" : {\"type\":\"adaptive\"}}", Set.of());
        ChatRequest chat = new ChatRequest("Hi", null, null, limit, null, true);
        PromptBody body = new PromptBody(dialect, new Prompt(chat, "claude", 1024, "max_tokens", null));
        ApiRequest request = dialect.readPrompt(body.json(body.size()));
        assertThat(MAPPER.readTree(text(request, defaults)).path("thinking"))
                .isEqualTo(MAPPER.readTree("{\"type\":\"adaptive\"}"));
    }

    @Test
    void thinking_ofAClient_isNotReplaced() throws Exception {
        RequestDefaults defaults = RequestDefaults.parse("{\"thinking\":{\"type\":\"adaptive\"}}", Set.of());
        assertThat(sent("{\"model\":\"m\",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}}", defaults))
                .isEqualTo("{\"model\":\"claude\",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}}");
    }

    // ---- Requests.

    @Test
    void request_isSentAsItIs_butForItsModelAndTheDefaults() throws Exception {
        RequestDefaults defaults = RequestDefaults.parse("{\"max_tokens\":99}", Set.of());
        assertThat(sent("{\"model\":\"m\",\"stream\":true,\"messages\":[]}", defaults))
                .isEqualTo("{\"max_tokens\":99,\"model\":\"claude\",\"stream\":true,\"messages\":[]}");
        assertThat(sent("{\"model\":\"m\",\"max_tokens\":1,\"messages\":[]}", defaults))
                .isEqualTo("{\"model\":\"claude\",\"max_tokens\":1,\"messages\":[]}");
    }

    @Test
    void defaults_thatMessagesHaveNot_areLeftOut() throws Exception {
        RequestDefaults defaults = RequestDefaults.parse(
                "{\"max_output_tokens\":1,\"max_completion_tokens\":1,\"n\":1,\"reasoning_effort\":\"low\",\"store\":false,"
                        + "\"frequency_penalty\":1,\"response_format\":{},\"max_tokens\":9,\"of_a_vendor\":1}",
                Set.of());
        assertThat(sent("{\"model\":\"m\"}", defaults))
                .isEqualTo("{\"max_tokens\":9,\"of_a_vendor\":1,\"model\":\"claude\"}");
    }

    @Test
    void defaults_forSamplingAndThinking_areNotAddedBesideTheOther() throws Exception {
        RequestDefaults sampling =
                RequestDefaults.parse("{\"temperature\":0.5,\"top_k\":1,\"top_p\":0.5,\"max_tokens\":9}", Set.of());
        assertThat(sent("{\"thinking\":{\"type\":\"adaptive\"}}", sampling))
                .isEqualTo("{\"model\":\"claude\",\"max_tokens\":9,\"thinking\":{\"type\":\"adaptive\"}}");
        RequestDefaults thinking = RequestDefaults.parse("{\"thinking\":{\"type\":\"adaptive\"}}", Set.of());
        assertThat(sent("{\"temperature\":0.5}", thinking)).isEqualTo("{\"model\":\"claude\",\"temperature\":0.5}");
        assertThat(sent("{\"top_k\":5}", RequestDefaults.parse("{\"temperature\":0.5}", Set.of())))
                .isEqualTo("{\"model\":\"claude\",\"temperature\":0.5,\"top_k\":5}");
    }

    @Test
    void request_isHeldToTheLongestAnswerOfItsPlan() throws Exception {
        LongestAnswer of50 = new LongestAnswer("team", 50);
        ApiRequest silent = read("{\"model\":\"m\"}");
        assertThat(silent.outputTokens()).isNull();
        assertThat(text(silent.limitedTo(of50, "max_completion_tokens"), RequestDefaults.NONE))
                .isEqualTo("{\"max_tokens\":50,\"model\":\"claude\"}");
        ApiRequest modest = read("{\"model\":\"m\",\"max_tokens\":49}");
        assertThat(modest.outputTokens()).isEqualTo(49);
        assertThat(text(modest.limitedTo(of50, "max_tokens"), RequestDefaults.NONE))
                .isEqualTo("{\"model\":\"claude\",\"max_tokens\":49}");
        ApiRequest greedy = read("{\"model\":\"m\",\"max_tokens\":51}");
        assertThat(catchThrowableOfType(InvalidRequestException.class, () -> greedy.limitedTo(of50, "max_tokens"))
                        .failure()
                        .param())
                .isEqualTo("max_tokens");
    }

    @Test
    void tokenCount_isSentWithoutDefaults_andIsNeverAStream() throws Exception {
        byte[] body = "{\"model\":\"m\",\"stream\":true}".getBytes(UTF_8);
        ApiRequest request = new TokenCount().read(body, body.length);
        assertThat(request.streams()).isFalse();
        assertThat(request.outputTokens()).isZero();
        assertThat(request.limitedTo(new LongestAnswer("team", 50), "max_tokens"))
                .isSameAs(request);
        assertThat(text(request, RequestDefaults.parse("{\"max_tokens\":99}", Set.of())))
                .isEqualTo("{\"model\":\"claude\",\"stream\":true}");
    }

    // ---- Errors.

    @ParameterizedTest
    @CsvSource({
        "400, invalid_request_error",
        "401, authentication_error",
        "402, billing_error",
        "403, permission_error",
        "404, not_found_error",
        "405, invalid_request_error",
        "408, invalid_request_error",
        "413, request_too_large",
        "415, invalid_request_error",
        "422, invalid_request_error",
        "429, rate_limit_error",
        "500, api_error",
        "502, api_error",
        "503, overloaded_error",
        "504, timeout_error",
        "529, overloaded_error"
    })
    void failure_hasTheTypeOfItsStatus(int status, String type) {
        assertThat(dialect.error(new Failure(status, "t", "c", "a \"b\"")))
                .isEqualTo("{\"type\":\"error\",\"error\":{\"type\":\"" + type
                        + "\",\"message\":\"a \\\"b\\\"\"},\"request_id\":null}");
    }

    @ParameterizedTest
    @CsvSource({
        "529, overloaded_error, 529",
        "200, overloaded_error, 529",
        "503, api_error, 502",
        "500, api_error, 502",
        "429, rate_limit_error, 429",
        "404, not_found_error, 404",
        "401, authentication_error, 502",
    })
    void refusalOfTheUpstream_hasItsStatus(int theirs, String type, int ours) {
        byte[] body = ("{\"type\":\"error\",\"error\":{\"type\":\"" + type
                        + "\",\"message\":\"no\"},\"request_id\":\"req_1\"}")
                .getBytes(UTF_8);
        ErrorAnswer answer = new ErrorAnswer(theirs, "application/json", null, "7", body);
        Failure failure = dialect.refused(answer, new ProviderWords(List.of()));
        assertThat(failure.status()).isEqualTo(ours);
        assertThat(answer.meantStatus()).isEqualTo(type.equals("overloaded_error") ? 529 : theirs);
    }

    // ---- Models.

    @Test
    void models_areListedAsAnthropicListsThem() {
        ModelList list = ModelList.read("""
                {"data": [{"id": "a", "created": 1700000000}, {"id": "b", "created": 1e99},
                  {"type": "model", "id": "c", "display_name": "See", "created_at": "2025-02-19T00:00:00Z"}]}
                """.getBytes(UTF_8), "o").orElseThrow();
        assertThat(MAPPER.readTree(dialect.models().list(list, name -> null))).isEqualTo(MAPPER.readTree("""
                        {"data": [
                          {"type": "model", "id": "a", "display_name": "a", "created_at": "2023-11-14T22:13:20Z"},
                          {"type": "model", "id": "b", "display_name": "b", "created_at": "1970-01-01T00:00:00Z"},
                          {"type": "model", "id": "c", "display_name": "See", "created_at": "2025-02-19T00:00:00Z"}],
                         "has_more": false, "first_id": "a", "last_id": "c"}
                        """));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, -, 2, a b, true",
                "b, -, 2, c d, true",
                "d, -, 2, e, false",
                "e, -, 2, '', false",
                "-, d, 2, b c, true",
                "-, c, 9, a b, false",
                "-, -, zero, a b c d e, false",
                "-, -, -, a b c d e, false",
                "x, -, 1, a, true",
            })
    void models_areCutIntoPages(
            @Nullable String after, @Nullable String before, @Nullable String limit, String ids, boolean more) {
        ModelList list = ModelList.read(
                        "[{\"id\":\"a\"},{\"id\":\"b\"},{\"id\":\"c\"},{\"id\":\"d\"},{\"id\":\"e\"}]".getBytes(UTF_8),
                        "o")
                .orElseThrow();
        Map<String, @Nullable String> query = new java.util.HashMap<>();
        query.put("after_id", after);
        query.put("before_id", before);
        query.put("limit", limit);
        JsonNode page = MAPPER.readTree(dialect.models().list(list, query::get));
        assertThat(page.path("data")
                        .valueStream()
                        .map(model -> model.path("id").asString())
                        .collect(Collectors.joining(" ")))
                .isEqualTo(ids);
        assertThat(page.path("has_more").asBoolean()).isEqualTo(more);
    }

    private String sent(String body, RequestDefaults defaults) throws Exception {
        return text(read(body), defaults);
    }

    private ApiRequest read(String body) throws InvalidRequestException {
        byte[] bytes = body.getBytes(UTF_8);
        return dialect.read(bytes, bytes.length);
    }

    private static String text(ApiRequest request, RequestDefaults defaults) {
        return request.sentAs("claude", true, defaults).stream()
                .map(part -> UTF_8.decode(part).toString())
                .collect(Collectors.joining());
    }

    private JsonNode written(ChatRequest request, @Nullable String system) {
        PromptBody body = new PromptBody(dialect, new Prompt(request, "claude", 1024, "max_tokens", system));
        return MAPPER.readTree(body.json(body.size()));
    }
}
