package dev.sluice.relay;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Failure;
import dev.sluice.relay.StreamMetrics.WaitsFor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The loop of a stream, with a clock that the test moves, in one thread. */
class RelayTest {
    private static final Limits LIMITS =
            new Limits(Duration.ofSeconds(30), Duration.ofSeconds(40), Duration.ofSeconds(15), 256);

    private final ManualClock clock = new ManualClock();
    private final FakeUpstream upstream = new FakeUpstream();
    private final FakeDownstream downstream = new FakeDownstream();
    private final StreamMetrics metrics = new StreamMetrics();
    private final List<Runnable> elsewhere = new ArrayList<>();
    private Executor executor = elsewhere::add;
    private final RecordingListener listener = new RecordingListener();
    private int ends;
    private @Nullable Error toThrow; // thrown when the end is reported
    private final Relay relay = new Relay(downstream, LIMITS, clock, task -> executor.execute(task), metrics, ended -> {
        ends++;
        if (toThrow != null) {
            throw toThrow;
        }
    });

    RelayTest() {
        relay.join(listener);
    }

    @AfterEach
    void nothingIsLeft_whateverHappened() {
        if (!downstream.ended()) {
            return;
        }
        int writes = downstream.writes;
        relay.wake();
        clock.pass(10_000_000);
        assertThat(ends).as("times the owner was told of the end").isEqualTo(1);
        assertThat(listener.ends()).as("times the end was told").isEqualTo(1);
        assertThat(metrics.heldBytes()).as("held bytes").isZero();
        for (WaitsFor whom : WaitsFor.values()) {
            assertThat(metrics.waiting(whom)).as("waiting for %s", whom).isZero();
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
        open();
        upstream.give("data: a\n\n");
        assertThat(downstream.taken()).isEqualTo("data: a\n\n");
        assertThat(downstream.flushes).isEqualTo(1);
        assertThat(upstream.isAsked()).isTrue();
        assertThat(metrics.waiting(WaitsFor.UPSTREAM)).isEqualTo(1);
    }

    @Test
    void event_alone_isLookedForOnceAndThenOnceMore() {
        var translator = new PlainTranslator(true);
        relay.passOn(upstream, translator);
        upstream.give("data: a\n\n");
        translator.looks = 0;
        upstream.reads = 0;
        upstream.give("data: b\n\n");
        assertThat(downstream.taken()).isEqualTo("data: a\n\ndata: b\n\n");
        assertThat(translator.looks).as("calls of the translator").isEqualTo(2);
        assertThat(upstream.reads).as("reads of the upstream").isEqualTo(2);
    }

    @Test
    void event_cutAnywhere_leavesWithItsLastByte() {
        String event = "data: aé\r\n\r\n";
        for (int cut = 1; cut < event.length() - 1; cut++) {
            var test = new RelayTest();
            test.open();
            test.upstream.give(event.substring(0, cut));
            assertThat(test.downstream.taken()).as("cut at %d", cut).isEmpty();
            test.upstream.give(event.substring(cut));
            assertThat(test.downstream.taken()).as("cut at %d", cut).isEqualTo("data: aé\n\n");
        }
    }

    @Test
    void event_thatTheContainerStillWrites_isLeftAloneByTheThreadsOtherStreams() {
        open();
        downstream.fullAtNextWrite = true;
        upstream.give("data: being written\n\n");
        for (int i = 0; i < 3; i++) {
            var other = new RelayTest();
            other.open();
            other.upstream.give("data: another's\n\n".repeat(20));
            other.upstream.give("data: [DONE]\n\n");
            assertThat(other.downstream.completed).isTrue();
        }
        downstream.takes(true); // also checks that the relay has not changed the written array
        relay.wake();
        upstream.give("data: next\n\n");
        assertThat(downstream.taken()).isEqualTo("data: being written\n\ndata: next\n\n");
    }

    @Test
    void lastWord_endsTheStreamWithDoneAndKeepsTheConnection() {
        open();
        upstream.give("data: a\n\ndata: [DONE]\n\ndata: never\n\n");
        assertThat(downstream.taken()).isEqualTo("data: a\n\nevent: done\ndata: {}\n\n");
        assertThat(upstream.finished).isTrue();
        assertThat(downstream.completed).isTrue();
        assertThat(listener.ended(Outcome.WHOLE)).isEqualTo(1);
    }

    @Test
    void cleanEndAfterEveryChoiceFinished_isWhole() {
        open();
        upstream.give("data: a\n\ndata: fin\n\n");
        upstream.end();
        assertThat(downstream.taken()).endsWith("event: done\ndata: {}\n\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"data: [DONE]", "data: [DONE]\n", "data: [DONE]\r"})
    void unterminatedLastWord_thenEnd_isWhole(String last) {
        open();
        upstream.give("data: a\n\n" + last);
        upstream.end();
        assertThat(downstream.taken()).endsWith("event: done\ndata: {}\n\n");
    }

    @Test
    void unterminatedEvent_thenEnd_isDiscardedAndTheAnswerBrokenOff() {
        open();
        upstream.give("data: a\n\ndata: lost\n");
        upstream.end();
        assertThat(downstream.taken()).isEqualTo("data: a\n\nevent: error\ndata: incomplete\n\n");
        clock.pass(250);
        assertThat(downstream.aborted).isTrue();
        assertThat(listener.ended(Outcome.BROKEN_OFF)).isEqualTo(1);
    }

    @Test
    void failureAfterEveryChoiceFinished_isNoCleanEnd() {
        open();
        upstream.give("data: a\n\ndata: fin\n\n");
        upstream.fail(Failure.upstream("lost", "lost"));
        assertThat(downstream.taken()).endsWith("event: error\ndata: lost\n\n");
    }

    // ---- Failures.

    @Test
    void failure_beforeAnyEvent_hasAStatus() {
        open();
        upstream.fail(Failure.upstream("refused", "refused"));
        assertThat(downstream.refused).isNotNull();
        assertThat(downstream.taken()).isEqualTo("{problem}");
        assertThat(downstream.completed).isTrue();
        assertThat(listener.ended(Outcome.REFUSED)).isEqualTo(1);
    }

    @Test
    void failure_afterSignsOfLifeOnly_hasAStatus() {
        open();
        upstream.give("data: -\n\n: ping\n\ndata: !\n\n");
        assertThat(downstream.refused).isSameAs(PlainTranslator.REPORTED);
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void failure_thatNoStatusFits_isAnEventEvenBeforeAnyOther() {
        open();
        upstream.fail(new Failure(200, "unsupported", "tool_call", "tools"));
        assertThat(downstream.taken()).isEqualTo("event: error\ndata: tool_call\n\n");
        clock.pass(250);
        assertThat(downstream.aborted).isTrue();
    }

    @Test
    void failure_withEventsAtHand_comesAfterThem() {
        open();
        upstream.giveSilently("data: a\n\n");
        upstream.giveSilently("data: b\n\nda");
        upstream.fail(Failure.upstream("lost", "lost"));
        assertThat(downstream.taken()).isEqualTo("data: a\n\ndata: b\n\nevent: error\ndata: lost\n\n");
        clock.pass(250);
        assertThat(downstream.aborted).isTrue();
    }

    @Test
    void reportedError_thenLastWord_isNoDone() {
        open();
        upstream.give("data: a\n\ndata: !\n\ndata: [DONE]");
        assertThat(downstream.taken()).isEqualTo("data: a\n\nevent: error\ndata: reported\n\n");
    }

    @Test
    void event_tooLong_breaksOff() {
        open();
        upstream.give("data: a\n\ndata: " + "x".repeat(2000));
        assertThat(downstream.taken()).isEqualTo("data: a\n\nevent: error\ndata: event_too_long\n\n");
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void refuse_beforeTheRequestIsWhole_neverStartsTheUpstream() {
        relay.refuse(Failure.invalid(400, "bad", "bad", null));
        open();
        assertThat(downstream.refused).isNotNull();
        assertThat(upstream.started).isFalse();
    }

    @Test
    void refuseEarly_isAnsweredAtOnceAndEndsWhenTheRequestHasCome() {
        relay.refuseEarly(Failure.noMemory());
        assertThat(status()).isEqualTo(503);
        assertThat(downstream.taken()).isEqualTo("{problem}");
        assertThat(downstream.flushes).isEqualTo(1);
        assertThat(downstream.ended()).isFalse();
        assertThat(metrics.waiting(WaitsFor.REQUEST)).isEqualTo(1);
        relay.wake();
        assertThat(downstream.ended()).isFalse();
        relay.requestOver();
        assertThat(downstream.completed).isTrue();
        assertThat(listener.ended(Outcome.REFUSED)).isEqualTo(1);
    }

    @Test
    void refuseEarly_requestThatIsNeverWhole_endsAtItsClock() {
        relay.refuseEarly(Failure.noMemory());
        clock.pass(LIMITS.body().toMillis() - 1);
        assertThat(downstream.ended()).isFalse();
        clock.pass(1);
        assertThat(downstream.completed).isTrue();
        assertThat(listener.ended(Outcome.REFUSED)).isEqualTo(1);
    }

    @Test
    void refuseEarly_clientReadsItAndLeaves_isRefused() {
        relay.refuseEarly(Failure.noMemory());
        downstream.leave();
        relay.wake();
        assertThat(downstream.completed).isTrue();
        assertThat(listener.ended(Outcome.REFUSED)).isEqualTo(1);
    }

    @Test
    void refuseEarly_letGo_endsAtOnce() {
        relay.refuseEarly(Failure.noMemory());
        relay.letGo();
        assertThat(downstream.completed).isTrue();
    }

    @Test
    void refuse_whileStreaming_passesWhatCameWholeAndBreaksOff() {
        open();
        upstream.give("data: a\n\ndata: par");
        relay.refuse(Failure.unavailable("draining", "draining", "bye", Duration.ZERO));
        assertThat(downstream.taken()).isEqualTo("data: a\n\nevent: error\ndata: draining\n\n");
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void refuse_onceEveryChoiceHasFinished_isWhole() {
        open();
        upstream.give("data: a\n\ndata: fin\n\n");
        relay.refuse(Failure.unavailable("draining", "draining", "bye", Duration.ZERO));
        assertThat(downstream.taken()).isEqualTo("data: a\n\nevent: done\ndata: {}\n\n");
        assertThat(upstream.finished).isTrue();
        assertThat(listener.ended(Outcome.WHOLE)).isEqualTo(1);
    }

    @Test
    void refuse_underAFlood_isHeardAllTheSame() {
        downstream.writable = false;
        open();
        for (int i = 0; i < 1000; i++) {
            upstream.giveSilently("data: x\n\n");
        }
        relay.refuse(Failure.unavailable("draining", "draining", "bye", Duration.ZERO));
        downstream.writable = true;
        relay.wake();
        assertThat(downstream.taken()).isEqualTo("{problem}");
        assertThat(upstream.started).isFalse();
    }

    // ---- Time to read that the answer broke off: Chromium discards what it has not read when the connection breaks.

    @Test
    void brokenAnswer_breaksOffNoEarlierThanItsErrorCanBeRead() {
        breakAfterOneEvent();
        assertThat(downstream.flushes).isEqualTo(2);
        assertThat(upstream.cancelled).as("the provider need not wait").isTrue();
        clock.pass(249);
        assertThat(downstream.ended()).isFalse();
        clock.pass(1);
        assertThat(downstream.aborted).isTrue();
        assertThat(listener.ended(Outcome.BROKEN_OFF)).isEqualTo(1);
    }

    @Test
    void brokenAnswer_timeToReadBeginsWhenTheContainerHasSentIt() {
        open();
        upstream.give("data: a\n\n");
        downstream.fullAtNextWrite = true;
        upstream.fail(Failure.upstream("lost", "lost"));
        clock.pass(5_000);
        downstream.writable = true;
        relay.wake();
        clock.pass(249);
        assertThat(downstream.ended()).isFalse();
        clock.pass(1);
        assertThat(downstream.aborted).isTrue();
    }

    @Test
    void brokenAnswer_clientReadsItAndLeaves_endsAtOnceAsBrokenOff() {
        breakAfterOneEvent();
        downstream.gone = true;
        relay.wake();
        assertThat(downstream.completed).isTrue();
        assertThat(listener.ended(Outcome.BROKEN_OFF)).isEqualTo(1);
    }

    @Test
    void brokenAnswer_clientLeavesBeforeItIsSent_isGone() {
        open();
        upstream.give("data: a\n\n");
        downstream.goneAtNextWrite = true;
        upstream.fail(Failure.upstream("lost", "lost"));
        assertThat(listener.ended(Outcome.CLIENT_GONE)).isEqualTo(1);
    }

    @Test
    void brokenAnswer_letGo_breaksOffAtOnce() {
        breakAfterOneEvent();
        relay.letGo();
        assertThat(downstream.aborted).isTrue();
    }

    @Test
    void brokenAnswer_heartbeatDueMeanwhile_isNotWritten() {
        open();
        upstream.give("data: a\n\n");
        clock.pass(14_950);
        upstream.fail(Failure.upstream("lost", "lost"));
        clock.pass(20_000);
        assertThat(downstream.taken()).isEqualTo("data: a\n\nevent: error\ndata: lost\n\n");
    }

    // ---- Back-pressure.

    @Test
    void clientNotReady_upstreamIsNeitherReadNorAsked() {
        open();
        upstream.give("data: a\n\n");
        downstream.writable = false;
        upstream.give("data: b\n\n"); // answers the earlier demand
        int reads = upstream.reads;
        for (int i = 0; i < 100; i++) {
            upstream.giveSilently("data: c\n\n");
            relay.wake();
        }
        assertThat(upstream.reads).isEqualTo(reads);
        assertThat(upstream.isAsked()).isFalse();
        assertThat(downstream.taken()).isEqualTo("data: a\n\n");
        assertThat(metrics.waiting(WaitsFor.CLIENT)).isEqualTo(1);

        downstream.writable = true;
        relay.wake();
        assertThat(downstream.taken()).isEqualTo("data: a\n\ndata: b\n\n" + "data: c\n\n".repeat(100));
        assertThat(upstream.isAsked()).isTrue();
    }

    @Test
    void events_atHandTogether_areFlushedOnce() {
        open();
        for (int i = 0; i < 10; i++) {
            upstream.giveSilently("data: x\n\n");
        }
        upstream.give("data: y\n\n");
        assertThat(downstream.flushes).isEqualTo(1);
        assertThat(downstream.writes).isEqualTo(1);
    }

    @Test
    void events_moreThanTheBuffer_areWrittenWheneverItIsFull() {
        open();
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
        open();
        String event = "data: " + "x".repeat(500) + "\n\n";
        for (int i = 0; i < 1000; i++) {
            upstream.giveSilently(event);
        }
        relay.wake();
        assertThat(elsewhere).hasSize(1);
        int left = upstream.chunksAtHand();
        assertThat(left).isBetween(400, 999);
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
        open();
        String event = "data: " + "x".repeat(500) + "\n\n";
        for (int i = 0; i < 1000; i++) {
            upstream.giveSilently(event);
        }
        relay.wake();
        assertThat(downstream.taken()).isEqualTo(event.repeat(1000));
    }

    @Test
    void floodThatSaysNothing_holdsBackNeitherTokensNorHeartbeatsNorClocks() {
        open();
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
        open();
        downstream.gone = true;
        relay.wake();
        assertThat(upstream.cancelled).isTrue();
        assertThat(listener.ended(Outcome.CLIENT_GONE)).isEqualTo(1);
    }

    @Test
    void clientGone_beforeTheRequestIsWhole_ends() {
        downstream.gone = true;
        relay.wake();
        assertThat(downstream.completed).isTrue();
        open();
        assertThat(upstream.started).isFalse();
    }

    @Test
    void clientGone_foundByAWrite_cancels() {
        open();
        downstream.goneAtNextWrite = true;
        upstream.give("data: a\n\n");
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void clientGone_foundByTheHeartbeat_cancelsASilentUpstream() {
        open();
        downstream.goneAtNextWrite = true;
        clock.pass(15_000);
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void clientGone_afterTheLastWord_isNotCancelledTwice() {
        downstream.writable = false;
        open();
        downstream.writable = true;
        downstream.goneAtNextWrite = true;
        upstream.giveSilently("data: [DONE]\n\n");
        relay.wake();
        assertThat(upstream.finished).isTrue();
        assertThat(listener.ended(Outcome.CLIENT_GONE)).isEqualTo(1);
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
    void body_thatIsToBeRefused_andIsNotWholeInTime_isRefusedForThat() {
        relay.wake();
        relay.refuseAtLatest(Failure.invalid(413, "too_large", "too large", null));
        clock.pass(29_999);
        assertThat(downstream.ended()).isFalse();
        clock.pass(1);
        assertThat(status()).isEqualTo(413);
        assertThat(upstream.started).isFalse();
    }

    // ---- Between the request's last byte and the upstream.

    @Test
    void received_isUndecidedForTooLong_isRefusedWith503ByAClockOfItsOwn() {
        relay.wake();
        clock.pass(29_000);
        relay.received();
        relay.wake();
        clock.pass(4_999);
        assertThat(downstream.ended()).isFalse();
        assertThat(metrics.waiting(WaitsFor.REQUEST)).isZero();
        assertThat(metrics.waiting(WaitsFor.ADMISSION)).isEqualTo(1);
        clock.pass(1);
        assertThat(status()).isEqualTo(503);
        assertThat(failureCode()).isEqualTo("admission_timeout");
        assertThat(requireNonNull(downstream.refused).retryAfter()).isEqualTo(Duration.ofSeconds(1));
        assertThat(upstream.started).isFalse();
    }

    /** As if the request were being read at that moment. */
    @Test
    void received_bodysClockRunsOutBeforeTheStreamIsWoken_isNoTimeoutOfTheClient() {
        relay.wake();
        clock.pass(29_999);
        relay.received();
        clock.pass(1);
        assertThat(downstream.refused).isNull();
        open();
        upstream.give("data: a\n\n");
        assertThat(downstream.taken()).isEqualTo("data: a\n\n");
    }

    @Test
    void received_isAdmittedLater_hasTheUpstreamAskedThenAndNotBefore() {
        relay.received();
        relay.wake();
        clock.pass(4_999);
        assertThat(upstream.started).isFalse();
        open();
        assertThat(upstream.started).isTrue();
        assertThat(metrics.waiting(WaitsFor.ADMISSION)).isZero();
        clock.pass(14_999);
        assertThat(downstream.begun).isFalse();
        clock.pass(1);
        assertThat(downstream.taken()).as("a heartbeat counts from there").isEqualTo(": keep-alive\n");
    }

    @Test
    void received_isAdmittedAtOnce_setsNoAlarmForThat() {
        relay.received();
        open();
        long alarms = clock.scheduledSoFar();
        var other = new RelayTest();
        other.open();
        assertThat(alarms).isEqualTo(other.clock.scheduledSoFar());
        assertThat(metrics.waitedSeconds(WaitsFor.ADMISSION)).isZero();
    }

    @Test
    void received_clientLeavesMeanwhile_endsTheStream() {
        relay.received();
        relay.wake();
        downstream.leave();
        relay.wake();
        assertThat(listener.ended(Outcome.CLIENT_GONE)).isEqualTo(1);
        open();
        assertThat(upstream.started).isFalse();
    }

    @Test
    void received_isRefusedOrDrainedMeanwhile_isAnsweredThatAtOnce() {
        relay.received();
        relay.wake();
        clock.pass(1_000);
        relay.refuse(Failure.invalid(429, "rate_limit_exceeded", "too much", null));
        assertThat(status()).isEqualTo(429);
        assertThat(downstream.completed).isTrue();
        open();
        assertThat(upstream.started).isFalse();
    }

    @Test
    void heartbeat_countsFromTheUpstreamsStart_notFromTheBody() {
        relay.wake();
        clock.pass(29_000);
        open();
        clock.pass(14_999);
        assertThat(downstream.begun).isFalse();
        clock.pass(1);
        assertThat(downstream.taken()).isEqualTo(": keep-alive\n");
    }

    @Test
    void connect_notInTime_is504() {
        upstream.sent = false;
        open();
        clock.pass(5_000);
        assertThat(status()).isEqualTo(504);
        assertThat(failureCode()).isEqualTo("connect_timeout");
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void firstToken_clockStartsWhenTheRequestHasLeft_andOnlyATokenStopsIt() {
        upstream.sent = false;
        open();
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
        open();
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
        open();
        upstream.give("data: a\n\ndata: [DONE]\n");
        clock.pass(20_000);
        assertThat(downstream.taken()).endsWith("event: done\ndata: {}\n\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ": ping\n\n", "da"})
    void finished_thenNothingOrCommentsOnly_isWholeAfterSomeSeconds(String comment) {
        open();
        upstream.give("data: a\n\ndata: fin\n\n");
        for (int second = 0; second < 5; second++) {
            assertThat(downstream.ended()).as("after %d s", second).isFalse();
            upstream.give(comment);
            clock.pass(1_000);
        }
        assertThat(downstream.taken()).endsWith("event: done\ndata: {}\n\n");
        assertThat(upstream.finished).isTrue();
        assertThat(listener.ended(Outcome.WHOLE)).isEqualTo(1);
    }

    @Test
    void finished_thenAnEvent_isWaitedForOnceMore() {
        open();
        upstream.give("data: a\n\ndata: fin\n\n");
        clock.pass(4_000);
        upstream.give("data: -\n\n");
        clock.pass(4_999);
        assertThat(downstream.ended()).isFalse();
        upstream.give("data: [DONE]\n\n");
        assertThat(listener.ended(Outcome.WHOLE)).isEqualTo(1);
    }

    @Test
    void finished_whileTheClientTakesNothing_theGraceStandsStill() {
        open();
        upstream.give("data: a\n\n");
        downstream.fullAtNextWrite = true;
        upstream.give("data: fin\n\ndata: b\n\n");
        clock.pass(30_000);
        assertThat(downstream.ended()).isFalse();
        downstream.takes(true);
        relay.wake();
        clock.pass(4_999);
        assertThat(downstream.ended()).isFalse();
        clock.pass(1);
        assertThat(listener.ended(Outcome.WHOLE)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {": ping\n\n", "data: -\n\n"})
    void token_thenSignsOfLifeOnly_endsByAClockOfItsOwn(String life) {
        open();
        upstream.give("data: a\n\n");
        clock.pass(10_000);
        upstream.give("data: b\n\n");
        for (int i = 0; i < 10; i++) {
            assertThat(downstream.ended()).as("after %d s", i * 10).isFalse();
            upstream.give(life);
            clock.pass(10_000);
        }
        assertThat(downstream.taken()).endsWith("event: error\ndata: token_timeout\n\n");
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void idle_beforeTheClockOfTokens_isTold() {
        open();
        upstream.give("data: a\n\n");
        for (int i = 0; i < 9; i++) {
            clock.pass(9_000);
            upstream.give(": ping\n\n");
        }
        clock.pass(19_000);
        assertThat(downstream.taken()).endsWith("event: error\ndata: token_timeout\n\n");
    }

    @Test
    void signsOfLife_afterTheEndOfAFinishedAnswer_endItAsWhole() {
        open();
        upstream.give("data: a\n\ndata: fin\n\n");
        for (int i = 0; i < 50; i++) {
            upstream.give("data: -\n\n");
            clock.pass(4_000);
        }
        assertThat(listener.ended(Outcome.WHOLE)).isEqualTo(1);
    }

    @Test
    void piecesOfAnswersWithoutComments_haveNoClockOfTokens() {
        relay.passOn(upstream, new PlainTranslator(false));
        upstream.give("data: a\n\n");
        for (int i = 0; i < 30; i++) {
            clock.pass(10_000);
            upstream.give("data: -\n\n");
        }
        assertThat(downstream.ended()).isFalse();
    }

    @Test
    void lastWord_ofAnAnswerThatLacksSomething_isUnfinishedButEndsCleanly() {
        relay.passOn(upstream, new PlainTranslator(true, false, Failure.upstream("unfinished", "lacks")));
        upstream.give("data: a\n\ndata: [DONE]\n\n");
        assertThat(downstream.completed).isTrue();
        assertThat(upstream.finished).isTrue();
        assertThat(listener.ended(Outcome.UNFINISHED)).isEqualTo(1);
        StreamSummary told = listener.summary();
        assertThat(told.outcome()).isEqualTo(Outcome.UNFINISHED);
        assertThat(requireNonNull(told.failure()).code()).isEqualTo("unfinished");
    }

    @Test
    void heartbeat_withinAnEventThatPassesInPieces_waitsForItsEnd() {
        relay.passOn(upstream, new PlainTranslator(true, true, null));
        String begun = "data: " + "x".repeat(2000);
        upstream.give(begun);
        clock.pass(16_000);
        assertThat(downstream.taken()).isEqualTo(begun);
        upstream.give("y\n\n");
        clock.pass(15_000);
        assertThat(downstream.taken()).isEqualTo(begun + "y\n\n: keep-alive\n");
    }

    @Test
    void idle_standsStillWhileTheClientTakesNothing() {
        open();
        upstream.give("data: a\n\n");
        clock.pass(14_000);
        downstream.writable = false;
        clock.pass(35_000); // blocked since 15 s, when the heartbeat was due
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
        open();
        clock.pass(15_000);
        clock.pass(14_000);
        upstream.give("data: a\n\n");
        clock.pass(14_999);
        assertThat(downstream.taken()).isEqualTo(": keep-alive\ndata: a\n\n");
        clock.pass(1);
        assertThat(downstream.taken()).isEqualTo(": keep-alive\ndata: a\n\n: keep-alive\n");
        assertThat(metrics.heartbeats()).isEqualTo(2);
    }

    @Test
    void pause_afterAHeartbeatAndAnEvent_isForTheAnswer() {
        open();
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
        assertThat(listener.pausedSeconds(Pause.HEARTBEAT)).isEqualTo(2.0);
        assertThat(listener.pausedSeconds(Pause.ANSWER)).isEqualTo(3.0);
    }

    @Test
    void heartbeat_whileAnEventIsHalfHere_comesBetweenEvents() {
        open();
        upstream.give("data: a");
        clock.pass(15_000);
        upstream.give("b\n\n");
        assertThat(downstream.taken()).isEqualTo(": keep-alive\ndata: ab\n\n");
    }

    @Test
    void stall_clientTakesNothing_isLetGoAndTheUpstreamCancelled() {
        open();
        upstream.give("data: a\n\n");
        downstream.writable = false;
        upstream.give("data: b\n\n");
        clock.pass(39_999);
        assertThat(downstream.ended()).isFalse();
        assertThat(upstream.cancelled).isFalse();
        clock.pass(1);
        assertThat(upstream.cancelled).isTrue();
        assertThat(downstream.aborted).isTrue();
        assertThat(listener.ended(Outcome.CLIENT_STALLED)).isEqualTo(1);
    }

    @Test
    void stall_aSlowClientThatTakesNowAndThen_isNotStalled() {
        open();
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
        assertThat(listener.pausedSeconds(Pause.ANSWER)).isEqualTo(390.0);
    }

    @Test
    void stall_withLastWordsPending_isLetGoWithoutThem() {
        open();
        upstream.give("data: a\n\n");
        upstream.giveSilently("data: [DONE]\n\n");
        downstream.writable = false;
        relay.wake();
        clock.pass(40_000);
        assertThat(listener.ended(Outcome.CLIENT_STALLED)).isEqualTo(1);
        assertThat(downstream.taken()).doesNotContain("done");
    }

    @Test
    void letGo_aClientThatTakesNothing_endsAtOnce() {
        open();
        upstream.give("data: a\n\n");
        downstream.writable = false;
        relay.wake();
        relay.refuse(Failure.unavailable("draining", "draining", "bye", Duration.ZERO));
        assertThat(downstream.ended()).isFalse();
        relay.letGo();
        assertThat(upstream.cancelled).isTrue();
        assertThat(listener.ended(Outcome.CLIENT_STALLED)).isEqualTo(1);
    }

    @Test
    void letGo_aClientThatTakesWhatThereIs_changesNothing() {
        open();
        relay.letGo();
        upstream.give("data: a\n\ndata: [DONE]\n\n");
        assertThat(listener.ended(Outcome.WHOLE)).isEqualTo(1);
    }

    @Test
    void alarms_manyTokens_setHardlyAny() {
        open();
        for (int i = 0; i < 10_000; i++) {
            upstream.give("data: x\n\n");
            clock.pass(1);
        }
        assertThat(clock.scheduledSoFar()).isLessThan(5);
        assertThat(clock.pending()).isEqualTo(1);
    }

    @Test
    void fault_ofOurs_endsTheStreamAndLetsTheUpstreamGo() {
        open();
        upstream.give("data: a\n\n");
        executor = task -> {};
        downstream.fault = new IllegalStateException("a bug");
        upstream.give("data: b\n\n");
        assertThat(upstream.cancelled).isTrue();
        assertThat(downstream.aborted).isTrue();
    }

    @Test
    void memory_failsWhereTheEndIsTold_theClientIsLetGoAllTheSame() {
        toThrow = new OutOfMemoryError("by the test");
        open();
        upstream.give("data: a\n\ndata: [DONE]\n\n");
        assertThat(downstream.completed).isTrue();
    }

    @Test
    void memory_failsBeforeAnythingWasWritten_is503() {
        open();
        upstream.give("data: no memory\n\n");
        assertThat(downstream.refused).isEqualTo(Failure.noMemory());
        assertThat(status()).isEqualTo(503);
        assertThat(requireNonNull(downstream.refused).retryAfter()).isEqualTo(Duration.ofSeconds(1));
        assertThat(downstream.taken()).isEqualTo("{problem}");
        assertThat(downstream.flushes).isEqualTo(1);
        assertThat(downstream.completed).isTrue();
        assertThat(upstream.cancelled).isTrue();
        assertThat(listener.ended(Outcome.REFUSED)).isEqualTo(1);
        assertThat(requireNonNull(listener.summary().failure()).code()).isEqualTo("no_memory");
    }

    @Test
    void fault_beforeAnythingWasWritten_is500ThatTellsNothingOfIt() {
        open();
        upstream.give("data: bug\n\n");
        assertThat(status()).isEqualTo(500);
        assertThat(requireNonNull(downstream.refused).message()).doesNotContain("by the test");
        assertThat(downstream.completed).isTrue();
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void memory_failsBehindEventsThatWereNotWrittenYet_is503WithoutThem() {
        upstream.giveSilently("data: a\n\n");
        upstream.giveSilently("data: no memory\n\n");
        open();
        assertThat(status()).isEqualTo(503);
        assertThat(downstream.begun).isFalse();
        assertThat(downstream.taken()).isEqualTo("{problem}");
        assertThat(downstream.completed).isTrue();
    }

    @Test
    void memory_failsOnceTheAnswerHasBegunToLeave_breaksOff() {
        open();
        upstream.give("data: a\n\n");
        upstream.give("data: no memory\n\n");
        assertThat(downstream.taken()).isEqualTo("data: a\n\n");
        assertThat(downstream.aborted).isTrue();
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void memory_failsWhileTheClientTakesNothing_is503OnceItDoes() {
        open();
        downstream.fullAtNextWrite = true;
        upstream.give("data: no memory\n\n");
        assertThat(downstream.taken()).isEqualTo("{problem}");
        assertThat(downstream.flushes).isZero();
        assertThat(downstream.ended()).isFalse();
        downstream.takes(true);
        relay.wake();
        assertThat(downstream.flushes).isEqualTo(1);
        assertThat(downstream.completed).isTrue();
    }

    @Test
    void memory_failsWhileAnotherRefusalIsMade_is503() {
        open();
        downstream.faultsOfRefusals = 1;
        upstream.fail(new Failure(429, "rate_limit", "busy", "Later."));
        assertThat(status()).isEqualTo(503);
        assertThat(downstream.completed).isTrue();
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void memory_failsForTheRefusalToo_breaksOff() {
        open();
        downstream.faultsOfRefusals = 2;
        upstream.give("data: no memory\n\n");
        assertThat(downstream.writes).isZero();
        assertThat(downstream.aborted).isTrue();
        assertThat(upstream.cancelled).isTrue();
    }

    @Test
    void memory_failsWhileTheUpstreamIsLetGo_itIsLetGoAllTheSame() {
        open();
        upstream.cancelFailsOnce = true;
        upstream.give("data: no memory\n\n");
        assertThat(upstream.cancelled).isTrue();
        assertThat(downstream.ended()).isTrue();
    }

    @Test
    void memory_failsWhenTheClientHasLeft_endsWithoutAnAnswer() {
        open();
        downstream.leave();
        upstream.giveSilently("data: no memory\n\n");
        relay.wake();
        assertThat(downstream.writes).isZero();
        assertThat(downstream.completed).isTrue();
    }

    // ---- Answers without comments.

    @Test
    void heartbeat_whereCommentsHaveNoPlace_isNone() {
        relay.passOn(upstream, new PlainTranslator(false));
        clock.pass(59_000);
        assertThat(downstream.taken()).isEmpty();
        clock.pass(2_000);
        assertThat(status()).as("what silence comes to").isEqualTo(504);
    }

    // ---- Heads.

    @Test
    void head_ofEvents_passesWithoutALength() {
        open();
        upstream.give("data: a\n\n");
        assertThat(downstream.contentType).isEqualTo("text/plain");
        assertThat(downstream.head).isEqualTo(new Head(-1, List.of(new Head.Field("x-request-id", "r1"))));
    }

    @Test
    void head_ofAnAnswerWithoutComments_passesWhole() {
        relay.passOn(upstream, new PlainTranslator(false));
        upstream.give("data: a\n\n");
        assertThat(downstream.head.length()).isEqualTo(7);
    }

    @Test
    void head_ofAFailure_passes() {
        open();
        upstream.fail(Failure.upstream("refused", "refused"));
        assertThat(downstream.head.fields()).hasSize(1);
    }

    // ---- What it came to.

    @Test
    void account_ofAWholeAnswer_tellsTimesAndAmounts() {
        clock.pass(100);
        open();
        clock.pass(200);
        upstream.give("data: a\n\n");
        downstream.writable = false;
        upstream.give("data: b\n\n");
        clock.pass(3_000);
        downstream.writable = true;
        relay.wake();
        upstream.give("data: [DONE]\n\n");
        StreamSummary told = listener.summary();
        assertThat(told.outcome()).isEqualTo(Outcome.WHOLE);
        assertThat(told.failure()).isNull();
        assertThat(told.lastAttempt()).isEqualTo(new StreamListener.Attempt("fake", "m", 1));
        assertThat(told.tokens()).isEqualTo(2);
        assertThat(told.firstToken()).isEqualTo(Duration.ofMillis(300));
        assertThat(told.duration()).isEqualTo(Duration.ofMillis(3_300));
        assertThat(told.paused()).isEqualTo(Duration.ofSeconds(3));
        assertThat(told.bytesIn()).isEqualTo("data: a\n\ndata: b\n\ndata: [DONE]\n\n".length());
        assertThat(told.bytesOut()).isEqualTo(downstream.taken().length());
    }

    @Test
    void account_ofAClientThatStalls_countsThePauseThatNeverEnded() {
        open();
        upstream.give("data: a\n\n");
        downstream.writable = false;
        upstream.give("data: b\n\n");
        clock.pass(41_000);
        StreamSummary told = listener.summary();
        assertThat(told.outcome()).isEqualTo(Outcome.CLIENT_STALLED);
        assertThat(told.paused()).isEqualTo(Duration.ofSeconds(40));
    }

    @Test
    void account_ofARefusedRequest_namesNobodyWhoAnswered() {
        relay.refuse(Failure.invalid(400, "bad", "bad", null));
        StreamSummary told = listener.summary();
        assertThat(told.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(requireNonNull(told.failure()).code()).isEqualTo("bad");
        assertThat(told.lastAttempt()).isNull();
        assertThat(told.firstToken()).isNull();
    }

    private void open() {
        relay.passOn(upstream, new PlainTranslator(true));
    }

    private void breakAfterOneEvent() {
        open();
        upstream.give("data: a\n\n");
        upstream.fail(Failure.upstream("lost", "lost"));
        assertThat(downstream.taken()).isEqualTo("data: a\n\nevent: error\ndata: lost\n\n");
    }

    private int status() {
        return downstream.refused == null ? 200 : downstream.refused.status();
    }

    private String failureCode() {
        return downstream.refused == null ? "" : downstream.refused.code();
    }
}
