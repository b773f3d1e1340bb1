package dev.sluice.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
                "{'choices':[],'usage':{'error':true},'object':'chat.completion.chunk'}",
            })
    void event_withUsageAndNoChoices_isUsageOnly(String data) {
        assertThat(isUsageOnly(data)).as(data).isTrue();
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
                "{'choices':[],'usage':{},'error':{}}",
                "{'error':'broken','choices':[],'usage':{}}",
                "{'choices':[],'usage':{},'object':'error'}",
                "{'choices':[{}],'choices':[],'usage':{}}",
                "{'choices':[],'usage':{},'usage':null}",
                "{'choices':[],'usage':{}",
                "{'choices':[],'usage':{}}}",
                "{'choices':[],'usage':{}} {}",
            })
    void event_thatSaysMoreOrLess_isNot(String data) {
        assertThat(isUsageOnly(data)).as(data).isFalse();
    }

    @Test
    void event_inTheMiddleOfABuffer_isReadWithinItsBounds() {
        byte[] data = "é{\"choices\":[],\"usage\":{}}}".getBytes(UTF_8);

        assertThat(UsageEvent.isUsageOnly(data, 2, data.length - 3)).isTrue();
    }

    private static boolean isUsageOnly(String singleQuoted) {
        byte[] data = singleQuoted.replace('\'', '"').getBytes(UTF_8);
        return UsageEvent.isUsageOnly(data, 0, data.length);
    }
}
