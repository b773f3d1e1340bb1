package dev.sluice.dialect.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.openai.ChunkScanner.Kind;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** What {@link ChunkScanner} recognizes, the reader finds too; and it recognizes the ordinary events. */
class ChunkScannerTest {
    private static final String TOKEN =
            "{\"id\":\"é\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\\\"\\u00e9\"},\"finish_reason\":null}],\"usage\":null}";

    /** Short templates, so that a random change often hits a relevant byte. */
    private static final String[] TEMPLATES = {
        "{\"choices\":[{\"delta\":{\"content\":\"a long text\"}}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"text\"}}],\"pad\":\"padding\"}",
        "{\"choices\":[{\"delta\":{\"content\":\"text\",\"reasoning\":\"\"}}],\"pad\":\"padding\",\"usage\":null}",
        "{\"id\":\"i\",\"pad\":\"p\",\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}],\"object\":\"o\"}",
    };

    private static final String[] CHANGES = {
        "a", "\"", "\\", "\\\"", "\\n", "\n", ",", ":", "{", "}", "[", "]", " ", "é", "\"\"", "\",\"", "\":\"", "x",
        "u0041"
    };

    private final ChunkScanner scanner = new ChunkScanner();

    /**
     * Pieces of the answer that the reader does not report. A name may occur twice, so a tree of the JSON cannot tell.
     */
    private static final Pattern MORE_THAN_TEXT =
            Pattern.compile("\"audio\"\\s*:\\s*\\{|\"content\"\\s*:\\s*\\[\\s*[^]\\s]");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'choices':[{'delta':{'content':'a'}}]}",
                "{'choices':[{'index':0,'delta':{'content':'a'},'finish_reason':null}],'usage':null,'error':null}",
                "{'choices':[{'index':null,'delta':{'content':'a'},'finish_reason':''}],'x_groq':null}",
                " { 'choices' :\n[\r{ 'delta'\t: { 'content' : 'a' } } ] } ",
                "{'choices':[{'finish_reason':null,'delta':{'content':'a','role':'assistant'},'index':0}]}",
                "{'choices':[{'delta':{'refusal':'a','content':null}}]}",
                "{'choices':[{'delta':{'content':'','refusal':'a','reasoning':'','content':null}}]}",
                "{'choices':[{'delta':{'content':'a','x':{'usage':{},'error':[1]}},'logprobs':{'error':1}}]}",
                "{'a':[{'usage':{}},-1.5e+3,true,false,null,''],'object':'chat.completion.chunk','message':'a',"
                        + "'choices':[{'delta':{'content':'a'}}],'code':7,'us\u0430ge':{}}",
            })
    void event_thatIsText_showsWhere(String data) {
        assertThat(kind(data)).as(data).isEqualTo(Kind.CONTENT);
        assertThat(data.substring(scanner.textOffset(), scanner.textEnd())).isEqualTo("a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'choices':[{'delta':{'content':'','reasoning_content':'hm'}}]}",
                "{'choices':[{'delta':{'reasoning':'hm','reasoning_details':[{'text':'hm'}]}}]}",
            })
    void event_thatIsAThought_showsWhere(String data) {
        assertThat(kind(data)).as(data).isEqualTo(Kind.REASONING);
        assertThat(data.substring(scanner.textOffset(), scanner.textEnd())).isEqualTo("hm");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'choices':[{'delta':{'content':'a','refusal':'no'}}]}",
                "{'choices':[{'delta':{'content':'a','content':'a'}}]}",
                "{'choices':[{'delta':{'content':'a','reasoning':'hm'}}]}",
                "{'choices':[{'delta':{'reasoning_content':'hm','reasoning':'hm'}}]}",
                "{'choices':[{'delta':{'content':'a','tool_calls':[{}]}}]}",
                "{'choices':[{'delta':{'tool_calls':[{}],'content':'a'}}]}",
                "{'choices':[{'delta':{'tool_calls':[{'index':0,'function':{'arguments':'{'}}]}}]}",
                "{'choices':[{'delta':{'content':[{'type':'text','text':'a'}]}}]}",
                "{'choices':[{'delta':{'content':[{'type':'text','text':'a'}],'content':'a'}}]}",
                "{'choices':[{'delta':{'function_call':{}}}]}",
                "{'choices':[{'delta':{'audio':{'data':''}}}]}",
                "{'choices':[{'delta':{'content':'a','audio':{'data':''}}}]}",
            })
    void event_thatSaysSomethingElse_isAToken(String data) {
        assertThat(kind(data)).as(data).isEqualTo(Kind.TOKEN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " \n",
                "{'choices':[{'index':0,'delta':{'role':'assistant','content':''},'finish_reason':null}]}",
                "{'choices':[{'index':0,'delta':{}}]}",
                "{'choices':[{'delta':null}]}",
                "{'choices':[{'delta':{'content':null,'tool_calls':[ ],'audio':null,'function_call':null}}]}",
                "{'choices':[{'delta':{'content':[],'x':'said elsewhere'}}]}",
            })
    void event_thatSaysNothing_isASignOfLife(String data) {
        assertThat(kind(data)).as(data).isEqualTo(Kind.LIFE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // ends, costs, errors
                "[DONE]",
                "{'choices':[{'delta':{'content':'a'},'finish_reason':'stop'}]}",
                "{'choices':[{'finish_reason':'stop','delta':{'content':'a'}}]}",
                "{'choices':[{'delta':{'content':'a'}}],'usage':{}}",
                "{'choices':[{'delta':{'content':'a'}}],'usage':0}",
                "{'usage':null,'choices':[{'delta':{'content':'a'}}],'usage':{}}",
                "{'usage':{},'choices':[{'delta':{'content':'a'}}],'usage':null}",
                "{'choices':[{'delta':{'content':'a'},'usage':{}}]}",
                "{'choices':[{'delta':{'content':'a'},'error':'e'}]}",
                "{'choices':[{'error':{'message':'e'},'delta':{'content':'a'}}]}",
                "{'choices':[{'delta':{'content':'a'}}],'x_groq':{'id':'a'}}",
                "{'choices':[{'delta':{'content':'a'}}],'error':false}",
                "{'choices':[{'delta':{'content':'a'}}],'error':'e'}",
                "{'choices':[{'delta':{'content':'a'}}],'object':'error'}",
                "{'choices':[{'delta':{'content':'a'}}],'object':'err\\u006fr'}",
                "{'choices':[{'delta':{'content':'a'}}],'message':{'error':1}}",
                "{'choices':[{'delta':{'content':'a'}}],'message':[{'object':'error'}]}",
                "{'choices':[{'delta':{'content':'a'}}],'us\\u0061ge':{}}",
                "{'choices':[{'delta':{'content':'a'},'finish\\u005freason':'stop'}]}",
                "{'choices':[{'delta':{'c\\u006fntent':'a'}}]}",
                // choices
                "{}",
                "{'choices':[]}",
                "{'choices':null}",
                "{'choices':[{}]}",
                "{'choices':[null]}",
                "{'choices':[[{'delta':{}}]]}",
                "{'choices':[{'delta':{}},{'delta':{}}]}",
                "{'choices':[{'delta':{}}],'choices':[{'delta':{}}]}",
                "{'choices':[{'delta':{},'delta':{}}]}",
                "{'delta':{'content':'a'}}",
                "{'x':{'choices':[{'delta':{'content':'a'}}]}}",
                "{'choices':[{'delta':{'content':'a'},'index':1}]}",
                "{'choices':[{'delta':{'content':'a'},'index':01}]}",
                "{'choices':[{'delta':{'content':'a'},'index':0.5}]}",
                "{'choices':[{'delta':{'content':'a'},'index':'0'}]}",
                "{'choices':[{'message':{'content':'a'}}]}",
                // what nobody sends
                "{'choices':[{'delta':'a'}]}",
                "{'choices':[{'delta':{'content':1}}]}",
                "{'choices':[{'delta':{'content':{}}}]}",
                "{'choices':[{'delta':{'reasoning':{}}}]}",
                "{'choices':[{'delta':{'tool_calls':{}}}]}",
                "{'choices':[{'delta':{'audio':'a'}}]}",
                // what is no JSON
                "x",
                "null",
                "[{'choices':[{'delta':{}}]}]",
                "{'choices':[{'delta':{}}]}{}",
                "{'choices':[{'delta':{}}]},",
                "{'choices':[{'delta':{},}]}",
                "{'choices':[{'delta':{}}],}",
                "{'choices':[{'delta':{}},]}",
                "{,'choices':[{'delta':{}}]}",
                "{'choices' [{'delta':{}}]}",
                "{'choices':[{'delta':{}}] 'a':1}",
                "{'choices':[{'delta':{}}],'a'}",
                "{'choices':[{'delta':{}}],'a':}",
                "{'choices':[{'delta':{}}],a:1}",
                "{'choices':[{'delta':{}}],'a':[1,]}",
                "{'choices':[{'delta':{}}],'a':[1 2]}",
                "{'choices':[{'delta':{}}],'a':[1}}",
                "{'choices':[{'delta':{}}],'a':nul}",
                "{'choices':[{'delta':{}}],'a':nulls}",
                "{'choices':[{'delta':{}}],'a':True}",
                "{'choices':[{'delta':{}}],'a':+1}",
                "{'choices':[{'delta':{}}],'a':-}",
                "{'choices':[{'delta':{}}],'a':.5}",
                "{'choices':[{'delta':{}}],'a':1.}",
                "{'choices':[{'delta':{}}],'a':1e}",
                "{'choices':[{'delta':{}}],'a':1e+}",
                "{'choices':[{'delta':{}}],'a':00}",
                "{'choices':[{'delta':{}}],'a':NaN}",
                "{'choices':[{'delta':{}}],'a':'\\x'}",
                "{'choices':[{'delta':{}}],'a':'\\u00g0'}",
                "{'choices':[{'delta':{}}],'a':'\n'}",
                "{'choices':[{'delta':{}}]/**/}",
                "\uFEFF{'choices':[{'delta':{}}]}",
            })
    void event_thatIsAnythingElse_needsACloserLook(String data) {
        assertThat(kind(data)).as(data).isEqualTo(Kind.UNKNOWN);
    }

    @Test
    void nesting_downToABound_isLookedThrough() {
        assertThat(kind(nested(20))).isEqualTo(Kind.CONTENT);
        assertThat(kind(nested(100_000))).isEqualTo(Kind.UNKNOWN);
        assertThat(kind("[".repeat(100_000))).isEqualTo(Kind.UNKNOWN);
        assertThat(kind("{'a':".repeat(100_000))).isEqualTo(Kind.UNKNOWN);
    }

    @Test
    void event_thatTheReaderMayFindTooLong_needsACloserLook() {
        assertThat(kind(with("'" + "x".repeat(900) + "':1"))).isEqualTo(Kind.CONTENT);
        assertThat(kind(with("'" + "x".repeat(1_100) + "':1"))).isEqualTo(Kind.UNKNOWN);
        assertThat(kind(with("'x':" + "1".repeat(90)))).isEqualTo(Kind.CONTENT);
        assertThat(kind(with("'x':" + "1".repeat(110)))).isEqualTo(Kind.UNKNOWN);
        assertThat(kind(with("'x':'" + "1".repeat(1 << 23) + "'"))).isEqualTo(Kind.CONTENT);
        assertThat(kind(with("'x':'" + "1".repeat(1 << 24) + "'"))).isEqualTo(Kind.UNKNOWN);
    }

    @Test
    void event_inTheMiddleOfABuffer_isSeenWithinItsBounds() {
        byte[] data = ("{\"usage\":{" + TOKEN + "]}").getBytes(UTF_8);

        assertThat(scanner.kind(data, 10, data.length - 12)).isEqualTo(Kind.CONTENT);
        assertThat(scanner.kind(data, 10, data.length - 13)).isEqualTo(Kind.UNKNOWN);
        assertThat(scanner.kind(data, 10, data.length - 11)).isEqualTo(Kind.UNKNOWN);
        assertThat(scanner.kind(data, data.length, 0)).isEqualTo(Kind.LIFE);
    }

    static Stream<Path> captures() throws IOException, URISyntaxException {
        return CapturesTest.captures();
    }

    @ParameterizedTest
    @MethodSource("captures")
    void capture_isSeenAsItIsRead_andSurelyWhereItIsOrdinary(Path capture) throws IOException {
        for (String data : CapturesTest.events(capture)) {
            byte[] bytes = data.getBytes(UTF_8);
            Kind kind = seenAsRead(bytes);
            Heard heard = new Heard();
            new ChunkReader(new ProviderWords(List.of())).read(bytes, 0, bytes.length, heard);

            boolean ordinary = heard.calls.contains("choice 0")
                    && heard.calls.stream().noneMatch(call -> call.startsWith("finished") || call.startsWith("usage"));
            if (ordinary && !data.contains("x_groq")) {
                assertThat(kind).as("not sure of %s", data).isNotEqualTo(Kind.UNKNOWN);
            }
        }
    }

    @Test
    void event_ofAnyContentAndOrder_isSeenAsItIsRead() {
        Map<Kind, Integer> seen = new EnumMap<>(Kind.class);
        for (int seed = 0; seed < 30_000; seed++) {
            byte[] data = new AnyEvent(new Random(seed)).json().getBytes(UTF_8);

            seen.merge(seenAsRead(data), 1, Integer::sum);
        }

        assertThat(seen.keySet()).as("seen: %s", seen).contains(Kind.values());
        assertThat(seen.values()).as("of each kind, or the test shows little").allMatch(many -> many > 300);
    }

    /**
     * The events of a stream are similar, and each is compared with the one before. But only what is in the event
     * itself may be found.
     */
    @Test
    void event_likeTheOneBefore_hasTheKindThatAScanFinds() {
        int alike = 0;
        for (int seed = 0; seed < 30_000; seed++) {
            Random random = new Random(seed);
            String event = TEMPLATES[random.nextInt(TEMPLATES.length)];
            String like = event;
            for (int i = random.nextInt(3); i >= 0; i--) {
                like = changed(like, random);
            }
            byte[] before = event.getBytes(UTF_8);
            byte[] data = like.getBytes(UTF_8);
            ChunkScanner first = new ChunkScanner();

            scanner.kind(before, 0, before.length);
            Kind kind = scanner.kind(data, 0, data.length);

            assertThat(kind).as("%s, after %s", like, event).isEqualTo(first.kind(data, 0, data.length));
            if (kind == Kind.CONTENT || kind == Kind.REASONING) {
                alike++;
                assertThat(scanner.textOffset()).as(like).isEqualTo(first.textOffset());
                assertThat(scanner.textEnd()).as(like).isEqualTo(first.textEnd());
            }
        }
        assertThat(alike).as("or the test shows little").isBetween(2_000, 27_000);
    }

    private static String changed(String event, Random random) {
        int from = random.nextInt(event.length());
        int to = Math.min(event.length(), from + random.nextInt(4));
        String instead = random.nextInt(4) == 0 ? "" : CHANGES[random.nextInt(CHANGES.length)];
        return event.substring(0, from) + instead + event.substring(to);
    }

    @Test
    void event_cutAnywhere_needsACloserLook() {
        byte[] data = TOKEN.getBytes(UTF_8);
        for (int length = 1; length < data.length; length++) {
            assertThat(scanner.kind(data, 0, length)).as("%d bytes", length).isEqualTo(Kind.UNKNOWN);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                TOKEN,
                "{\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}],\"x\":[-1.5e3,{\"a\":true}]}",
                "{\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}",
                "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"a\":\"\\\\\"}]},\"usage\":{}}],\"object\":\"error\"}",
                "{\"usage\":{\"a\":1},\"choices\":[{\"delta\":{\"content\":[1]},\"index\":10}],\"error\":\"\"}",
            })
    void event_withAnyByteChanged_isSeenAsItIsRead(String data) {
        byte[] original = data.getBytes(UTF_8);
        for (int at = 0; at < original.length; at++) {
            for (int b = 0; b < 256; b++) {
                byte[] changed = original.clone();
                changed[at] = (byte) b;
                // The decoder does the same, so the data is always valid UTF-8.
                seenAsRead(new String(changed, UTF_8).getBytes(UTF_8));
            }
        }
    }

    @Test
    void scan_leavesNoGarbage() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<byte[]> events = Stream.of(
                        TOKEN,
                        "[DONE]",
                        "{\"choices\":[]}",
                        "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"a\":[[{}]]}]}}]}",
                        TOKEN.substring(0, 60))
                .map(data -> data.getBytes(UTF_8))
                .toList();
        long allocated = allocatedBy(threads, events);
        allocated = Math.min(allocated, allocatedBy(threads, events)); // the first time, classes are loaded as well

        assertThat(allocated).as("bytes for 10,000 scans").isZero();
    }

    private long allocatedBy(ThreadMXBean threads, List<byte[]> events) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10_000; i++) {
            byte[] event = events.get(i % events.size());
            scanner.kind(event, 0, event.length);
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    /** The kind of an event. If it is recognized, asserts that the reader finds the same, no more and no less. */
    private Kind seenAsRead(byte[] data) {
        Kind kind = scanner.kind(data, 0, data.length);
        if (kind == Kind.UNKNOWN) {
            return kind;
        }
        Heard heard = new Heard();
        new ChunkReader(new ProviderWords(List.of())).read(data, 0, data.length, heard);
        String event = new String(data, UTF_8);
        assertThat(heard.calls)
                .as(event)
                .allMatch(call -> call.equals("choice 0")
                        || call.equals("toolCall")
                        || call.startsWith("content ")
                        || call.startsWith("reasoning "));
        boolean said = heard.content.length() + heard.reasoning.length() > 0 || heard.toolCalled;
        switch (kind) {
            case CONTENT -> assertThat(heard.calls).as(event).containsExactly("choice 0", "content " + text(data));
            case REASONING -> assertThat(heard.calls).as(event).containsExactly("choice 0", "reasoning " + text(data));
            case LIFE -> assertThat(said).as(event).isFalse();
            default ->
                assertThat(said || MORE_THAN_TEXT.matcher(event).find())
                        .as(event)
                        .isTrue();
        }
        return kind;
    }

    /** The decoded text at the reported position. */
    private String text(byte[] data) {
        int quote = scanner.textOffset() - 1;
        return JsonMapper.shared()
                .readTree(data, quote, scanner.textEnd() + 1 - quote)
                .stringValue();
    }

    private static String with(String member) {
        return "{" + member + ",'choices':[{'delta':{'content':'a'}}]}";
    }

    private static String nested(int levels) {
        return "{'a':" + "[".repeat(levels) + "]".repeat(levels) + ",'choices':[{'delta':{'content':'a'}}]}";
    }

    private Kind kind(String singleQuoted) {
        byte[] data = singleQuoted.replace('\'', '"').getBytes(UTF_8);
        return scanner.kind(data, 0, data.length);
    }
}
