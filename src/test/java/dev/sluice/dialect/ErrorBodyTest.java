package dev.sluice.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.sluice.chat.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorBodyTest {
    private static final String SECRET = "local-secret-0123456789";
    private static final ProviderWords WORDS = new ProviderWords(List.of("another-secret", SECRET));

    @ParameterizedTest
    @CsvSource({
        "400, 400, invalid_request_error",
        "404, 404, invalid_request_error",
        "422, 422, invalid_request_error",
        "429, 429, rate_limit_error",
        "204, 502, upstream_error",
        "302, 502, upstream_error",
        "402, 402, billing_error",
        "408, 502, upstream_error",
        "409, 502, upstream_error",
        "413, 413, invalid_request_error",
        "500, 502, upstream_error",
        "503, 502, upstream_error",
        "529, 502, upstream_error",
        "200, 502, upstream_error",
    })
    void status_ofTheUpstream_becomesOurs(int upstream, int ours, String type) {
        Failure failure = read(upstream, "{'error':{'message':'Because of that.','type':'x','code':'some_code'}}");

        assertThat(failure.status()).isEqualTo(ours);
        assertThat(failure.type()).isEqualTo(type);
        assertThat(failure.code()).isEqualTo("some_code");
        assertThat(failure.message()).contains("answered " + upstream).endsWith(": Because of that.");
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void body_ofAnyShape_givesItsWords(String body, String words) {
        assertThat(read(500, body).message()).as(body).isEqualTo("The upstream answered 500" + words);
    }

    static Stream<Arguments> bodies() {
        String nothing = " without a readable reason.";
        return Stream.of(
                arguments("{'error':{'message':'m','type':'t','param':null,'code':null}}", ": m"),
                arguments("{'code':'Some sentence','error':'xAI says'}", ": xAI says"),
                arguments("{'error':'Input validation error','error_type':'validation'}", ": Input validation error"),
                arguments("{'detail':'Not Found'}", ": Not Found"),
                arguments("{'detail':[{'loc':['body','n'],'msg':'field required','type':'v'}]}", ": field required"),
                arguments("{'detail':{'message':'nested'}}", ": nested"),
                arguments("{'object':'error','message':'old vLLM','type':'B','code':404}", ": old vLLM"),
                arguments("{'message':'plain'}", ": plain"),
                arguments("[{'error':{'code':400,'message':'Google','status':'INVALID_ARGUMENT'}}]", ": Google"),
                arguments("{'error':{'code':503,'message':'m','metadata':{'message':'raw'}},'user_id':'u'}", ": m"),
                arguments("{'error':{'message':'cut','type':'t','par", ": cut"),
                arguments("{'error':{'message':'cut in the mid", ": {\"error\":{\"message\":\"cut in the mid"),
                arguments("{'unheard':'of'}", ": {\"unheard\":\"of\"}"),
                arguments("upstream request\r\n\ttimeout\n", ": upstream request timeout"),
                arguments("{'error':{'message':'a\\u0000b\\u001b[31m\\r\\nc\\u2028d'}}", ": a b [31m c d"),
                arguments("", nothing),
                arguments(" \n", nothing),
                arguments("<html><body>502 Bad Gateway</body></html>", nothing),
                arguments("\n<!DOCTYPE html>", nothing),
                arguments("\u0000\u0001binary", nothing),
                arguments("{'error':{}}", ": {\"error\":{}}"));
    }

    @Test
    void body_thatIsNoText_isNotQuoted() {
        Failure failure = ErrorBody.read(500, null, null, null, new byte[] {(byte) 0xff, 'a'}, WORDS);

        assertThat(failure.message()).isEqualTo("The upstream answered 500 without a readable reason.");
    }

    @Test
    void parameter_atFault_isNamed() {
        Failure failure = read(400, "{'error':{'message':'m','param':'messages[0].content','code':400}}");

        assertThat(failure.param()).isEqualTo("messages[0].content");
        assertThat(failure.code()).isEqualTo("upstream_400");
        assertThat(read(400, "{'error':{'message':'m','param':'two words'}}").param())
                .isNull();
    }

    @Test
    void body_ofEndlessWords_isBounded() {
        Failure failure = read(500, "{'error':{'message':'" + "😀".repeat(50_000) + "'}}");

        assertThat(failure.message()).hasSizeBetween(900, 1100).endsWith("😀…");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "401, {'error':{'message':'Incorrect API key provided: sk-abcd*******wxyz'}}",
                "403, {'code':'permission-denied','error':'Team sk-abcd*******wxyz has no credits'}",
                "401, <html>sk-abcd*******wxyz</html>",
                "400, {'code':'Client specified an invalid argument'%'error':'Incorrect API key provided: xa***wxyz'}",
                "400, [{'error':{'code':400%'message':'API key not valid. wxyz'%'status':'INVALID_ARGUMENT'}}]",
                "400, {'error':{'message':'wxyz'%'code':'invalid_api_key'}}",
                "200, {'error':'Invalid API-key wxyz'}",
                "500, {'error':{'type':'authentication_error'%'message':'wxyz'}}",
                "422, {'detail':'You did not provide an API key wxyz'}",
            })
    void complaint_aboutOurKey_isToldInOurWords(int status, String body) {
        Failure failure = read(status, body.replace('%', ','));

        assertThat(failure.status()).isEqualTo(502);
        assertThat(failure.type()).isEqualTo("upstream_error");
        assertThat(failure.code()).isEqualTo("upstream_key_refused");
        assertThat(failure.message())
                .contains(String.valueOf(status), "sluice.upstream.key")
                .doesNotContain("wxyz", "abcd", "xa*", "credits");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "the key " + SECRET + " is in here",
                "xai-AbCdEf0123456789AbCdEf",
                "see sk-proj-abc_DEF-0123456789",
                "Authorization: Bearer abcdef",
                "key gsk_0123456789abcdef",
                "AIzaSyA0123456789",
                "token eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.abc",
                "masked sk-ab***************yz.",
                "masked xa***yz",
            })
    void words_withAKey_areRedacted(String words) {
        for (int status : new int[] {200, 400, 429, 500}) {
            String message =
                    read(status, "{'error':{'message':'" + words + "'}}").message();

            assertThat(message).as(message).contains("[redacted]");
            assertThat(message)
                    .as(message)
                    .doesNotContain(SECRET, "0123456789", "abcdef", "eyJ", "sk-", "xa*", "***", "yz");
        }
        assertThat(read(500, words).message()).as("as plain text").contains("[redacted]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "The model grok-4-fast-reasoning does not exist",
                "max_tokens must be at least 1; task-force key-value",
                "Rate limit reached for gpt-4o in organization org-abc on tokens per min",
                "**bold** words",
            })
    void words_withoutAKey_areLeftAlone(String words) {
        assertThat(read(400, "{'error':{'message':'" + words + "'}}").message()).endsWith(": " + words);
    }

    @Test
    void secret_aroundTheBound_leavesNoPiece() {
        for (int before = 940; before < 1010; before++) {
            String message = read(500, "{'error':'" + "x ".repeat(before / 2) + SECRET + "'}")
                    .message();

            assertThat(message).doesNotContain("local-");
        }
    }

    @Test
    void answer_thatIsNoStreamAndNoError_namesItsContentType() {
        String completion = "{'choices':[{'message':{'content':'private'}}]}";

        Failure json = read(200, "application/json; charset=utf-8", null, completion);
        Failure html = read(200, "text/html", null, "<html>private</html>");
        Failure none = read(200, null, null, "private");

        assertThat(json.message()).contains("with application/json; charset=utf-8 instead of the answer");
        assertThat(html.message()).contains("with text/html instead of the answer");
        assertThat(none.message()).contains("with no content type instead of the answer");
        for (Failure failure : new Failure[] {json, html, none}) {
            assertThat(failure.status()).isEqualTo(502);
            assertThat(failure.code()).isEqualTo("upstream_no_event_stream");
            assertThat(failure.message()).doesNotContain("private");
        }
    }

    @Test
    void answer_200ThatIsXaisTimeout_is502WithACode() {
        Failure failure = read(
                200, "{'code':'The service is currently unavailable','error':'Timed out waiting for first token'}");

        assertThat(failure)
                .isEqualTo(new Failure(
                        502,
                        "upstream_error",
                        "upstream_timeout",
                        "The upstream answered 200, but with an error: Timed out waiting for first token"));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "{'error':{'message':'m'%'code':429}}, 429, 429",
                "{'error':{'message':'m'%'code':'429'}}, 429, 429",
                "{'error':{'message':'m'%'code':'rate_limit_exceeded'%'type':'tokens'}}, 429, 429",
                "{'error':{'message':'m'%'code':'insufficient_quota'}}, 429, 429",
                "{'error':{'message':'m'%'code':402}}, 402, 402",
                "{'error':{'message':'m'%'code':404}}, 404, 404",
                "{'error':{'message':'m'%'code':'model_not_found'%'type':'invalid_request_error'}}, 404, 404",
                "{'error':{'message':'m'%'code':413}}, 413, 413",
                "{'error':{'message':'m'%'code':null%'type':'invalid_request_error'}}, 400, 400",
                "{'error':{'message':'m'%'type':'BadRequestError'}}, 400, 400",
                "{'error':{'message':'m'%'code':400%'type':'exceed_context_size_error'}}, 400, 400",
                "[{'error':{'code':429%'message':'m'%'status':'RESOURCE_EXHAUSTED'}}], 429, 429",
                "{'error':{'message':'m'%'status':'INVALID_ARGUMENT'}}, 400, 400",
                "{'object':'error'%'message':'m'%'code':404}, 404, 404",
                "{'code':'Client specified an invalid argument'%'error':'m'}, 400, 400",
                "{'error':{'message':'m'%'code':503}}, 502, 503",
                "{'error':{'message':'m'%'code':502}}, 502, 502",
                "{'error':{'message':'m'%'code':'odd'}}, 502, 200",
                "{'error':{'message':'m'%'code':418}}, 502, 418",
                "{'error':{'message':'m'%'code':4290}}, 502, 200",
            })
    void error_with200_isTheStatusOfItsCode(String body, int ours, int meant) {
        String json = body.replace('%', ',');

        assertThat(read(200, json).status()).isEqualTo(ours);
        assertThat(read(200, json).message()).isEqualTo("The upstream answered 200, but with an error: m");
        assertThat(ErrorBody.meantStatus(200, json.replace('\'', '"').getBytes(UTF_8)))
                .isEqualTo(meant);
        assertThat(inStream(json).status()).as("as a stream's first event").isEqualTo(ours);
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void code_aboutOurKeyWith200_isToldInOurWords(int code) {
        Failure failure = read(200, "{'error':{'message':'wxyz','code':" + code + "}}");

        assertThat(failure.status()).isEqualTo(502);
        assertThat(failure.code()).isEqualTo("upstream_key_refused");
        assertThat(failure.message()).doesNotContain("wxyz");
    }

    @Test
    void fields_besideTheCommonOnes_reachTheClient() {
        Failure llama = read(
                400,
                "{'error':{'code':400,'message':'too long','type':'exceed_context_size_error','n_prompt_tokens':4121,'n_ctx':4096}}");
        Failure router = read(
                429,
                "{'error':{'message':'Provider returned error','code':429,'metadata':{'raw':'slow down, says "
                        + SECRET
                        + "','provider_name':'P','x':[1,null,true]}},'user_id':'u'}");

        assertThat(llama.code()).isEqualTo("exceed_context_size_error");
        assertThat(llama.details()).isEqualTo("\"n_prompt_tokens\":4121,\"n_ctx\":4096");
        assertThat(router.message())
                .isEqualTo("The upstream answered 429: Provider returned error: slow down, says [redacted]");
        assertThat(router.details())
                .isEqualTo("\"metadata\":{\"raw\":\"slow down, says [redacted]\",\"provider_name\":\"P\","
                        + "\"x\":[1,null,true]}");
    }

    @Test
    void wordsOfAProviderBehindTheProvider_withoutAMessage_areTheMessage() {
        Failure failure = read(429, "{'error':{'code':429,'metadata':{'raw':'slow down'}}}");

        assertThat(failure.message()).isEqualTo("The upstream answered 429: slow down");
    }

    @Test
    void fields_thatAreOddOrTooLarge_areLeftOut() {
        Failure failure = read(
                400, "{'error':{'message':'m','two words':1,'big':'" + "x".repeat(20_000) + "','n_ctx':1,'cut':{'a':");

        assertThat(failure.message()).endsWith(": m");
        assertThat(failure.details()).isEqualTo("\"n_ctx\":1");
    }

    @Test
    void complaint_aboutAKeyBehindTheProvider_isToldInOurWords() {
        Failure failure = read(
                400, "{'error':{'message':'Provider returned error','metadata':{'raw':'Incorrect API key: wxyz'}}}");

        assertThat(failure.code()).isEqualTo("upstream_key_refused");
        assertThat(failure.details()).isNull();
    }

    @Test
    void secret_ofFewCharacters_tearsNoWordsApart() {
        ProviderWords shorts = new ProviderWords(List.of("x", "1234567"));
        byte[] body = "{\"error\":{\"message\":\"max context is 1234567\"}}".getBytes(UTF_8);

        assertThat(ErrorBody.read(400, null, null, null, body, shorts).message())
                .endsWith(": max context is 1234567");
        assertThat(shorts.isSecretIn("x-ray")).isFalse();
        assertThat(new ProviderWords(List.of("12345678")).isSecretIn("a12345678z"))
                .isTrue();
    }

    @Test
    void wait_inMilliseconds_comesBeforeTheOneInSeconds() {
        byte[] none = {};

        assertThat(ErrorBody.read(429, null, "1234", "7", none, WORDS).retryAfter())
                .isEqualTo(Duration.ofMillis(1234));
        assertThat(ErrorBody.read(429, null, "12.5", null, none, WORDS).retryAfter())
                .isEqualTo(Duration.ofMillis(13));
        assertThat(ErrorBody.read(429, null, "soon", "7", none, WORDS).retryAfter())
                .isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void answer_200ThatIsAnErrorWithoutWords_isAnError() {
        assertThat(read(200, "{'error':{}}").message())
                .isEqualTo("The upstream answered 200, but with an error without a readable reason.");
        assertThat(read(200, "{'error':null}").code()).isEqualTo("upstream_no_event_stream");
    }

    @Test
    void limit_withRetryAfter_saysWhen() {
        Duration seven = Duration.ofSeconds(7);

        assertThat(read(429, null, "7", "{}").retryAfter()).isEqualTo(seven);
        assertThat(read(503, null, "7", "{}").retryAfter()).isEqualTo(seven);
        assertThat(read(429, null, null, "{}").retryAfter()).isNull();
        assertThat(read(400, null, "7", "{}").retryAfter()).isNull();
    }

    @Test
    void llamacpp_error400_keepsItsStatusAndWords() throws IOException {
        Failure failure =
                ErrorBody.read(400, "application/json", null, null, capture("llamacpp-error-400.json"), WORDS);

        assertThat(failure.status()).isEqualTo(400);
        assertThat(failure.type()).isEqualTo("invalid_request_error");
        assertThat(failure.code()).isEqualTo("upstream_400");
        assertThat(failure.message())
                .startsWith("The upstream answered 400: [json.exception.parse_error.101] parse error at line 1");
    }

    @Test
    void llamacpp_error401_is502() throws IOException {
        Failure failure =
                ErrorBody.read(401, "application/json", null, null, capture("llamacpp-error-401.json"), WORDS);

        assertThat(failure.status()).isEqualTo(502);
        assertThat(failure.code()).isEqualTo("upstream_key_refused");
    }

    @Test
    void llamacpp_answerWithoutStream_isNoEventStream() throws IOException {
        Failure failure =
                ErrorBody.read(200, "application/json", null, null, capture("llamacpp-nonstream.json"), WORDS);

        assertThat(failure.code()).isEqualTo("upstream_no_event_stream");
    }

    private static Failure read(int status, String body) {
        return read(status, "application/json", null, body);
    }

    private static Failure read(int status, @Nullable String contentType, @Nullable String retryAfter, String body) {
        return ErrorBody.read(
                status, contentType, null, retryAfter, body.replace('\'', '"').getBytes(UTF_8), WORDS);
    }

    private static Failure inStream(String event) {
        byte[] data = event.replace('\'', '"').getBytes(UTF_8);
        return ErrorBody.inStream(ProviderError.inBody(data), WORDS);
    }

    private static byte[] capture(String name) throws IOException {
        try (InputStream in = ErrorBodyTest.class.getResourceAsStream("/captures/" + name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        }
    }
}
