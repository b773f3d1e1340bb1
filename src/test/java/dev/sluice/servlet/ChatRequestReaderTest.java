package dev.sluice.servlet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.sluice.chat.ChatRequest;
import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatRequestReaderTest {
    private static final ChatRequest HI = new ChatRequest("Hi", null, null, null, null, false);

    // ---- JSON

    @ParameterizedTest
    @MethodSource("wellFormed")
    void json_wellFormed_isRead(String body, ChatRequest request) throws InvalidRequestException {
        assertThat(ChatRequestReader.json(bytes(body))).as(body).isEqualTo(request);
    }

    static Stream<Arguments> wellFormed() {
        String nulls =
                "{'prompt':'Hi','system':null,'model':null,'max_tokens':null,'temperature':null,'reasoning':null}";
        return Stream.of(
                arguments("{'prompt':'Hi'}", HI),
                arguments(" \n{ 'prompt' : 'Hi' }\r\n", HI),
                arguments("\uFEFF{'prompt':'Hi'}", HI),
                arguments(nulls, HI),
                arguments(
                        "{'temperature':0.5,'reasoning':true,'max_tokens':7,'model':'m','system':'','prompt':' é😀\\n'}",
                        new ChatRequest(" é😀\n", "", "m", 7, 0.5, true)),
                arguments(
                        "{'prompt':'Hi','temperature':2,'max_tokens':2147483647}",
                        new ChatRequest("Hi", null, null, Integer.MAX_VALUE, 2.0, false)),
                arguments("{'prompt':'Hi','temperature':0e0}", new ChatRequest("Hi", null, null, null, 0.0, false)),
                arguments("{'prompt':'\\ud83d'}", new ChatRequest("\ud83d", null, null, null, null, false)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'prompt':7}                           | prompt      | invalid_value",
                "{'prompt':['private']}                 | prompt      | invalid_value",
                "{'prompt':{'a':'private'}}             | prompt      | invalid_value",
                "{'prompt':true}                        | prompt      | invalid_value",
                "{}                                     | prompt      | missing_prompt",
                "{'prompt':null}                        | prompt      | missing_prompt",
                "{'prompt':''}                          | prompt      | missing_prompt",
                "{'prompt':' \\n\\t'}                   | prompt      | missing_prompt",
                "{'prompt':'private','system':1}        | system      | invalid_value",
                "{'prompt':'private','model':''}        | model       | invalid_value",
                "{'prompt':'private','model':' '}       | model       | invalid_value",
                "{'prompt':'private','model':'a\\nb'}   | model       | invalid_value",
                "{'prompt':'private','model':4}         | model       | invalid_value",
                "{'prompt':'private','max_tokens':0}    | max_tokens  | invalid_value",
                "{'prompt':'private','max_tokens':-1}   | max_tokens  | invalid_value",
                "{'prompt':'private','max_tokens':1.0}  | max_tokens  | invalid_value",
                "{'prompt':'private','max_tokens':'1'}  | max_tokens  | invalid_value",
                "{'max_tokens':2147483648}              | max_tokens  | invalid_value",
                "{'max_tokens':99999999999999999999}    | max_tokens  | invalid_value",
                "{'temperature':2.01}                   | temperature | invalid_value",
                "{'temperature':-0.1}                   | temperature | invalid_value",
                "{'temperature':1e999}                  | temperature | invalid_value",
                "{'temperature':'1'}                    | temperature | invalid_value",
                "{'reasoning':'true'}                   | reasoning   | invalid_value",
                "{'reasoning':1}                        | reasoning   | invalid_value",
                "{'promt':'private'}                    | promt       | unknown_field",
                "{'prompt':'private','messages':[{}]}   | messages    | unknown_field",
                "{'Prompt':'private'}                   | Prompt      | unknown_field",
                "{'prompt':'private','prompt':'x'}      | prompt      | duplicate_field",
                "{'prompt':null,'prompt':'private'}     | prompt      | duplicate_field",
                "{'reasoning':true,'reasoning':true}    | reasoning   | duplicate_field",
            })
    void json_withAFieldAtFault_namesIt(String body, String param, String code) {
        Failure failure = refused(() -> ChatRequestReader.json(bytes(body)));

        assertThat(failure.param()).as(body).isEqualTo(param);
        assertThat(failure.code()).as(body).isEqualTo(code);
        assertThat(failure.message()).contains("\"" + param + "\"").doesNotContain("private");
    }

    @Test
    void model_ofMoreThan256Characters_isRefused() throws InvalidRequestException {
        String longest = "m".repeat(256);

        assertThat(ChatRequestReader.json(bytes("{'prompt':'Hi','model':'" + longest + "'}"))
                        .model())
                .isEqualTo(longest);
        Failure failure = refused(() -> ChatRequestReader.json(bytes("{'prompt':'Hi','model':'" + longest + "m'}")));
        assertThat(failure.param()).isEqualTo("model");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'prompt':'private                    | line 1",
                "{'prompt':'private'                   | line 1, column 20",
                "{'prompt':'private'}}                 | line 1",
                "{'prompt':'private'} private          | line 1",
                "{'prompt':'private'}{'prompt':'b'}    | line 1, column 21",
                "{'prompt':'private',}                 | line 1",
                "{'prompt':private}                    | line 1",
                "{prompt:'private'}                    | line 1",
                "{%'prompt':'Hi',%%private             | line 4",
                "{'prompt':'a%b'}                      | line 1",
                "{'prompt':'\\x'}                      | line 1",
                "{'temperature':NaN}                   | line 1",
                "{'temperature':01}                    | line 1",
            })
    void json_malformed_saysWhereAndRepeatsNothing(String body, String where) {
        Failure failure = refused(() -> ChatRequestReader.json(bytes(body.replace('%', '\n'))));

        assertThat(failure.code()).as(body).isEqualTo("malformed_json");
        assertThat(failure.message()).as(body).contains(where).doesNotContain("private", "NaN");
        assertThat(failure.param()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "null", "[]", "[{'prompt':'private'}]", "'private'", "7"})
    void json_thatIsNoObject_isRefused(String body) {
        Failure failure = refused(() -> ChatRequestReader.json(bytes(body)));

        assertThat(failure.code()).isEqualTo("malformed_json");
        assertThat(failure.message()).contains("must be a JSON object").doesNotContain("private");
    }

    @Test
    void json_inAnotherEncoding_isRefused() {
        for (byte[] body : new byte[][] {
            "{\"prompt\":\"é\"}".getBytes(ISO_8859_1),
            {'{', '"', (byte) 0xc0, (byte) 0x80, '"', ':', '1', '}'},
            {'{', '"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"', ':', '1', '}'},
            "{\"prompt\":\"Hi\"}".getBytes(UTF_16),
        }) {
            assertThat(refused(() -> ChatRequestReader.json(body)).code()).isEqualTo("malformed_text");
        }
    }

    @Test
    void json_withAnUnknownNameOfAnyLength_showsABoundedLine() {
        Failure failure = refused(() -> ChatRequestReader.json(bytes("{'a\\r\\n" + "b".repeat(1000) + "':1}")));

        assertThat(failure.param()).startsWith("a??bbb").hasSizeLessThan(70);
        assertThat(failure.message()).hasSizeLessThan(250).doesNotContain("\r", "\n");
    }

    // ---- forms

    @ParameterizedTest
    @MethodSource("wellFormedForms")
    void form_wellFormed_isRead(String body, ChatRequest request) throws InvalidRequestException {
        assertThat(ChatRequestReader.form(body.getBytes(UTF_8), UTF_8)).as(body).isEqualTo(request);
    }

    static Stream<Arguments> wellFormedForms() {
        return Stream.of(
                arguments("prompt=Hi", HI),
                arguments("&&prompt=Hi&", HI),
                arguments("_csrf=abc&prompt=Hi&_csrf=abc&other", HI),
                arguments("prompt=Hi&system=&model=&max_tokens=&temperature=&reasoning=", HI),
                arguments("%70rompt=H%69", HI),
                arguments("prompt=a+b%2Bc%26d%3De=f%25", with("a b+c&d=e=f%")),
                arguments("prompt=%C3%a9é%F0%9F%98%80%0d%0A", with("éé😀\r\n")),
                arguments(
                        "prompt=Hi&system=Be+brief&model=m&max_tokens=7&temperature=0.5" + "&reasoning=on",
                        new ChatRequest("Hi", "Be brief", "m", 7, 0.5, true)),
                arguments("prompt=Hi&temperature=2", new ChatRequest("Hi", null, null, null, 2.0, false)),
                arguments("prompt=Hi&temperature=1e0", new ChatRequest("Hi", null, null, null, 1.0, false)));
    }

    @ParameterizedTest
    @CsvSource({"true, true", "on, true", "1, true", "True, true", "false, false", "off, false", "0, false", "'', false"
    })
    void form_reasoning_isTyped(String value, boolean wanted) throws InvalidRequestException {
        byte[] body = ("prompt=Hi&reasoning=" + value).getBytes(UTF_8);

        assertThat(ChatRequestReader.form(body, UTF_8).reasoning()).isEqualTo(wanted);
    }

    @ParameterizedTest
    @CsvSource({
        "'',                                prompt,      missing_prompt",
        "prompt,                            prompt,      missing_prompt",
        "prompt=,                           prompt,      missing_prompt",
        "prompt=+%0A,                       prompt,      missing_prompt",
        "Prompt=private,                    prompt,      missing_prompt",
        "prompt=private&prompt=b,           prompt,      duplicate_field",
        "prompt=private&system=&system=,    system,      duplicate_field",
        "prompt=private&reasoning=yes,      reasoning,   invalid_value",
        "prompt=private&max_tokens=1.5,     max_tokens,  invalid_value",
        "prompt=private&max_tokens=0,       max_tokens,  invalid_value",
        "prompt=private&max_tokens=%2B1,    max_tokens,  invalid_value",
        "prompt=private&max_tokens=2147483648,           max_tokens, invalid_value",
        "prompt=private&max_tokens=99999999999999999999, max_tokens, invalid_value",
        "prompt=private&max_tokens=many,    max_tokens,  invalid_value",
        "prompt=private&temperature=NaN,    temperature, invalid_value",
        "prompt=private&temperature=0x1,    temperature, invalid_value",
        "prompt=private&temperature=1d,     temperature, invalid_value",
        "prompt=private&temperature=2.1,    temperature, invalid_value",
        "prompt=private&temperature=-1,     temperature, invalid_value",
        "prompt=private&model=%00,          model,       invalid_value",
        "prompt=private&model=+,            model,       invalid_value",
    })
    void form_withAFieldAtFault_namesIt(String body, String param, String code) {
        Failure failure = refused(() -> ChatRequestReader.form(body.getBytes(UTF_8), UTF_8));

        assertThat(failure.param()).as(body).isEqualTo(param);
        assertThat(failure.code()).as(body).isEqualTo(code);
        assertThat(failure.message()).doesNotContain("private");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"prompt=%", "prompt=%4", "prompt=%zz", "prompt=a%4&x=1", "x=%4g&prompt=Hi", "%=1&prompt=Hi"})
    void form_withAPercentFault_isRefused(String body) {
        Failure failure = refused(() -> ChatRequestReader.form(body.getBytes(UTF_8), UTF_8));

        assertThat(failure.code()).as(body).isEqualTo("malformed_form");
        assertThat(failure.message()).contains("byte " + body.indexOf('%'));
    }

    @ParameterizedTest
    @ValueSource(strings = {"prompt=%ff", "prompt=%C3", "prompt=%C0%80", "prompt=Hi&x=%ff"})
    void form_withMalformedText_isRefused(String body) {
        assertThat(refused(() -> ChatRequestReader.form(body.getBytes(UTF_8), UTF_8))
                        .code())
                .isEqualTo("malformed_text");
    }

    @Test
    void form_withACharset_honoursIt() throws InvalidRequestException {
        byte[] body = "prompt=%E9é".getBytes(ISO_8859_1);

        assertThat(ChatRequestReader.form(body, ISO_8859_1).prompt()).isEqualTo("éé");
    }

    @Test
    void parameters_readBySomebodyElse_areTypedAlike() throws InvalidRequestException {
        Map<String, String> values =
                Map.of("prompt", "Hi", "max_tokens", " 7 ", "reasoning", "on", "model", "", "_csrf", "x");

        assertThat(ChatRequestReader.parameters(values::get))
                .isEqualTo(new ChatRequest("Hi", null, null, 7, null, true));
        assertThat(refused(() -> ChatRequestReader.parameters(Map.of("temperature", "hot")::get))
                        .param())
                .isEqualTo("temperature");
        assertThat(refused(() -> ChatRequestReader.parameters(name -> null)).param())
                .isEqualTo("prompt");
    }

    // ---- text

    @Test
    void text_ofAnyKind_isThePrompt() throws InvalidRequestException {
        assertThat(ChatRequestReader.text("Hi".getBytes(UTF_8), UTF_8)).isEqualTo(HI);
        assertThat(ChatRequestReader.text("\uFEFFHi".getBytes(UTF_8), UTF_8)).isEqualTo(HI);
        assertThat(ChatRequestReader.text("{\"a\":1}&%\n é😀".getBytes(UTF_8), UTF_8))
                .isEqualTo(with("{\"a\":1}&%\n é😀"));
        assertThat(ChatRequestReader.text("é".getBytes(ISO_8859_1), ISO_8859_1)).isEqualTo(with("é"));
        assertThat(ChatRequestReader.text("é".getBytes(UTF_16), UTF_16)).isEqualTo(with("é"));
    }

    @Test
    void text_thatIsBlankOrMalformed_isRefused() {
        assertThat(refused(() -> ChatRequestReader.text(new byte[0], UTF_8)).param())
                .isEqualTo("prompt");
        assertThat(refused(() -> ChatRequestReader.text(bytes(" \n"), UTF_8)).param())
                .isEqualTo("prompt");
        assertThat(refused(() -> ChatRequestReader.text("é".getBytes(ISO_8859_1), UTF_8))
                        .code())
                .isEqualTo("malformed_text");
    }

    // ---- the exception

    @Test
    void refusal_ofARequest_carriesNoStackTrace() {
        InvalidRequestException thrown =
                catchThrowableOfType(InvalidRequestException.class, () -> ChatRequestReader.json(new byte[0]));

        assertThat(thrown.getStackTrace()).isEmpty();
        assertThat(thrown).hasMessage(thrown.failure().message()).hasNoCause();
    }

    private static Failure refused(ThrowingCallable reading) {
        InvalidRequestException thrown = catchThrowableOfType(InvalidRequestException.class, reading);
        assertThat(thrown).as("the request was taken").isNotNull();
        Failure failure = thrown.failure();
        assertThat(failure.status()).isEqualTo(400);
        assertThat(failure.type()).isEqualTo("invalid_request_error");
        return failure;
    }

    private static ChatRequest with(String prompt) {
        return new ChatRequest(prompt, null, null, null, null, false);
    }

    private static byte[] bytes(String singleQuoted) {
        return singleQuoted.replace('\'', '"').getBytes(UTF_8);
    }
}
