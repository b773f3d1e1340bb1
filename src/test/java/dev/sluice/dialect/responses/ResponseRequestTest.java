package dev.sluice.dialect.responses;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.chat.ChatRequest;
import dev.sluice.chat.Failure;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.chat.LongestAnswer;
import dev.sluice.dialect.ApiRequest;
import dev.sluice.dialect.Prompt;
import dev.sluice.dialect.PromptBody;
import dev.sluice.dialect.RequestDefaults;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseRequestTest {
    /** As Codex sends it, by its public source. */
    private static final String CODEX = """
            {"model":"gpt-5-codex","instructions":"You are a coding agent.","input":[{"type":"message","role":"developer",\
            "content":[{"type":"input_text","text":"<permissions/>"}]},{"type":"message","role":"user","content":\
            [{"type":"input_text","text":"fix it"}]},{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gA"},\
            {"type":"function_call","id":"fc_1","call_id":"call_1","name":"shell","arguments":"{}"},\
            {"type":"function_call_output","call_id":"call_1","output":"ok"}],"tools":[{"type":"function","name":"shell",\
            "description":"Runs","strict":false,"parameters":{"type":"object","properties":{"file_id":{"type":"string"},\
            "container":{"type":"string"}}}},{"type":"custom","name":"apply_patch","description":"d","format":{"type":\
            "grammar","syntax":"lark","definition":"x"}},{"type":"web_search"}],"tool_choice":"auto",\
            "parallel_tool_calls":false,"reasoning":{"effort":"medium","summary":"auto"},"store":false,"stream":true,\
            "include":["reasoning.encrypted_content"],"prompt_cache_key":"0199","text":{"verbosity":"medium"}}""";

    @Test
    void store_thatIsAbsentOrNull_isWrittenAsFalse() throws InvalidRequestException {
        assertThat(sent("{\"model\":\"m\",\"input\":\"hi\"}"))
                .isEqualTo("{\"store\":false,\"model\":\"m\",\"input\":\"hi\"}");
        assertThat(sent("{\"model\":\"m\",\"store\" : null ,\"input\":\"hi\"}"))
                .isEqualTo("{\"model\":\"m\",\"store\" : false ,\"input\":\"hi\"}");
        assertThat(sent("{\"store\":false}")).isEqualTo("{\"store\":false}");
    }

    @Test
    void request_ofCodex_passesByteForByte() throws InvalidRequestException {
        assertThat(sent(CODEX)).isEqualTo(CODEX);
    }

    static Iterable<Path> requests() throws Exception {
        return ResponseCapturesTest.captures().stream()
                .map(file -> Path.of(file.toString().replace(".sse", ".request.json")))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("requests")
    void request_recorded_passes(Path file) throws IOException, InvalidRequestException {
        String json = Files.readString(file).strip();
        assertThat(sent(json)).isEqualTo(json.contains("\"store\"") ? json : "{\"store\":false," + json.substring(1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'store':true}                                                                  | store",
                "{'background':true}                                                             | background",
                "{'previous_response_id':'resp_1'}                                               | previous_response_id",
                "{'conversation':'conv_1'}                                                       | conversation",
                "{'conversation':{'id':'conv_1'}}                                                | conversation",
                "{'prompt':{'id':'pmpt_1'}}                                                      | prompt",
                "{'input':[{'type':'item_reference','id':'msg_1'}]}                              | input",
                "{'input':[{'role':'user','content':'a'},{'id':'msg_1'}]}                        | input",
                "{'input':[{'role':'user','content':[{'type':'input_file','file_id':'file-1'}]}]}| input",
                "{'input':[{'role':'user','content':[{'type':'input_image','file_id':'f'}]}]}    | input",
                "{'input':[{'type':'computer_call_output','output':{'file_id':'f'}}]}            | input",
                "{'input':[{'type':'function_call_output','output':[{'file_id':'f'}]}]}          | input",
                "{'input':[{'role':'user','content':'a','container_id':'cntr_1'}]}               | input",
                "{'input':[{'type':'image_generation_call','id':'ig_1'}]}                        | input",
                "{'input':[{'type':'image_generation_call','id':'ig_1','result':null}]}          | input",
                "{'input':[{'type':'item_reference','id':'msg_1','type':'message'}]}             | input",
                "{'input':[{'Type':'item_reference','id':'msg_1','type':'message'}]}             | input",
                "{'input':[{'ID':'msg_1'}]}                                                      | input",
                "{'input':[{'role':'user','content':[{'type':'input_file','File_id':'file-1'}]}]}| input",
                "{'tools':[{'type':'file_search','Vector_Store_IDs':['vs_1']}]}                  | tools",
                "{'tools':[{'type':'file_search','vector_store_ids':['vs_1']}]}                  | tools",
                "{'tools':[{'type':'code_interpreter','container':'cntr_1'}]}                    | tools",
                "{'tools':[{'type':'code_interpreter','container':{'file_ids':['f']}}]}          | tools",
                "{'tools':[{'type':'image_generation','input_image_mask':{'file_id':'f'}}]}      | tools",
            })
    void reference_toWhatTheProviderKeeps_isRefusedUnlessItIsAllowed(String quoted, String param)
            throws InvalidRequestException {
        String json = quoted.replace('\'', '"');
        Failure failure = refusal(json);

        assertThat(failure.status()).isEqualTo(400);
        assertThat(failure.code()).isEqualTo("state_not_allowed");
        assertThat(failure.param()).isEqualTo(param);
        assertThat(failure.message()).contains("sluice.responses.state=allow");
        byte[] body = json.getBytes(UTF_8);
        assertThat(bytes(new Responses(true).read(body, body.length))).isEqualTo(json);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'previous_response_id':null,'conversation':null,'background':false,'prompt':null}",
                "{'input':[{'type':'reasoning','id':'rs_1','encrypted_content':'a'},{'id':'msg_1','role':'assistant',"
                        + "'type':'message','content':[{'type':'output_text','text':'a','annotations':"
                        + "[{'type':'file_citation','file_id':'f'}]}]}]}",
                "{'input':[{'role':'assistant','id':'msg_1','content':'a'}]}",
                "{'input':[{'role':'user','content':[{'type':'input_file','file_data':'data:','file_id':null}]}]}",
                "{'input':[{'type':'image_generation_call','id':'ig_1','status':'completed','result':'iVBO'},"
                        + "{'container_id':'cntr_1','type':'code_interpreter_call','id':'ci_1','code':'1','outputs':[]}]}",
                "{'input':[7,null,'a'],'tools':7}",
                "{'tools':[{'type':'code_interpreter','container':{'type':'auto','file_ids':[]}},"
                        + "{'type':'function','name':'container','parameters':{'file_id':{'a':1}}},null]}",
            })
    void request_withoutSuchAReference_passes(String json) {
        assertThatCode(() -> sent(json.replace('\'', '"'))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "Store, store",
        "BACKGROUND, background",
        "Previous_response_id, previous_response_id",
        "Conversation, conversation",
        "Prompt, prompt",
        "Input, input",
        "ſTore, store",
    })
    void guardedField_inOtherCase_isRefused(String written, String name) {
        Failure failure = refusal("{\"" + written + "\":true}");
        assertThat(failure.param()).isEqualTo(name);
        assertThat(failure.message()).isEqualTo("\"" + name + "\" must be written in lower case.");
    }

    @Test
    void fields_thatAreIllTypedOrRepeated_areRefused() {
        assertThat(refusal("{\"store\":\"no\"}").message()).isEqualTo("\"store\" must be true or false.");
        assertThat(refusal("{\"store\":false,\"store\":false}").code()).isEqualTo("duplicate_field");
        assertThat(refusal("{\"previous_response_id\":null,\"previous_response_id\":\"resp_1\"}")
                        .param())
                .isEqualTo("previous_response_id");
    }

    @Test
    void defaults_thatOnlyCompletionsHave_areLeftOut() throws InvalidRequestException {
        RequestDefaults defaults = RequestDefaults.parse(
                "{\"max_tokens\":7,\"seed\":1,\"max_output_tokens\":9,\"temperature\":0.5,\"of_a_vendor\":1}",
                Set.of());
        byte[] body = "{\"store\":false,\"temperature\":1}".getBytes(UTF_8);

        assertThat(bytes(new Responses(false).read(body, body.length), defaults))
                .isEqualTo("{\"max_output_tokens\":9,\"of_a_vendor\":1,\"store\":false,\"temperature\":1}");
    }

    @Test
    void default_forStore_isForResponsesOnlyIfStateIsAllowed() throws InvalidRequestException {
        RequestDefaults defaults = RequestDefaults.parse("{\"store\":true}", new Responses(false).ownFields());
        byte[] body = "{\"input\":\"a\"}".getBytes(UTF_8);

        assertThat(bytes(new Responses(false).read(body, body.length), defaults))
                .isEqualTo("{\"store\":false,\"input\":\"a\"}");
        assertThat(bytes(new Responses(true).read(body, body.length), defaults))
                .isEqualTo("{\"store\":true,\"input\":\"a\"}");
    }

    @Test
    void longestAnswer_ofAPlan_isWrittenAndHolds() throws InvalidRequestException {
        byte[] silent = "{\"store\":false}".getBytes(UTF_8);
        LongestAnswer longest = new LongestAnswer("team", 100);
        ApiRequest limited = new Responses(false).read(silent, silent.length).limitedTo(longest, "max_tokens");

        assertThat(bytes(limited, RequestDefaults.NONE)).isEqualTo("{\"max_output_tokens\":100,\"store\":false}");
        byte[] long101 = "{\"max_output_tokens\":101}".getBytes(UTF_8);
        ApiRequest request = new Responses(false).read(long101, long101.length);
        assertThat(request.outputTokens()).isEqualTo(101);
        assertThat(catchThrowableOfType(InvalidRequestException.class, () -> request.limitedTo(longest, "max_tokens"))
                        .failure()
                        .param())
                .isEqualTo("max_output_tokens");
    }

    @Test
    void prompt_ofChat_isARequestThatStoresNothing() throws InvalidRequestException {
        ChatRequest chat = new ChatRequest("hi \"you\"", "be kind", null, null, 0.5, true);
        PromptBody body = new PromptBody(new Responses(true), new Prompt(chat, "m", 99, "max_tokens", null));

        assertThat(new String(body.json(body.size()), UTF_8))
                .isEqualTo("{\"model\":\"m\",\"instructions\":\"be kind\",\"input\":\"hi \\\"you\\\"\",\"stream\":true,"
                        + "\"store\":false,\"max_output_tokens\":99,\"temperature\":0.5,"
                        + "\"reasoning\":{\"summary\":\"auto\"}}");
    }

    private static String sent(String json) throws InvalidRequestException {
        byte[] body = json.getBytes(UTF_8);
        return bytes(new Responses(false).read(body, body.length));
    }

    private static String bytes(ApiRequest request) {
        return bytes(request, RequestDefaults.NONE);
    }

    private static String bytes(ApiRequest request, RequestDefaults defaults) {
        StringBuilder sent = new StringBuilder();
        for (ByteBuffer slice : request.sentAs(null, true, defaults)) {
            sent.append(UTF_8.decode(slice));
        }
        return sent.toString();
    }

    private static Failure refusal(String json) {
        return catchThrowableOfType(InvalidRequestException.class, () -> sent(json))
                .failure();
    }
}
