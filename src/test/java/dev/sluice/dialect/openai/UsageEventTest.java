package dev.sluice.dialect.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageEventTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'choices':[],'usage':{'total_tokens':1}}",
                " { 'usage' : { 'a' : [ { } ] } , 'id' : [ ] , 'choices' : [ ] } ",
                "{'\\u0063hoices':[],'us\\u0061ge':{}}",
                "{'choices':[],'usage':0}",
                "{'choices':[],'usage':{},'error':null}",
                "{'choices':[],'usage':{},'error':''}",
                "{'id':'x','object':'chat.completion.chunk','created':1,'model':'m','system_fingerprint':'f',"
                        + "'service_tier':'default','provider':'p','obfuscation':'xx','choices':[],'usage':{}}",
                "{'choices':[],'usage':{},'citations':[],'timings':{},'note':'','prompt_filter_results':null}",
            })
    void event_withUsageAndNothingElse_isAlone(String data) {
        assertThat(Objects.requireNonNull(read(data), data).isAlone()).as(data).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'choices':[],'usage':{'a':1},'timings':{'b':2}}     | {'choices':[],'timings':{'b':2}}",
                "{'usage':{'a':[{}]},'choices':[],'citations':['c']}  | {'choices':[],'citations':['c']}",
                "{ 'usage' : 0 , 'choices':[],'citations':['c']}      | {  'choices':[],'citations':['c']}",
                "{'choices':[] , 'citations':['c'] , 'usage':'x' }    | {'choices':[] , 'citations':['c']  }",
                "{'choices':[],'us\\u0061ge':{},'error':{'m':1}}      | {'choices':[],'error':{'m':1}}",
                "{'choices':[],'error':'broken','usage':{}}           | {'choices':[],'error':'broken'}",
                "{'choices':[],'usage':{},'x':0}                      | {'choices':[],'x':0}",
                "{'choices':[],'usage':{},'x':{'usage':{}}}           | {'choices':[],'x':{'usage':{}}}",
            })
    void event_withUsageAndMore_losesTheUsageAlone(String data, String rest) {
        UsageEvent usage = Objects.requireNonNull(read(data), data);

        assertThat(usage.isAlone()).isFalse();
        assertThat(data.substring(0, usage.from()) + data.substring(usage.to())).isEqualTo(rest);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[DONE]",
                "[]",
                "{}",
                "{'usage':{}}",
                "{'choices':[]}",
                "{'choices':[],'usage':null}",
                "{'choices':null,'usage':{}}",
                "{'choices':{},'usage':{}}",
                "{'choices':[{}],'usage':{}}",
                "{'choices':[null],'usage':{}}",
                "{'nested':{'choices':[],'usage':{}}}",
                "{'choices':[{}],'choices':[],'usage':{}}",
                "{'choices':[],'usage':{},'usage':null}",
                "{'choices':[],'usage':{},'usage':{}}",
                "{'choices':[],'usage':{}",
                "{'choices':[],'usage':{}}}",
                "{'choices':[],'usage':{}} {}",
            })
    void event_thatIsAnother_isNone(String data) {
        assertThat(read(data)).as(data).isNull();
    }

    @Test
    void event_inTheMiddleOfABuffer_isReadWithinItsBounds() {
        byte[] data = "é{\"choices\":[],\"usage\":{}}}".getBytes(UTF_8);

        assertThat(UsageEvent.read(data, 2, data.length - 3)).isEqualTo(new UsageEvent(15, 26, true));
    }

    private static @Nullable UsageEvent read(String singleQuoted) {
        byte[] data = singleQuoted.replace('\'', '"').getBytes(UTF_8);
        return UsageEvent.read(data, 0, data.length);
    }
}
