package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The latencies of the bench depend on this check. */
final class StampedReceptionTest {
    private static final Order ORDER = new Order(42, 3, new Order.Pace(33_333_333, 5_000), 0);

    @ParameterizedTest
    @EnumSource(MeasuredApi.class)
    void stream_wholeAtAnyCut_isWholeWithItsStamps(MeasuredApi dialect) {
        int length = text(dialect).length();
        for (int piece = 1; piece <= length; piece++) {
            List<Long> stamps = new ArrayList<>();
            Tally tally = check(dialect, piece, stamps, UnaryOperator.identity());
            assertThat(tally.faults()).as("in pieces of %d", piece).isEmpty();
            assertThat(tally.tokens()).isEqualTo(ORDER.tokens());
            assertThat(stamps).containsExactly(1_000L, 1_001L, 1_002L);
        }
    }

    @ParameterizedTest
    @EnumSource(MeasuredApi.class)
    void heartbeat_betweenEvents_isNoFault(MeasuredApi dialect) {
        for (String heartbeat : List.of(":\n", ": keep-alive\n\n")) {
            assertThat(check(dialect, 7, new ArrayList<>(), text -> text.replaceFirst("(?<=\n\n)", heartbeat))
                            .faults())
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(MeasuredApi.class)
    void tokens_notInOrderOrCut_areFaults(MeasuredApi dialect) {
        for (UnaryOperator<String> harm : List.<UnaryOperator<String>>of(
                text -> text.replace("000042.0000001", "000042.0000002"),
                text -> text.replace("000042.0000001", "000043.0000001"),
                text -> text.replace("@00000000000000100", "@0000000000000x100"),
                text -> text.substring(0, text.length() - 3),
                text -> text + "data: more\n\n")) {
            assertThat(check(dialect, 11, new ArrayList<>(), harm).brokenStreams())
                    .isEqualTo(1);
        }
    }

    @Test
    void order_asAPrompt_comesBack() {
        assertThat(Order.in("{" + ORDER.prompt() + "}")).isEqualTo(ORDER);
        Order flood = new Order(7, 9, null, 65_536);
        assertThat(Order.in(flood.prompt())).isEqualTo(flood);
        assertThat(Order.in("hello")).isNull();
    }

    private static Tally check(MeasuredApi dialect, int piece, List<Long> stamps, UnaryOperator<String> harm) {
        byte[] body = harm.apply(text(dialect)).getBytes(StandardCharsets.US_ASCII);
        StreamText frame = dialect.answer(ORDER.tokens());
        StampedReception reception = new StampedReception(ORDER, frame, StampedText.of(frame.block()), stamps::add);
        Tally tally = new Tally();
        for (int at = 0; at < body.length; at += piece) {
            reception.take(body, at, Math.min(body.length, at + piece));
        }
        reception.end(null, tally);
        return tally;
    }

    private static String text(MeasuredApi dialect) {
        StreamText frame = dialect.answer(ORDER.tokens());
        StampedText token = StampedText.of(frame.block());
        byte[] tokens = new byte[token.length() * ORDER.tokens()];
        for (int i = 0; i < ORDER.tokens(); i++) {
            token.put(ORDER.stream(), i, 1_000 + i, tokens, i * token.length());
        }
        return frame.opening() + new String(tokens, StandardCharsets.US_ASCII) + frame.closing();
    }
}
