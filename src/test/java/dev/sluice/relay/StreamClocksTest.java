package dev.sluice.relay;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Failure;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The deadlines of a stream's clocks. */
class StreamClocksTest {
    private static final Limits LIMITS =
            new Limits(Duration.ofSeconds(30), Duration.ofSeconds(40), Duration.ofSeconds(15), 256);
    private static final UpstreamTimeouts TIMEOUTS = new UpstreamTimeouts(
            Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofMillis(20_500), Duration.ofSeconds(100));

    private static final long BORN =
            Long.MAX_VALUE - Duration.ofSeconds(10).toNanos(); // overflows soon, because only differences may be used

    private final StreamClocks clocks = new StreamClocks(LIMITS, BORN);
    private Stage stage = Stage.RECEIVING;
    private long now = BORN;

    @Test
    void request_notWhole_isDueByItsOwnLimitFromTheBeginning() {
        assertDueIn(30_000);
        pass(10_000);
        assertDueIn(20_000);
        assertThat(code()).isEqualTo("request_timeout");
        assertThat(clocks.deadline(stage)).isEqualTo(clocks.requestDeadline());
    }

    @Test
    void admission_undecided_isDueFromItsStageOn() {
        pass(29_000);
        enter(Stage.ADMITTING);
        assertDueIn(5_000);
        assertThat(code()).isEqualTo("admission_timeout");
    }

    @Test
    void connection_isDueFromItsStageOn_howeverLongTheRequestTook() {
        pass(29_000);
        open(true);
        assertDueIn(5_000);
        assertThat(code()).isEqualTo("connect_timeout");
    }

    @Test
    void firstToken_isDueFromWhenTheRequestWasSent_whateverElseComes() {
        open(true);
        pass(4_000);
        enter(Stage.WAITING);
        assertDueIn(60_000);
        pass(10_000);
        clocks.upstreamIsAsked();
        clocks.upstreamSpoke();
        assertDueIn(50_000);
        assertThat(code()).isEqualTo("first_token_timeout");
    }

    @Test
    void silence_isDueFromTheFirstDemandThatWasNotMet() {
        stream(true);
        pass(1_000);
        clocks.upstreamIsAsked();
        pass(1_000);
        clocks.upstreamIsAsked(); // another demand in the same wait
        assertDueIn(19_500);
        clocks.upstreamSpoke();
        assertDueIn(98_000);
        clocks.upstreamIsAsked();
        assertDueIn(20_500);
    }

    @Test
    void silence_tellsItsTimeInItsOwnUnit() {
        stream(true);
        clocks.upstreamIsAsked();
        pass(20_500);
        assertThat(due()).isTrue();
        assertThat(code()).isEqualTo("idle_timeout");
        assertThat(failure().message()).contains("20500 ms");
    }

    @Test
    void token_isDueFromTheOneBefore_thoughTheUpstreamShowsSignsOfLife() {
        stream(true);
        for (int i = 0; i < 10; i++) {
            pass(10_000);
            clocks.upstreamIsAsked();
            clocks.upstreamSpoke();
        }
        assertThat(due()).isTrue();
        assertThat(code()).isEqualTo("token_timeout");
        clocks.token();
        assertDueIn(100_000);
    }

    @Test
    void answerThatTakesNoComments_hasNeitherHeartbeatNorDeadlineForItsNextPiece() {
        stream(false);
        assertThat(clocks.heartbeat()).isEqualTo(StreamClocks.NEVER);
        assertThat(clocks.deadline(stage)).isEqualTo(StreamClocks.NEVER);
        clocks.upstreamIsAsked();
        assertDueIn(20_500);
    }

    @Test
    void finishedAnswer_isDueAfterAGrace_andLacksNothing() {
        stream(true);
        clocks.upstreamIsAsked();
        clocks.finished(true);
        assertDueIn(5_000);
        pass(5_000);
        assertThat(clocks.timeout(stage)).isNull();
    }

    @Test
    void finishedAnswer_beforeAnyToken_isDueAfterAGraceToo() {
        open(true);
        enter(Stage.WAITING);
        clocks.finished(true);
        assertDueIn(5_000);
    }

    @Test
    void finishedAnswer_thatGoesOn_isWaitedForAsBefore() {
        stream(true);
        clocks.finished(true);
        pass(3_000);
        clocks.finished(false);
        clocks.upstreamIsAsked();
        assertDueIn(20_500);
        assertThat(clocks.timeout(stage)).isNotNull();
    }

    @Test
    void client_takesNothing_movesTheUpstreamsClocksOn() {
        stream(true);
        clocks.upstreamIsAsked();
        pass(1_000);
        clocks.clientBlocks();
        pass(2_000);
        clocks.clientBlocks(); // still
        pass(3_000);
        assertThat(clocks.clientTakes(stage)).isEqualTo(millis(5_000));
        assertDueIn(19_500); // 20.5 s, but the first wait counts
        clocks.upstreamSpoke();
        assertDueIn(99_000);
        clocks.finished(true);
        clocks.clientBlocks();
        pass(4_000);
        clocks.clientTakes(stage);
        assertDueIn(5_000);
    }

    @Test
    void client_takesNothing_movesTheClockOfTheFirstTokenOn() {
        open(true);
        enter(Stage.WAITING);
        pass(1_000);
        clocks.clientBlocks();
        pass(7_000);
        clocks.clientTakes(stage);
        assertDueIn(59_000);
    }

    @ParameterizedTest
    @EnumSource(
            value = Stage.class,
            names = {"RECEIVING", "CONNECTING"})
    void client_takesNothing_movesNoClockThatDoesNotWaitForAnAnswer(Stage early) {
        if (early == Stage.CONNECTING) {
            open(true);
        }
        long before = clocks.deadline(stage);
        clocks.clientBlocks();
        pass(2_000);
        clocks.clientTakes(stage);
        assertThat(clocks.deadline(stage)).isEqualTo(before);
    }

    @Test
    void stall_isDueFromWhenTheClientFirstTookNothing_andOverOnceItTakes() {
        assertThat(clocks.stall()).isEqualTo(StreamClocks.NEVER);
        assertThat(clocks.clientTakes(stage)).isZero();
        clocks.clientBlocks();
        pass(39_999);
        clocks.clientBlocks();
        assertThat(clocks.isDue(clocks.stall())).isFalse();
        pass(1);
        assertThat(clocks.isDue(clocks.stall())).isTrue();
        clocks.clientTakes(stage);
        assertThat(clocks.stall()).isEqualTo(StreamClocks.NEVER);
    }

    @Test
    void heartbeat_isDueFromTheOpeningOrTheLastWrite() {
        assertThat(clocks.heartbeat()).as("before there is an answer").isEqualTo(StreamClocks.NEVER);
        pass(20_000);
        open(true);
        pass(14_999);
        assertThat(clocks.isDue(clocks.heartbeat())).isFalse();
        pass(1);
        assertThat(clocks.isDue(clocks.heartbeat())).isTrue();
        clocks.wrote();
        assertThat(clocks.heartbeat() - now).isEqualTo(millis(15_000));
    }

    @Test
    void breakOff_isDueShortlyAfterAllWasTold() {
        stream(true);
        pass(1_000);
        enter(Stage.LINGERING);
        assertThat(clocks.breakOff() - now).isEqualTo(millis(250));
    }

    @Test
    void never_isNeverDue_andLaterThanEverything() {
        assertThat(clocks.isDue(StreamClocks.NEVER)).isFalse();
        assertThat(StreamClocks.earlier(StreamClocks.NEVER, 5)).isEqualTo(5);
        assertThat(StreamClocks.earlier(5, StreamClocks.NEVER)).isEqualTo(5);
        assertThat(StreamClocks.earlier(StreamClocks.NEVER, StreamClocks.NEVER)).isEqualTo(StreamClocks.NEVER);
        assertThat(StreamClocks.earlier(Long.MAX_VALUE - 1, Long.MIN_VALUE + 5))
                .as("across the overflow")
                .isEqualTo(Long.MAX_VALUE - 1);
    }

    @Test
    void times_areToldFromTheRequestsBeginning() {
        assertThat(clocks.firstToken()).isNull();
        pass(2_000);
        open(true);
        pass(1_000);
        enter(Stage.WAITING);
        pass(4_000);
        enter(Stage.STREAMING);
        pass(1_000);
        assertThat(clocks.firstToken()).isEqualTo(Duration.ofSeconds(7));
        assertThat(clocks.duration()).isEqualTo(Duration.ofSeconds(8));
    }

    @Test
    void paused_countsEveryPause_andOneThatIsNotOver() {
        clocks.clientBlocks();
        pass(2_000);
        clocks.clientTakes(stage);
        pass(10_000);
        assertThat(clocks.paused()).isEqualTo(Duration.ofSeconds(2));
        clocks.clientBlocks();
        pass(3_000);
        assertThat(clocks.paused()).isEqualTo(Duration.ofSeconds(5));
    }

    private void open(boolean takesComments) {
        clocks.passedOn(TIMEOUTS, takesComments);
        enter(Stage.CONNECTING);
    }

    /** The first token was received now. */
    private void stream(boolean takesComments) {
        open(takesComments);
        enter(Stage.WAITING);
        enter(Stage.STREAMING);
        clocks.token();
    }

    private void enter(Stage next) {
        stage = next;
        clocks.entered(next);
    }

    private void pass(long millis) {
        now += millis(millis);
        clocks.tick(now);
    }

    private void assertDueIn(long millis) {
        assertThat(clocks.deadline(stage) - now).isEqualTo(millis(millis));
    }

    private boolean due() {
        return clocks.isDue(clocks.deadline(stage));
    }

    private Failure failure() {
        return requireNonNull(clocks.timeout(stage));
    }

    private String code() {
        return failure().code();
    }

    private static long millis(long millis) {
        return millis * 1_000_000;
    }
}
