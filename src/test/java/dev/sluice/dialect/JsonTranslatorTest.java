package dev.sluice.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.openai.UsageObject;
import dev.sluice.relay.Translator.Meaning;
import dev.sluice.sse.SseEncoder;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTranslatorTest {
    private static final String ANSWER =
            "{\"object\":\"chat.completion\",\"choices\":[{\"message\":{\"content\":\"é\"}}],\"usage\":{\"total_tokens\":4}}";

    private final JsonTranslator translator =
            new JsonTranslator(new ProviderWords(List.of()), UsageObject::read, ErrorJson::text);
    private final SseEncoder out = new SseEncoder();

    @Test
    void answer_cutAnywhere_passesByteForByte() {
        byte[] bytes = ANSWER.getBytes(UTF_8);
        for (int cut = 0; cut <= bytes.length; cut++) {
            JsonTranslator fresh = new JsonTranslator(new ProviderWords(List.of()), UsageObject::read, ErrorJson::text);
            SseEncoder passed = new SseEncoder();
            fresh.feed(ByteBuffer.wrap(bytes, 0, cut));
            fresh.translate(passed);
            fresh.feed(ByteBuffer.wrap(bytes, cut, bytes.length - cut));
            fresh.translate(passed);
            assertThat(fresh.ends(null, passed)).isNull();
            assertThat(new String(passed.array(), 0, passed.length(), UTF_8)).isEqualTo(ANSWER);
            assertThat(Objects.requireNonNull(fresh.usage()).totalTokens()).isEqualTo(4);
        }
    }

    @Test
    void answer_thatOpensAsOne_passesAtOnce() {
        assertThat(says("{\"id\":")).isEqualTo(Meaning.TOKEN);
        assertThat(written()).isEqualTo("{\"id\":");
        assertThat(says("1")).as("the first token is the first only once").isEqualTo(Meaning.LIFE);
        assertThat(translator.heldBytes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"error\":{\"message\":\"overloaded\"}}",
                "{\"code\":\"x\",\"error\":\"overloaded\"}",
                "{\"detail\":\"overloaded\"}",
                "{\"code\":503,\"message\":\"overloaded\"}",
                "[{\"error\":{\"message\":\"overloaded\"}}]",
                "{\"object\":\"error\",\"message\":\"overloaded\"}"
            })
    void error_isHeldBackAndBecomesAFailure(String error) {
        assertThat(says(error)).isEqualTo(Meaning.NOTHING);
        Failure failure = Objects.requireNonNull(translator.ends(null, out));
        assertThat(failure.status()).isEqualTo(502);
        assertThat(failure.message()).contains("overloaded");
        assertThat(out.length()).isZero();
    }

    @Test
    void whiteSpace_beforeTheAnswer_passesAtOnceAndIsNoToken() {
        assertThat(says("\n")).isEqualTo(Meaning.LIFE);
        assertThat(written()).isEqualTo("\n");
        assertThat(says(" \r\n\t")).isEqualTo(Meaning.LIFE);
        assertThat(says(ANSWER)).isEqualTo(Meaning.TOKEN);
        assertThat(translator.ends(null, out)).isNull();
        assertThat(written()).isEqualTo("\n \r\n\t" + ANSWER);
    }

    @Test
    void error_behindWhiteSpace_passesAndIsAFailureAllTheSame() {
        String error = "{\"error\":{\"message\":\"overloaded\",\"code\":429}}";
        says("\n\n");
        assertThat(says(error)).isEqualTo(Meaning.NOTHING);
        Failure failure = Objects.requireNonNull(translator.ends(null, out));
        assertThat(failure.message()).contains("overloaded");
        assertThat(written()).isEqualTo("\n\n" + error);
    }

    @Test
    void errorThatShowsAKey_behindWhiteSpace_isToldInOurWords() {
        says("\n");
        says("{\"error\":{\"message\":\"Incorrect API key provided: sk-abcdefgh12345678\"}}");
        Failure failure = Objects.requireNonNull(translator.ends(null, out));
        assertThat(failure.code()).isEqualTo("upstream_key_refused");
        assertThat(written()).doesNotContain("sk-abc").isEqualTo("\n" + ErrorJson.text(failure));
    }

    @ParameterizedTest
    @ValueSource(strings = {"<!DOCTYPE html>", "Internal Server Error", "\"overloaded\"", "data: {}"})
    void whatIsNoJson_isAFailureByItsFirstByte(String body) {
        for (String before : List.of("", "\n \n")) {
            JsonTranslator fresh = new JsonTranslator(new ProviderWords(List.of()), UsageObject::read, ErrorJson::text);
            SseEncoder passed = new SseEncoder();
            fresh.feed(ByteBuffer.wrap((before + body).getBytes(UTF_8)));
            assertThat(fresh.translate(passed)).isEqualTo(Meaning.FAILED);
            assertThat(fresh.failure().code()).isEqualTo("upstream_no_json");
            assertThat(fresh.failure().status()).isEqualTo(502);
            assertThat(passed.length()).isZero();
        }
    }

    @Test
    void byteOrderMark_beforeTheAnswer_passesWithIt() {
        says("\uFEFF" + ANSWER);
        assertThat(translator.ends(null, out)).isNull();
        assertThat(written()).isEqualTo("\uFEFF" + ANSWER);
    }

    @Test
    void whiteSpace_withNothingBehindIt_isNoAnswer() {
        says("\n\n");
        assertThat(Objects.requireNonNull(translator.ends(null, out)).code()).isEqualTo("incomplete");
    }

    @Test
    void answer_thatOnlyOpensAsAnError_passesAtItsEnd() {
        String odd = "{\"message\":\"hello\",\"choices\":[]}";
        assertThat(says(odd)).isEqualTo(Meaning.NOTHING);
        assertThat(translator.ends(null, out)).isNull();
        assertThat(written()).isEqualTo(odd);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"error\":{}", "\"error\":{\"code\":0,\"message\":\"\"}", "\"code\":0,\"message\":\"\""})
    void errorThatSaysNothing_besideAnAnswer_isNone(String member) {
        String odd = "{" + member + ",\"choices\":[]}";
        says(odd);
        assertThat(translator.ends(null, out)).isNull();
        assertThat(written()).isEqualTo(odd);
    }

    @Test
    void answer_thatOpensAsAnErrorAndGoesOnAndOn_isNotHeldForever() {
        assertThat(says("{\"message\":\"" + "x".repeat(70_000))).isEqualTo(Meaning.TOKEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{\"id\":1", "{\"error\":"})
    void end_inTheMiddle_isAFailure(String beginning) {
        says(beginning);
        assertThat(Objects.requireNonNull(translator.ends(null, out)).code()).isEqualTo("incomplete");
    }

    @Test
    void failure_ofTheConnection_isToldAsItIs() {
        says(ANSWER);
        Failure lost = Failure.upstream("connection_lost", "lost");
        assertThat(translator.ends(lost, out)).isSameAs(lost);
        translator.brokenOff(lost, out);
        assertThat(written()).as("nothing of ours within JSON").isEqualTo(ANSWER);
    }

    private Meaning says(String text) {
        translator.feed(ByteBuffer.wrap(text.getBytes(UTF_8)));
        return translator.translate(out);
    }

    private String written() {
        return new String(out.array(), 0, out.length(), UTF_8);
    }
}
