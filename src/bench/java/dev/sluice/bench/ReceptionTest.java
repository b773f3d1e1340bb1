package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The results of the bench depend on this check: it must find every fault, and none in a correct stream. */
final class ReceptionTest {
    private static final Order ORDER = new Order(42, 8);

    @ParameterizedTest
    @EnumSource(MeasuredApi.class)
    void stream_wholeAtAnyCut_isWhole(MeasuredApi dialect) throws IOException {
        byte[] body = text(dialect).getBytes(StandardCharsets.US_ASCII);
        for (int piece = 1; piece <= body.length; piece++) {
            Tally tally = new Tally();
            Reception reception = new Reception(ORDER, dialect.answer(ORDER.tokens()));
            for (int at = 0; at < body.length; at += piece) {
                reception.take(body, at, Math.min(body.length, at + piece));
            }
            reception.end(null, tally);
            assertThat(tally.faults()).as("in pieces of %d", piece).isEmpty();
            assertThat(tally.tokens()).isEqualTo(ORDER.tokens());
            assertThat(reception.tokens()).isEqualTo(ORDER.tokens());
        }
    }

    @ParameterizedTest
    @EnumSource(MeasuredApi.class)
    void heartbeat_betweenEvents_isNoFault(MeasuredApi dialect) {
        String second = event(dialect, 1);
        Tally tally = check(dialect, text -> text.replace(second, ": keep-alive\n" + second));
        assertThat(tally.faults()).isEmpty();
        assertThat(tally.tokens()).isEqualTo(ORDER.tokens());
    }

    @ParameterizedTest
    @EnumSource(MeasuredApi.class)
    void token_missing_isLost(MeasuredApi dialect) {
        Tally tally = check(dialect, text -> text.replace(event(dialect, 3), ""));
        assertThat(tally.lost()).isEqualTo(1);
        assertThat(tally.brokenStreams()).isEqualTo(1);
        assertThat(tally.doubled() + tally.disordered() + tally.foreign()).isZero();
    }

    @ParameterizedTest
    @EnumSource(MeasuredApi.class)
    void token_twice_isDoubled(MeasuredApi dialect) {
        Tally tally = check(dialect, text -> text.replace(event(dialect, 3), event(dialect, 3) + event(dialect, 3)));
        assertThat(tally.doubled()).isEqualTo(1);
        assertThat(tally.brokenStreams()).isEqualTo(1);
        assertThat(tally.lost() + tally.disordered() + tally.foreign()).isZero();
    }

    @ParameterizedTest
    @EnumSource(MeasuredApi.class)
    void tokens_swapped_areOutOfOrder(MeasuredApi dialect) {
        String third = event(dialect, 3);
        String fourth = event(dialect, 4);
        Tally tally = check(dialect, text -> text.replace(third + fourth, fourth + third));
        assertThat(tally.disordered()).isEqualTo(1);
        assertThat(tally.brokenStreams()).isEqualTo(1);
        assertThat(tally.lost() + tally.doubled() + tally.foreign()).isZero();
    }

    @ParameterizedTest
    @EnumSource(MeasuredApi.class)
    void token_ofAnotherStream_isForeign(MeasuredApi dialect) {
        Tally tally = check(
                dialect,
                text -> text.replace(event(dialect, 3), event(dialect, 3).replace("000042.", "000043.")));
        assertThat(tally.foreign()).isEqualTo(1);
        assertThat(tally.lost()).isEqualTo(1);
        assertThat(tally.faults()).singleElement().asString().contains("000043.0000003");
    }

    @ParameterizedTest
    @EnumSource(MeasuredApi.class)
    void stream_cutAnywhere_isNotWhole(MeasuredApi dialect) {
        int length = text(dialect).length();
        for (int cut = 0; cut < length; cut++) {
            int end = cut;
            Tally tally = check(dialect, text -> text.substring(0, end));
            assertThat(tally.brokenStreams()).as("cut at %d", cut).isEqualTo(1);
            assertThat(tally.tokens() + tally.lost()).isEqualTo(ORDER.tokens());
        }
    }

    @ParameterizedTest
    @EnumSource(MeasuredApi.class)
    void byte_changedAnywhere_isSeen(MeasuredApi dialect) {
        int length = text(dialect).length();
        for (int place = 0; place < length; place++) {
            int at = place;
            Tally tally = check(dialect, text -> text.substring(0, at) + '~' + text.substring(at + 1));
            assertThat(tally.brokenStreams()).as("byte %d", place).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(MeasuredApi.class)
    void event_afterTheEnd_isForeign(MeasuredApi dialect) {
        Tally tally = check(dialect, text -> text + "data: [DONE]\n\n");
        assertThat(tally.foreign()).isEqualTo(1);
        assertThat(tally.lost()).isZero();
    }

    @ParameterizedTest
    @EnumSource(MeasuredApi.class)
    void connection_brokenAfterTheLastEvent_isAFault(MeasuredApi dialect) {
        Tally tally = new Tally();
        byte[] body = text(dialect).getBytes(StandardCharsets.US_ASCII);
        Reception reception = new Reception(ORDER, dialect.answer(ORDER.tokens()));
        reception.take(body, 0, body.length);
        reception.end("the connection closed early", tally);
        assertThat(tally.brokenStreams()).isEqualTo(1);
        assertThat(tally.lost()).isZero();
    }

    /** The upstream's own bytes, in its own HTTP chunks, are what a client of /v1 has to receive. */
    @Test
    void upstream_anyBatchAndCut_saysWhatTheClientExpects() throws IOException {
        for (int batch : new int[] {1, 2, 8}) {
            StreamText answer = new Answers(batch, true).stream(ORDER, "{}");
            byte[] wire = bytes(answer);
            String head = new String(wire, StandardCharsets.US_ASCII);
            int bodyAt = head.indexOf("\r\n\r\n") + 4;
            for (int piece : new int[] {1, 7, wire.length}) {
                Tally tally = new Tally();
                Chunks chunks = new Chunks();
                Reception reception = new Reception(ORDER, MeasuredApi.COMPLETIONS.answer(ORDER.tokens()));
                for (int at = bodyAt; at < wire.length; at += piece) {
                    chunks.feed(wire, at, Math.min(wire.length, at + piece), reception);
                }
                assertThat(chunks.isEnded()).isTrue();
                reception.end(null, tally);
                assertThat(tally.faults())
                        .as("%d a chunk, in pieces of %d", batch, piece)
                        .isEmpty();
            }
        }
    }

    @Test
    void upstream_askedForUsage_tellsItBeforeDone() {
        String said = new String(
                bytes(new Answers(1, true).stream(ORDER, "{\"stream_options\":{\"include_usage\": true}}")),
                StandardCharsets.US_ASCII);
        assertThat(said).containsSubsequence("\"finish_reason\":\"stop\"", "\"completion_tokens\":8", "[DONE]");
    }

    @Test
    void chunk_longerThanItsSize_isAFault() {
        byte[] wire = "3\r\nabcd\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        Reception reception = new Reception(ORDER, MeasuredApi.CHAT.answer(ORDER.tokens()));
        assertThatThrownBy(() -> new Chunks().feed(wire, 0, wire.length, reception))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("longer");
    }

    private static Tally check(MeasuredApi dialect, UnaryOperator<String> fault) {
        Tally tally = new Tally();
        Reception reception = new Reception(ORDER, dialect.answer(ORDER.tokens()));
        byte[] body = fault.apply(text(dialect)).getBytes(StandardCharsets.US_ASCII);
        reception.take(body, 0, body.length);
        reception.end(null, tally);
        return tally;
    }

    private static String event(MeasuredApi dialect, int token) {
        return dialect.answer(ORDER.tokens()).block().replace(StreamText.MARK, StreamText.token(ORDER.stream(), token));
    }

    private static String text(MeasuredApi dialect) {
        return new String(bytes(dialect.answer(ORDER.tokens())), StandardCharsets.US_ASCII);
    }

    private static byte[] bytes(StreamText text) {
        ByteBuffer all = ByteBuffer.allocate((int) text.length());
        text.put(ORDER.stream(), 0, all);
        return all.array();
    }
}
