package dev.sluice.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.sluice.chat.Failure;
import dev.sluice.relay.StreamListener.Asked;
import dev.sluice.relay.StreamListener.Attempt;
import dev.sluice.relay.StreamListener.Opened;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The calls of a stream's listeners and their order. Each listener is told of exactly one end, however the stream ends.
 */
class StreamListenerTest {
    private static final Limits LIMITS =
            new Limits(Duration.ofSeconds(30), Duration.ofSeconds(40), Duration.ofSeconds(15), 256);

    private static final Failure DRAINING = Failure.unavailable("draining", "draining", "bye", Duration.ZERO);
    private static final Failure LOST = Failure.upstream("lost", "lost");

    private final ManualClock clock = new ManualClock();
    private final FakeUpstream upstream = new FakeUpstream();
    private final FakeDownstream downstream = new FakeDownstream();
    private final RecordingListener listener = new RecordingListener();
    private final Relay relay = new Relay(downstream, LIMITS, clock, Runnable::run, new StreamMetrics(), ended -> {});

    StreamListenerTest() {
        relay.join(listener);
    }

    // ---- Each end.

    @Test
    void answer_whole_isToldStepByStep() {
        clock.pass(100);
        open();
        clock.pass(200);
        upstream.give("data: a\n\n");
        upstream.give("data: b\n\ndata: [DONE]\n\n");
        assertThat(listener.heard)
                .containsExactly(
                        "asked grok streamed",
                        "began fake/m 1",
                        "first token after 300 ms",
                        "ANSWERED fake/m 1",
                        "ended WHOLE");
    }

    @Test
    void answer_refusedByTheProvider_isAFailedAttempt() {
        open();
        upstream.fail(LOST);
        assertThat(listener.heard)
                .containsExactly("asked grok streamed", "began fake/m 1", "FAILED fake/m 1 lost", "ended REFUSED");
    }

    @Test
    void answer_brokenOff_endsTheAttemptBeforeTheClientHasReadOfIt() {
        open();
        upstream.give("data: a\n\n");
        upstream.fail(LOST);
        assertThat(listener.heard)
                .containsExactly(
                        "asked grok streamed", "began fake/m 1", "first token after 0 ms", "FAILED fake/m 1 lost");
        clock.pass(250);
        assertThat(listener.heard).hasSize(5).endsWith("ended BROKEN_OFF");
    }

    @Test
    void firstToken_tooLate_isAFailedAttempt() {
        relay.passOn(upstream, new PlainTranslator(false));
        clock.pass(61_000);
        assertThat(listener.heard)
                .containsExactly("began fake/m 1", "FAILED fake/m 1 first_token_timeout", "ended REFUSED");
    }

    @Test
    void client_gone_givesTheAttemptUp() {
        open();
        downstream.leave();
        relay.wake();
        assertThat(listener.heard)
                .containsExactly("asked grok streamed", "began fake/m 1", "GIVEN_UP fake/m 1", "ended CLIENT_GONE");
    }

    @Test
    void client_stalled_givesTheAttemptUp() {
        open();
        downstream.takes(false);
        relay.wake();
        clock.pass(40_000);
        assertThat(listener.heard)
                .containsExactly("asked grok streamed", "began fake/m 1", "GIVEN_UP fake/m 1", "ended CLIENT_STALLED");
    }

    @Test
    void server_stopping_givesTheAttemptUpForThatReason() {
        open();
        upstream.give("data: a\n\n");
        relay.refuse(DRAINING);
        clock.pass(250);
        assertThat(listener.heard)
                .containsExactly(
                        "asked grok streamed",
                        "began fake/m 1",
                        "first token after 0 ms",
                        "GIVEN_UP fake/m 1 draining",
                        "ended BROKEN_OFF");
    }

    @Test
    void fault_ofOurs_givesTheAttemptUpForThatReason() {
        open();
        upstream.give("data: bug\n\n");
        assertThat(listener.heard)
                .containsExactly(
                        "asked grok streamed", "began fake/m 1", "GIVEN_UP fake/m 1 internal_error", "ended REFUSED");
    }

    @Test
    void request_neverWhole_isNothingButAnEnd() {
        relay.wake();
        clock.pass(30_000);
        assertThat(listener.heard).containsExactly("ended REFUSED");
    }

    @Test
    void request_refusedOnceItWasRead_isToldWithWhatItAskedFor() {
        relay.asked(new Asked(null, false, 0));
        relay.refuse(DRAINING);
        assertThat(listener.heard).containsExactly("asked null whole", "ended REFUSED");
    }

    @Test
    void client_thatPauses_isToldWhenItTakesSomethingAgain() {
        open();
        upstream.give("data: a\n\n");
        downstream.takes(false);
        upstream.give("data: b\n\n");
        clock.pass(3_000);
        assertThat(listener.heard).doesNotContain("paused 3000 ms holding ANSWER");
        downstream.takes(true);
        relay.wake();
        assertThat(listener.heard).endsWith("paused 3000 ms holding ANSWER");
    }

    // ---- Several attempts.

    @Test
    void attempt_thatAnotherFollows_hasEndedBeforeThat() {
        open();
        upstream.attempts.failed(LOST);
        clock.pass(1_000);
        upstream.attempts.began("second", null);
        upstream.give("data: a\n\ndata: [DONE]\n\n");
        assertThat(listener.heard)
                .containsExactly(
                        "asked grok streamed",
                        "began fake/m 1",
                        "FAILED fake/m 1 lost",
                        "began second/null 2",
                        "first token after 1000 ms",
                        "ANSWERED second/null 2",
                        "ended WHOLE");
        assertThat(listener.summary().lastAttempt()).isEqualTo(new Attempt("second", null, 2));
    }

    @Test
    void client_goneBetweenTwoAttempts_isNoThirdEndOfOne() {
        open();
        upstream.attempts.failed(LOST);
        downstream.leave();
        relay.wake();
        assertThat(listener.heard)
                .containsExactly("asked grok streamed", "began fake/m 1", "FAILED fake/m 1 lost", "ended CLIENT_GONE");
    }

    // ---- Several listeners.

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void listener_thatThrowsAtEverything_hurtsNobody(boolean first) {
        var relay = new Relay(downstream, LIMITS, clock, Runnable::run, new StreamMetrics(), ended -> {});
        List<String> calls = new ArrayList<>();
        StreamListener faulty = (StreamListener) Proxy.newProxyInstance(
                StreamListener.class.getClassLoader(), new Class<?>[] {StreamListener.class}, (proxy, method, args) -> {
                    calls.add(method.getName());
                    throw first ? new IllegalStateException("by the test") : new OutOfMemoryError("by the test");
                });
        relay.join(first ? faulty : listener);
        relay.join(first ? listener : faulty);
        relay.asked(new Asked("grok", true, 0));
        relay.passOn(upstream, new PlainTranslator(true));
        upstream.give("data: a\n\n");
        downstream.takes(false);
        upstream.give("data: b\n\n");
        clock.pass(1);
        downstream.takes(true);
        relay.wake();
        upstream.give("data: [DONE]\n\n");
        assertThat(downstream.taken()).isEqualTo("data: a\n\ndata: b\n\nevent: done\ndata: {}\n\n");
        assertThat(downstream.completed).isTrue();
        assertThat(listener.heard)
                .containsExactly(
                        "asked grok streamed",
                        "began fake/m 1",
                        "first token after 0 ms",
                        "paused 1 ms holding ANSWER",
                        "ANSWERED fake/m 1",
                        "ended WHOLE");
        assertThat(calls)
                .as("heard by the faulty one")
                .containsExactly("asked", "attemptBegan", "firstToken", "paused", "attemptEnded", "ended");
    }

    @Test
    void listener_thatJoinsLater_hearsTheRest() {
        open();
        var later = new RecordingListener();
        relay.join(later);
        upstream.give("data: a\n\ndata: [DONE]\n\n");
        assertThat(later.heard).containsExactly("first token after 0 ms", "ANSWERED fake/m 1", "ended WHOLE");
    }

    @Test
    void listener_thatJoinsAfterTheEnd_hearsOfItAtOnce() {
        open();
        upstream.give("data: a\n\ndata: [DONE]\n\n");
        var late = new RecordingListener();
        relay.join(late);
        assertThat(late.heard).containsExactly("ended WHOLE");
        relay.wake();
        assertThat(late.ends()).isEqualTo(1);
        assertThat(late.summary()).isSameAs(listener.summary());
    }

    @Test
    void listener_thatJoinsJustAsTheStreamEnds_hearsOfOneEnd() throws InterruptedException {
        for (int round = 0; round < 3_000; round++) {
            var listeners = new StreamListeners();
            var ends = new AtomicInteger();
            var start = new CountDownLatch(1);
            Thread joins = new Thread(() -> {
                try {
                    start.await();
                } catch (InterruptedException impossible) {
                    throw new AssertionError(impossible);
                }
                for (int i = 0; i < 3; i++) {
                    listeners.join(new StreamListener() {
                        @Override
                        public void ended(StreamSummary summary) {
                            ends.incrementAndGet();
                        }
                    });
                }
            });
            joins.start();
            start.countDown();
            if (round % 2 == 0) {
                Thread.onSpinWait();
            }
            listeners.ended(StreamSummary.of(Outcome.WHOLE));
            joins.join();
            assertThat(ends).as("ends told in round %d", round).hasValue(3);
        }
    }

    @Test
    void summary_thatCannotBeMade_costsNobodyTheEnd() {
        Translator plain = new PlainTranslator(true);
        Translator faulty = (Translator) Proxy.newProxyInstance(
                Translator.class.getClassLoader(), new Class<?>[] {Translator.class}, (proxy, method, args) -> {
                    if (method.getName().equals("usage")) {
                        throw new IllegalStateException("by the test");
                    }
                    return method.invoke(plain, args);
                });
        relay.passOn(upstream, faulty);
        upstream.give("data: a\n\ndata: [DONE]\n\n");
        assertThat(listener.heard).endsWith("ANSWERED fake/m 1", "ended WHOLE");
        assertThat(downstream.completed).isTrue();
    }

    @Test
    void pauses_tellingThem_leavesNoGarbage() {
        var listeners = new StreamListeners();
        listeners.join(new StreamListener() {});
        listeners.join(new StreamListener() {});
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 8 && least > 0; i++) { // in the first rounds, classes are loaded and code is compiled
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int pause = 0; pause < 10_000; pause++) {
                listeners.paused(Pause.ANSWER, pause);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as("bytes for 10,000 pauses").isZero();
    }

    /** Who joins with something that was taken for the stream must be told of the end, even if there is no memory. */
    @Test
    void listener_thatJoins_needsNoMemory() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 8 && least > 0; i++) { // in the first rounds, classes are loaded and code is compiled
            StreamListeners[] streams = new StreamListeners[1_000];
            Arrays.setAll(streams, number -> new StreamListeners());
            long before = threads.getCurrentThreadAllocatedBytes();
            for (StreamListeners each : streams) {
                for (int joined = 0; joined < 8; joined++) {
                    each.join(listener);
                }
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as("bytes for 8 listeners of 1,000 streams").isZero();
    }

    @Test
    void listeners_moreThanThereIsRoomFor_areAllToldOfTheEnd() {
        List<RecordingListener> many = Stream.generate(RecordingListener::new)
                .limit(50)
                .peek(relay::join)
                .toList();
        open();
        upstream.give("data: a\n\ndata: [DONE]\n\n");
        assertThat(many).allSatisfy(each -> assertThat(each.heard).isEqualTo(listener.heard));
    }

    // ---- Whether a provider may have worked.

    @Test
    void provider_thatWasNotSentTheRequest_hasNotWorked() {
        upstream.sent = false;
        open();
        downstream.leave();
        relay.wake();
        assertThat(listener.summary().mayHaveWorked()).isFalse();
    }

    @Test
    void provider_thatWasNotAsked_hasNotWorked() {
        relay.refuse(DRAINING);
        assertThat(listener.summary().mayHaveWorked()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void provider_thatFails_mayHaveWorkedUnlessItHasRefused(boolean refuses) {
        upstream.refuses = refuses;
        open();
        upstream.fail(LOST);
        assertThat(listener.summary().mayHaveWorked()).isEqualTo(!refuses);
    }

    @Test
    void provider_whoseClientLeaves_mayHaveWorked() {
        open();
        downstream.leave();
        relay.wake();
        assertThat(listener.summary().mayHaveWorked()).isTrue();
    }

    @Test
    void provider_whoseAnswerIsNoneButAnError_hasNotWorked() {
        open();
        upstream.give("data: !\n\n");
        assertThat(listener.summary().outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(listener.summary().mayHaveWorked()).isFalse();
    }

    @Test
    void provider_whoseAnswerEndsWithoutAToken_hasNotWorked() {
        open();
        upstream.end();
        assertThat(listener.summary().outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(listener.summary().mayHaveWorked()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"data: a\n\ndata: !\n\n", "data: a\n\n", "data: [DONE]\n\n"})
    void provider_whoseAnswerHasATokenOrIsWhole_mayHaveWorked(String answer) {
        open();
        upstream.give(answer);
        upstream.ended = true;
        relay.wake();
        clock.pass(250);
        assertThat(listener.summary().mayHaveWorked()).isTrue();
    }

    // ---- Where streams are opened.

    @Test
    void streamsThatOpen_haveTheListenersThatCanBeMade() {
        var streams = new Streams(clock, Runnable::run, new StreamMetrics());
        var owner = new RecordingListener();
        List<Opened> opened = new ArrayList<>();
        Relay stream = streams.open(
                LIMITS,
                downstream,
                Openings.of(Caller.LOCAL, "chat"),
                owner,
                List.of(
                        about -> {
                            throw new IllegalStateException("by the test");
                        },
                        about -> {
                            opened.add(about);
                            return listener;
                        }));
        stream.passOn(upstream, new PlainTranslator(true));
        upstream.give("data: a\n\ndata: [DONE]\n\n");
        assertThat(opened).containsExactly(Openings.of(Caller.LOCAL, "chat"));
        assertThat(owner.heard).endsWith("ended WHOLE").hasSize(4);
        assertThat(listener.heard).isEqualTo(owner.heard);
    }

    @Test
    void streamsThatAreNotTakenOn_openAndEndAllTheSame() {
        var streams = new Streams(clock, Runnable::run, new StreamMetrics());
        streams.close();
        var owner = new RecordingListener();
        streams.open(LIMITS, downstream, Openings.of(Caller.LOCAL, "chat"), owner, List.of(about -> listener));
        assertThat(owner.heard).containsExactly("ended REFUSED");
        assertThat(listener.heard).containsExactly("ended REFUSED");
        @Nullable Failure why = listener.summary().failure();
        assertThat(why).isNotNull().extracting(Failure::code).isEqualTo("draining");
    }

    private void open() {
        relay.asked(new Asked("grok", true, 0));
        relay.passOn(upstream, new PlainTranslator(true));
    }
}
