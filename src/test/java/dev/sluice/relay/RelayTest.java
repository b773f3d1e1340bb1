package dev.sluice.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Failure;
import dev.sluice.relay.Figures.Pause;
import dev.sluice.relay.Figures.WaitsFor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The loop, fact by fact, in virtual time and one thread. */
class RelayTest {
    private static final Limits LIMITS = new Limits(
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            Duration.ofSeconds(60),
            Duration.ofSeconds(20),
            Duration.ofSeconds(40),
            Duration.ofSeconds(15),
            1000,
            256);

    private final ManualClock clock = new ManualClock();
    private final FakeUpstream upstream = new FakeUpstream();
    private final FakeDownstream downstream = new FakeDownstream();
    private final Figures figures = new Figures();
    private final List<Runnable> elsewhere = new ArrayList<>();
    private Executor executor = elsewhere::add;
    private int ends;
    private final Relay relay = new Relay(
            downstream, new PlainTranslator(), LIMITS, clock, task -> executor.execute(task), figures, r -> ends++);

    @AfterEach
    void nothingIsLeft_whateverHappened() {
        if (!downstream.ended()) {
            return;
        }
        int writes = downstream.writes;
        relay.wake();
        clock.pass(10_000_000);
        assertThat(ends).as("times the end was told").isEqualTo(1);
        assertThat(figures.open()).as("open streams").isZero();
        assertThat(figures.heldBytes()).as("held bytes").isZero();
        for (WaitsFor whom : WaitsFor.values()) {
            assertThat(figures.waiting(whom)).as("waiting for %s", whom).isZero();
        }
        assertThat(clock.pending()).as("alarms").isZero();
        assertThat(downstream.writes).as("writes after the end").isEqualTo(writes);
        assertThat(!upstream.started || upstream.finished || upstream.cancelled)
                .as("the upstream was let go")
                .isTrue();
    }

    // ---- A whole answer.

    @Test
    void event_whole_isWrittenAndFlushedAtOnceAndTheNextDemanded() {
        relay.open(upstream);
        upstream.give("data: a\n\n");
        assertThat(downstream.taken()).isEqualTo("data: a\n\n");
        assertThat(downstream.flushes).isEqualTo(1);
        assertThat(upstream.isAsked()).isTrue();
        assertThat(figures.waiting(WaitsFor.UPSTREAM)).isEqualTo(1);
    }

    @Test
    void event_cutAnywhere_leavesWithItsLastByte() {
        String event = "data: aé\r\n\r\n";
        for (int cut = 1; cut < event.length() - 1; cut++) {
            var test = new RelayTest();
            test.relay.open(test.upstream);
            test.upstream.give(event.substring(0, cut));
            assertThat(test.downstream.taken()).as("cut at %d", cut).isEmpty();
            test.upstream.give(event.substring(cut));
            assertThat(test.downstream.taken()).as("cut at %d", cut).isEqualTo("data: aé\n\n");
        }
    }

    @Test
    void lastWord_endsTheStreamWithDoneAndKeepsTheConnection() {
        relay.open(upstream);
        upstream.give("data: a\n\ndata: [DONE]\n\ndata: never\n\n");
        assertThat(downstream.taken()).isEqualTo("data: a\n\nevent: done\ndata: {}\n\n");
        assertThat(upstream.finished).isTrue();
        assertThat(downstream.completed).isTrue();
        assertThat(figures.ended(Outcome.WHOLE)).isEqualTo(1);
    }

    @Test
    void cleanEndAfterEveryChoiceFinished_isWhole() {
        relay.open(upstream);
        upstream.give("data: a\n\ndata: fin\n\n");
        upstream.end();
        assertThat(downstream.taken()).endsWith("event: done\ndata: {}\n\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"data: [DONE]", "data: [DONE]\n", "data: [DONE]\r"})
    void unterminatedLastWord_thenEnd_isWhole(String last) {
        relay.open(upstream);
        upstream.give("data: a\n\n" + last);
        upstream.end();
        assertThat(downstream.taken()).endsWith("event: done\ndata: {}\n\n");
    }

    @Test
    void unterminatedEvent_thenEnd_isDiscardedAndTheAnswerBrokenOff() {
        relay.open(upstream);
        upstream.give("data: a\n\ndata: lost\n");
        upstream.end();
        assertThat(downstream.taken()).isEqualTo("data: a\n\nevent: error\ndata: incomplete\n\n");
        assertThat(downstream.aborted).isTrue();
        assertThat(figures.ended(Outcome.BROKEN_OFF)).isEqualTo(1);
    }

    @Test
    void failureAfterEveryChoiceFinished_isNoCleanEnd() {
        relay.open(upstream);
        upstream.give("data: a\n\ndata: fin\n\n");
        upstream.fail(Failure.upstream("lost", "lost"));
        assertThat(downstream.taken()).endsWith("event: error\ndata: lost\n\n");
    }

    // ---- Failures.

    @Test
    void failure_beforeAnyEvent_hasAStatus() {
        relay.open(upstream);
        upstream.fail(Failure.upstream("refused", "refused"));
        assertThat(downstream.refused).isNotNull();
        assertThat(downstream.taken()).isEqualTo("{problem}");
        assertThat(downstream.completed).isTrue();
        assertThat(figures.ended(Outcome.REFUSED)).isEqualTo(1);
    }

    @Test
    void failure_afterSignsOfLifeOnly_hasAStatus() {
        relay.open(upstream);
        upstream.give("data: -\n\n: ping\n\ndata: !\n\n");
        assertThat(downstream.refused).isSameAs(PlainTranslator.REPORTED);
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void failure_thatNoStatusFits_isAnEventEvenBeforeAnyOther() {
        relay.open(upstream);
        upstream.fail(new Failure(200, "unsupported", "tool_call", "tools"));
        assertThat(downstream.taken()).isEqualTo("event: error\ndata: tool_call\n\n");
        assertThat(downstream.aborted).isTrue();
    }

    @Test
    void failure_withEventsAtHand_comesAfterThem() {
        relay.open(upstream);
        upstream.giveSilently("data: a\n\n");
        upstream.giveSilently("data: b\n\nda");
        upstream.fail(Failure.upstream("lost", "lost"));
        assertThat(downstream.taken()).isEqualTo("data: a\n\ndata: b\n\nevent: error\ndata: lost\n\n");
        assertThat(downstream.aborted).isTrue();
    }

    @Test
    void reportedError_thenLastWord_isNoDone() {
        relay.open(upstream);
        upstream.give("data: a\n\ndata: !\n\ndata: [DONE]");
        assertThat(downstream.taken()).isEqualTo("data: a\n\nevent: error\ndata: reported\n\n");
    }

    @Test
    void event_tooLong_breaksOff() {
        relay.open(upstream);
        upstream.give("data: a\n\ndata: " + "x".repeat(2000));
        assertThat(downstream.taken()).isEqualTo("data: a\n\nevent: error\ndata: event_too_long\n\n");
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void refuse_beforeTheRequestIsWhole_neverStartsTheUpstream() {
        relay.refuse(Failure.invalid(400, "bad", "bad", null));
        relay.open(upstream);
        assertThat(downstream.refused).isNotNull();
        assertThat(upstream.started).isFalse();
    }

    @Test
    void refuse_whileStreaming_passesWhatCameWholeAndBreaksOff() {
        relay.open(upstream);
        upstream.give("data: a\n\ndata: par");
        relay.refuse(Failure.unavailable("draining", "draining", "bye", Duration.ZERO));
        assertThat(downstream.taken()).isEqualTo("data: a\n\nevent: error\ndata: draining\n\n");
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void refuse_underAFlood_isHeardAllTheSame() {
        downstream.writable = false;
        relay.open(upstream);
        for (int i = 0; i < 1000; i++) {
            upstream.giveSilently("data: x\n\n");
        }
        relay.refuse(Failure.unavailable("draining", "draining", "bye", Duration.ZERO));
        downstream.writable = true;
        relay.wake();
        assertThat(downstream.taken()).isEqualTo("{problem}");
        assertThat(upstream.started).isFalse();
    }

    // ---- Back-pressure.

    @Test
    void clientNotReady_upstreamIsNeitherReadNorAsked() {
        relay.open(upstream);
        upstream.give("data: a\n\n");
        downstream.writable = false;
        upstream.give("data: b\n\n"); // answers the demand made before
        int reads = upstream.reads;
        for (int i = 0; i < 100; i++) {
            upstream.giveSilently("data: c\n\n");
            relay.wake();
        }
        assertThat(upstream.reads).isEqualTo(reads);
        assertThat(upstream.isAsked()).isFalse();
        assertThat(downstream.taken()).isEqualTo("data: a\n\n");
        assertThat(figures.waiting(WaitsFor.CLIENT)).isEqualTo(1);

        downstream.writable = true;
        relay.wake();
        assertThat(downstream.taken()).isEqualTo("data: a\n\ndata: b\n\n" + "data: c\n\n".repeat(100));
        assertThat(upstream.isAsked()).isTrue();
    }

    @Test
    void events_atHandTogether_areFlushedOnce() {
        relay.open(upstream);
        for (int i = 0; i < 10; i++) {
            upstream.giveSilently("data: x\n\n");
        }
        upstream.give("data: y\n\n");
        assertThat(downstream.flushes).isEqualTo(1);
        assertThat(downstream.writes).isEqualTo(1);
    }

    @Test
    void events_moreThanTheBuffer_areWrittenWheneverItIsFull() {
        relay.open(upstream);
        String event = "data: " + "x".repeat(42) + "\n\n"; // 50 bytes: six fill the buffer
        for (int i = 0; i < 59; i++) {
            upstream.giveSilently(event);
        }
        upstream.give(event);
        assertThat(downstream.writes).isEqualTo(10);
        assertThat(downstream.taken()).isEqualTo(event.repeat(60));
    }

    @Test
    void longRun_goesOnElsewhere_andNobodyElseRunsMeanwhile() {
        relay.open(upstream);
        String event = "data: " + "x".repeat(500) + "\n\n";
        for (int i = 0; i < 1000; i++) {
            upstream.giveSilently(event);
        }
        relay.wake();
        assertThat(elsewhere).hasSize(1);
        int left = upstream.chunksAtHand();
        assertThat(left).isBetween(700, 999);
        relay.wake();
        assertThat(upstream.chunksAtHand()).as("a waker beside the pending run").isEqualTo(left);
        while (!elsewhere.isEmpty()) {
            elsewhere.remove(0).run();
        }
        assertThat(downstream.taken()).isEqualTo(event.repeat(1000));
    }

    @Test
    void longRun_executorIsStopping_goesOnHere() {
        executor = task -> {
            throw new RejectedExecutionException();
        };
        relay.open(upstream);
        String event = "data: " + "x".repeat(500) + "\n\n";
        for (int i = 0; i < 1000; i++) {
            upstream.giveSilently(event);
        }
        relay.wake();
        assertThat(downstream.taken()).isEqualTo(event.repeat(1000));
    }

    @Test
    void floodThatSaysNothing_holdsBackNeitherTokensNorHeartbeatsNorClocks() {
        relay.open(upstream);
        for (int i = 0; i < 1000; i++) {
            upstream.giveSilently(": " + "x".repeat(900) + "\n\n");
        }
        upstream.give("data: -\n\n");
        assertThat(elsewhere).hasSize(1);
        clock.pass(15_000);
        elsewhere.remove(0).run();
        assertThat(downstream.taken()).isEqualTo(": keep-alive\n");
        assertThat(downstream.flushes).isEqualTo(1);
        clock.pass(45_000);
        elsewhere.remove(0).run();
        assertThat(downstream.taken()).endsWith("event: error\ndata: first_token_timeout\n\n");
    }

    // ---- The client leaves.

    @Test
    void clientGone_whileWaitingForTheUpstream_cancelsIt() {
        relay.open(upstream);
        downstream.gone = true;
        relay.wake();
        assertThat(upstream.cancelled).isTrue();
        assertThat(figures.ended(Outcome.CLIENT_GONE)).isEqualTo(1);
    }

    @Test
    void clientGone_beforeTheRequestIsWhole_ends() {
        downstream.gone = true;
        relay.wake();
        assertThat(downstream.completed).isTrue();
        relay.open(upstream);
        assertThat(upstream.started).isFalse();
    }

    @Test
    void clientGone_foundByAWrite_cancels() {
        relay.open(upstream);
        downstream.goneAtNextWrite = true;
        upstream.give("data: a\n\n");
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void clientGone_foundByTheHeartbeat_cancelsASilentUpstream() {
        relay.open(upstream);
        downstream.goneAtNextWrite = true;
        clock.pass(15_000);
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void clientGone_afterTheLastWord_isNotCancelledTwice() {
        downstream.writable = false;
        relay.open(upstream);
        downstream.writable = true;
        downstream.goneAtNextWrite = true;
        upstream.giveSilently("data: [DONE]\n\n");
        relay.wake();
        assertThat(upstream.finished).isTrue();
        assertThat(figures.ended(Outcome.CLIENT_GONE)).isEqualTo(1);
    }

    // ---- Clocks.

    @Test
    void body_notWholeInTime_isRefusedWith408() {
        relay.wake();
        clock.pass(29_999);
        assertThat(downstream.ended()).isFalse();
        clock.pass(1);
        assertThat(status()).isEqualTo(408);
        assertThat(upstream.started).isFalse();
    }

    @Test
    void heartbeat_countsFromTheUpstreamsStart_notFromTheBody() {
        relay.wake();
        clock.pass(29_000);
        relay.open(upstream);
        clock.pass(14_999);
        assertThat(downstream.begun).isFalse();
        clock.pass(1);
        assertThat(downstream.taken()).isEqualTo(": keep-alive\n");
    }

    @Test
    void connect_notInTime_is504() {
        upstream.sent = false;
        relay.open(upstream);
        clock.pass(5_000);
        assertThat(status()).isEqualTo(504);
        assertThat(failureCode()).isEqualTo("connect_timeout");
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void firstToken_clockStartsWhenTheRequestHasLeft_andOnlyATokenStopsIt() {
        upstream.sent = false;
        relay.open(upstream);
        clock.pass(4_000);
        upstream.commit();
        clock.pass(50_000);
        upstream.give(": ping\n\ndata: -\n\n");
        clock.pass(9_999);
        assertThat(downstream.ended()).isFalse();
        clock.pass(1);
        assertThat(downstream.taken())
                .isEqualTo(": keep-alive\n".repeat(4) + "event: error\ndata: first_token_timeout\n\n");
    }

    @Test
    void idle_afterTheFirstToken_anyByteShowsLife() {
        relay.open(upstream);
        upstream.give("data: a\n\n");
        clock.pass(19_000);
        upstream.give(": ping\n\n");
        clock.pass(19_999);
        assertThat(downstream.ended()).isFalse();
        clock.pass(1);
        assertThat(downstream.taken()).endsWith("event: error\ndata: idle_timeout\n\n");
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void idle_unterminatedLastWord_isWhole() {
        relay.open(upstream);
        upstream.give("data: a\n\ndata: [DONE]\n");
        clock.pass(20_000);
        assertThat(downstream.taken()).endsWith("event: done\ndata: {}\n\n");
    }

    @Test
    void idle_standsStillWhileTheClientTakesNothing() {
        relay.open(upstream);
        upstream.give("data: a\n\n");
        clock.pass(14_000);
        downstream.writable = false;
        clock.pass(35_000); // blocked from 15 s on, when the heartbeat was due
        downstream.writable = true;
        relay.wake();
        assertThat(downstream.ended()).isFalse();
        clock.pass(4_000);
        assertThat(downstream.ended())
                .as("the idle clock went on where it stood")
                .isFalse();
        clock.pass(2_000);
        assertThat(downstream.taken()).endsWith("event: error\ndata: idle_timeout\n\n");
    }

    @Test
    void heartbeat_onlyAfterItsIntervalOfSilence() {
        relay.open(upstream);
        clock.pass(15_000);
        clock.pass(14_000);
        upstream.give("data: a\n\n");
        clock.pass(14_999);
        assertThat(downstream.taken()).isEqualTo(": keep-alive\ndata: a\n\n");
        clock.pass(1);
        assertThat(downstream.taken()).isEqualTo(": keep-alive\ndata: a\n\n: keep-alive\n");
        assertThat(figures.heartbeats()).isEqualTo(2);
    }

    @Test
    void pause_afterAHeartbeatAndAnEvent_isForTheAnswer() {
        relay.open(upstream);
        clock.pass(15_000);
        downstream.writable = false;
        relay.wake();
        clock.pass(2_000);
        downstream.writable = true;
        relay.wake();
        upstream.give("data: a\n\n");
        downstream.writable = false;
        relay.wake();
        clock.pass(3_000);
        downstream.writable = true;
        relay.wake();
        assertThat(figures.pausedSeconds(Pause.HEARTBEAT)).isEqualTo(2.0);
        assertThat(figures.pausedSeconds(Pause.ANSWER)).isEqualTo(3.0);
    }

    @Test
    void heartbeat_whileAnEventIsHalfHere_comesBetweenEvents() {
        relay.open(upstream);
        upstream.give("data: a");
        clock.pass(15_000);
        upstream.give("b\n\n");
        assertThat(downstream.taken()).isEqualTo(": keep-alive\ndata: ab\n\n");
    }

    @Test
    void stall_clientTakesNothing_isLetGoAndTheUpstreamCancelled() {
        relay.open(upstream);
        upstream.give("data: a\n\n");
        downstream.writable = false;
        upstream.give("data: b\n\n");
        clock.pass(39_999);
        assertThat(downstream.ended()).isFalse();
        assertThat(upstream.cancelled).isFalse();
        clock.pass(1);
        assertThat(upstream.cancelled).isTrue();
        assertThat(downstream.aborted).isTrue();
        assertThat(figures.ended(Outcome.CLIENT_STALLED)).isEqualTo(1);
    }

    @Test
    void stall_aSlowClientThatTakesNowAndThen_isNotStalled() {
        relay.open(upstream);
        for (int i = 0; i < 10; i++) {
            downstream.writable = false;
            upstream.giveSilently("data: x\n\n");
            relay.wake();
            clock.pass(39_000);
            downstream.writable = true;
            relay.wake();
        }
        assertThat(downstream.ended()).isFalse();
        assertThat(downstream.taken()).isEqualTo("data: x\n\n".repeat(10));
        assertThat(figures.pausedSeconds(Pause.ANSWER)).isEqualTo(390.0);
    }

    @Test
    void stall_withLastWordsPending_isLetGoWithoutThem() {
        relay.open(upstream);
        upstream.give("data: a\n\n");
        upstream.giveSilently("data: [DONE]\n\n");
        downstream.writable = false;
        relay.wake();
        clock.pass(40_000);
        assertThat(figures.ended(Outcome.CLIENT_STALLED)).isEqualTo(1);
        assertThat(downstream.taken()).doesNotContain("done");
    }

    @Test
    void letGo_aClientThatTakesNothing_endsAtOnce() {
        relay.open(upstream);
        upstream.give("data: a\n\n");
        downstream.writable = false;
        relay.wake();
        relay.refuse(Failure.unavailable("draining", "draining", "bye", Duration.ZERO));
        assertThat(downstream.ended()).isFalse();
        relay.letGo();
        assertThat(upstream.cancelled).isTrue();
        assertThat(figures.ended(Outcome.CLIENT_STALLED)).isEqualTo(1);
    }

    @Test
    void letGo_aClientThatTakesWhatThereIs_changesNothing() {
        relay.open(upstream);
        relay.letGo();
        upstream.give("data: a\n\ndata: [DONE]\n\n");
        assertThat(figures.ended(Outcome.WHOLE)).isEqualTo(1);
    }

    @Test
    void alarms_manyTokens_setHardlyAny() {
        relay.open(upstream);
        for (int i = 0; i < 10_000; i++) {
            upstream.give("data: x\n\n");
            clock.pass(1);
        }
        assertThat(clock.scheduledSoFar()).isLessThan(5);
        assertThat(clock.pending()).isEqualTo(1);
    }

    @Test
    void fault_ofOurs_endsTheStreamAndLetsTheUpstreamGo() {
        relay.open(upstream);
        upstream.give("data: a\n\n");
        executor = task -> {};
        downstream.fault = new IllegalStateException("a bug");
        upstream.give("data: b\n\n");
        assertThat(upstream.cancelled).isTrue();
        assertThat(downstream.aborted).isTrue();
    }

    private int status() {
        return downstream.refused == null ? 200 : downstream.refused.status();
    }

    private String failureCode() {
        return downstream.refused == null ? "" : downstream.refused.code();
    }
}
