package dev.sluice.dialect.openai;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.dialect.ProviderWords;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkReaderTest {
    private static final String SECRET = "local-secret-0123456789";

    private final ChunkReader reader = new ChunkReader(new ProviderWords(List.of(SECRET)));
    private final Heard heard = new Heard();

    @ParameterizedTest
    @MethodSource("events")
    void event_ofAnyShape_tellsWhatItSays(String data, List<String> calls) {
        read(data);

        assertThat(heard.calls).as(data).isEqualTo(calls);
    }

    static Stream<Arguments> events() {
        return Stream.of(
                // the end
                says("[DONE]", "done"),
                says(" [DONE]\n", "done"),
                says(""),
                says(" \r\n\t "),
                // text
                says(choice("'index':0,'delta':{'content':'Hi'}"), "choice 0", "content Hi"),
                says(choice("'delta':{'content':'Hi'}"), "choice 0", "content Hi"),
                says(choice("'index':null,'delta':{'content':'Hi'}"), "choice 0", "content Hi"),
                says(choice("'index':0,'delta':{}"), "choice 0"),
                says(choice("'index':0,'delta':null"), "choice 0"),
                says(choice("'index':0,'delta':{'content':'','role':'assistant'}"), "choice 0"),
                says(choice("'index':0,'delta':{'content':null,'refusal':null}"), "choice 0"),
                says(choice("'index':0,'delta':{'content':7}"), "choice 0"),
                says(choice("'index':0,'delta':{'refusal':'I will not'}"), "choice 0", "content I will not"),
                says(choice("'delta':{'content':' \\u00e9\\ud83d\\ude00\\n'}"), "choice 0", "content  é😀\n"),
                says(choice("'delta':{'content':'\\ud83d'}"), "choice 0", "content \ud83d"),
                says(choice("'text':'old','message':{'content':'whole'}"), "choice 0"),
                // Mistral's parts
                says(
                        choice(
                                "'delta':{'content':[{'type':'thinking','thinking':[{'type':'text','text':'ah'},"
                                        + "{'type':'text','text':'ah'}]},{'type':'text','text':'Yes'},{'type':'x','x':[1]},2]}"),
                        "choice 0",
                        "reasoning ahah",
                        "content Yes"),
                // thoughts
                says(choice("'delta':{'reasoning_content':'Hm'}"), "choice 0", "reasoning Hm"),
                says(choice("'delta':{'reasoning':'Hm'}"), "choice 0", "reasoning Hm"),
                says(choice("'delta':{'reasoning':{'a':1}}"), "choice 0"),
                says(choice("'delta':{'reasoning':'Hm','reasoning_content':'Hm'}"), "choice 0", "reasoning Hm"),
                says(choice("'delta':{'reasoning_content':'Hm','reasoning':'Ah'}"), "choice 0", "reasoning HmAh"),
                says(
                        choice("'delta':{'content':'Yes','reasoning_content':'Hm'}"),
                        "choice 0",
                        "reasoning Hm",
                        "content Yes"),
                // ends
                says(choice("'delta':{},'finish_reason':'stop'"), "choice 0", "finished 0 stop"),
                says(choice("'delta':{},'finish_reason':null"), "choice 0"),
                says(choice("'delta':{},'finish_reason':''"), "choice 0"),
                says(choice("'delta':{},'finish_reason':{'a':[]}"), "choice 0"),
                says(
                        choice("'finish_reason':'length','delta':{'content':'end'}"),
                        "choice 0",
                        "content end",
                        "finished 0 length"),
                says(
                        choice("'finish_reason':'error','delta':{'content':'half'}"),
                        "choice 0",
                        "content half",
                        "failed 502 upstream_error"),
                // several choices, and the index after the text
                says(choice("'delta':{'content':'other'},'index':1"), "choice 1"),
                says(
                        choice("'delta':{'content':'other','reasoning':'x'},'finish_reason':'stop','index':2"),
                        "choice 2",
                        "finished 2 stop"),
                says(
                        choice("'delta':{'content':'b','reasoning':'t'},'index':1},"
                                + "{'finish_reason':'stop','delta':{'content':'a','reasoning':'t'},'index':0"),
                        "choice 1",
                        "choice 0",
                        "reasoning t",
                        "content a",
                        "finished 0 stop"),
                says(
                        choice("'delta':{'reasoning':'t'}},{'delta':{'reasoning':'t'}"),
                        "choice 0",
                        "choice 0",
                        "reasoning tt"),
                says(choice("'index':-1,'delta':{}"), "choice 0"),
                // tools
                says(
                        choice("'delta':{'tool_calls':[{'index':0,'function':{'arguments':'{}'}}]}"),
                        "choice 0",
                        "toolCall"),
                says(
                        choice("'delta':{'tool_calls':[[],1,{'a':[2]}],'content':'x'}"),
                        "choice 0",
                        "content x",
                        "toolCall"),
                says(choice("'delta':{'tool_calls':[]}"), "choice 0"),
                says(choice("'delta':{'tool_calls':null,'function_call':null}"), "choice 0"),
                says(choice("'delta':{'function_call':{'name':'f'}}"), "choice 0", "toolCall"),
                // usage
                says("{'choices':[],'usage':null}"),
                says("{'choices':[],'usage':{}}", "usage 0+0+0=0"),
                says(
                        "{'usage':{'prompt_tokens':555,'completion_tokens':29,'total_tokens':709,"
                                + "'completion_tokens_details':{'audio_tokens':0,'reasoning_tokens':125}}}",
                        "usage 555+29+125=709"),
                says(
                        "{'usage':{'prompt_tokens':null,'completion_tokens':'9','total_tokens':99999999999999999999,"
                                + "'completion_tokens_details':null}}",
                        "usage 0+0+0=0"),
                says("{'x_groq':{'id':'a','usage':{'prompt_tokens':1,'total_tokens':2}}}", "usage 1+0+0=2"),
                says("{'usage':{'total_tokens':1},'x_groq':{'usage':{'total_tokens':2}}}", "usage 0+0+0=1"),
                says("{'x_groq':{'usage':{'total_tokens':2}},'usage':{'total_tokens':1}}", "usage 0+0+0=1"),
                says("{'x_groq':null}"),
                says("{'x_groq':{'usage':{'total_tokens':2}},'choices':[{'usage':null}]}", "choice 0", "usage 0+0+0=2"),
                says(
                        choice("'index':1,'usage':{'total_tokens':2}},{'index':2,'usage':null"),
                        "choice 1",
                        "choice 2",
                        "usage 0+0+0=2"),
                says(
                        "{'choices':[],'usage':{'total_tokens':2},'error':'broken'}",
                        "usage 0+0+0=2",
                        "failed 502 upstream_error"),
                says(
                        choice("'delta':{},'finish_reason':'stop','usage':{'total_tokens':3}"),
                        "choice 0",
                        "finished 0 stop",
                        "usage 0+0+0=3"),
                // what is not meant for us
                says("{}"),
                says("{'choices':null}"),
                says("{'choices':{'delta':{'content':'x'}}}"),
                says("{'choices':[1,[{'delta':{'content':'x'}}],null]}"),
                says(
                        "{'prompt_filter_results':[{'a':{'b':[{}]}}],'obfuscation':'xx','object':'chat.completion.chunk'}"),
                // what reads like an error
                says("{'detail':'m'}", "complained 502 upstream_error"),
                says("{'code':'busy','message':'m'}", "complained 502 busy"),
                says("{'error_type':'t','error_message':'m'}", "complained 502 upstream_error"),
                says("[{'error':{'code':'busy','message':'m'}}]", "complained 502 busy"),
                says("{'code':0,'message':''}"),
                says("{'message':'m'}"),
                says("{'choices':[],'code':'busy','message':'m'}"),
                // errors
                says(
                        choice("'delta':{'content':'a'},'error':{'code':'busy','message':'m'}"),
                        "choice 0",
                        "content a",
                        "failed 502 busy"),
                says(choice("'delta':{},'error':{}"), "choice 0"),
                says("{'choices':[],'error':{}}"),
                says("{'choices':[],'error':{'code':0,'message':''}}"),
                says("{'choices':[],'error':true}", "failed 502 upstream_error"),
                says("{'choices':[],'object':'error'}", "failed 502 upstream_error"),
                says("{'error':null}"),
                says("{'error':false}"),
                says("{'error':''}"),
                says("{'error':0}"),
                says("{'error':{'message':'m','type':'t','param':null,'code':null}}", "failed 502 upstream_error"),
                says("{'error':{}}", "failed 502 upstream_error"),
                says("{'error':true}", "failed 502 upstream_error"),
                says("{'error':'broken'}", "failed 502 upstream_error"),
                says("{'error':{'message':'m','code':'overloaded'}}", "failed 502 overloaded"),
                says("{'error':{'message':'m','code':503}}", "failed 502 upstream_503"),
                says("{'object':'error','message':'m','code':400}", "failed 400 upstream_400"),
                says(
                        "{'code':'The service is currently unavailable',"
                                + "'error':'Timed out waiting for first token'}",
                        "failed 502 upstream_timeout"),
                says(
                        "{'error':{'code':'server_error','message':'Provider disconnected'},'choices':"
                                + "[{'index':0,'delta':{'content':'last words'},'finish_reason':'stop'}]}",
                        "choice 0",
                        "content last words",
                        "failed 502 server_error"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[DONE",
                "DONE",
                "[DONE] [DONE]",
                "null",
                "\"text\"",
                "[]",
                "[{\"choices\":[]}]",
                "<html>private</html>",
                "{",
                "{\"choices\":[{\"delta\":{\"content\":\"private",
                "{\"choices\":[{\"delta\":{\"content\":\"private\"}}]",
                "{\"choices\":[{\"delta\":{\"content\":\"private\"},\"finish_reason\":\"stop\"}],\"usage\":{}",
                "{\"choices\":[{\"delta\":{\"content\":\"private\"}}]}}",
                "{\"choices\":[{\"delta\":{\"content\":\"private\"}}]}{}",
                "{\"choices\":[{\"delta\":{\"content\":\"private\"}}]}\n{\"choices\":[]}",
                "{\"choices\":[{\"delta\":{\"content\":\"private\"}}],}",
                "{\"error\":{\"message\":\"private\"",
                "{\"choices\":[{\"index\":99999999999,\"delta\":{\"content\":\"private\"}}]}",
                "{\"choices\":[{\"delta\":{\"content\":\"priv\nate\"}}]}",
                "{'choices':[]}",
                "{\"a\":NaN}",
            })
    void event_illFormed_tellsOnlyThatItIs(String data) {
        read(data.getBytes(StandardCharsets.UTF_8));

        assertThat(heard.calls).as(data).containsExactly("unreadable 502 bad_chunk");
        assertThat(failure().message()).contains("event of").doesNotContain("private", "html", "DONE");
    }

    @Test
    void event_nestedBeyondReason_isUnreadable() {
        read("{'a':" + "[".repeat(1000) + "]".repeat(1000) + "}");

        assertThat(heard.calls).containsExactly("unreadable 502 bad_chunk");
    }

    @Test
    void event_afterAnIllFormedOne_startsAfresh() {
        read(choice("'delta':{'content':'lost'},'finish_reason':'stop'") + "]");
        heard.calls.clear();

        read(choice("'delta':{'content':'kept'}"));

        assertThat(heard.calls).containsExactly("choice 0", "content kept");
    }

    @Test
    void event_afterAnError_startsAfresh() {
        read("{'error':'broken'}");
        read("{'error':'ill-formed'");
        heard.calls.clear();

        read(choice("'delta':{'content':'kept'}"));

        assertThat(heard.calls).containsExactly("choice 0", "content kept");
    }

    @Test
    void event_afterAListenerThrew_startsAfresh() {
        Heard refusing = new Heard() {
            @Override
            public void choice(int index) {
                throw new IllegalStateException("gone");
            }
        };
        byte[] first = json(choice("'delta':{'content':'lost'}"));
        assertThatThrownBy(() -> reader.read(first, 0, first.length, refusing)).hasMessage("gone");

        read(choice("'delta':{'content':'kept'}"));

        assertThat(heard.calls).containsExactly("choice 0", "content kept");
    }

    @Test
    void event_inTheMiddleOfABuffer_isReadWithinItsBounds() {
        String event = choice("'delta':{'content':'é'}").replaceFirst("}$", ",'usage':{ 'total_tokens' : 4 }}");
        byte[] data = json("{é'" + event + "}}]");
        int before = "{é\"".getBytes(StandardCharsets.UTF_8).length;

        reader.read(data, before, data.length - before - 3, heard);

        assertThat(heard.calls).containsExactly("choice 0", "content é", "usage 0+0+0=4");
        assertThat(usage().json()).isEqualTo("{ \"total_tokens\" : 4 }");
    }

    @Test
    void usage_withFieldsUnknownToUs_isKeptByteForByte() {
        String usage = "{\"prompt_tokens\":1,\"cost\":1.50e-3,\"more\":{\"é\":[null,\"}\"]},\"total_tokens\":2}";

        read(("{\"usage\": " + usage + " ,\"x\":1}").getBytes(StandardCharsets.UTF_8));

        assertThat(usage().json()).isEqualTo(usage);
    }

    @Test
    void content_ofAMegabyte_arrivesWholeAndLeavesNoTrace() {
        String big = "0123456789é😀".repeat(80_000);

        read(choice("'delta':{'content':'" + big + "'}"));
        read(choice("'delta':{'content':'small'}"));

        assertThat(heard.calls).hasSize(4);
        assertThat(heard.content.toString().equals(big + "small"))
                .as("both texts, whole and in order")
                .isTrue();
    }

    @Test
    void error_thatNamesTheKey_isToldInOurWords() {
        read("{'code':'Client specified an invalid argument','error':'Incorrect API key provided: xa***yz'}");

        assertThat(heard.calls).containsExactly("failed 502 upstream_key_refused");
        assertThat(failure().message()).doesNotContain("xa*", "yz");
    }

    @Test
    void error_thatHoldsTheSecret_isRedacted() {
        read("{'error':{'message':'cannot use " + SECRET + " now','code':'" + SECRET + "'}}");

        assertThat(failure().message()).isEqualTo("The upstream reported an error: cannot use [redacted] now");
        assertThat(failure().code()).isEqualTo("upstream_error");
    }

    @Test
    void error_withEndlessWords_isBounded() {
        read("{'error':{'message':'" + "long ".repeat(100_000) + "'}}");

        assertThat(failure().message()).endsWith("…").hasSizeLessThan(1100).hasSizeGreaterThan(900);
    }

    private void read(String singleQuoted) {
        read(json(singleQuoted));
    }

    private void read(byte[] data) {
        reader.read(data, 0, data.length, heard);
    }

    private Failure failure() {
        return requireNonNull(heard.failure, "no failure was told");
    }

    private Usage usage() {
        return requireNonNull(heard.usage, "no usage was told");
    }

    private static Arguments says(String data, String... calls) {
        return arguments(data, List.of(calls));
    }

    private static String choice(String fields) {
        return "{'id':'chatcmpl-1','choices':[{" + fields + "}]}";
    }

    private static byte[] json(String singleQuoted) {
        return singleQuoted.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }
}
