package dev.sluice.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.Passed;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.dialect.openai.ChatCompletions;
import dev.sluice.relay.Attempts;
import dev.sluice.relay.Head;
import dev.sluice.relay.ManualClock;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Upstream.Reading;
import dev.sluice.relay.UpstreamTimeouts;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which provider is called, how often, and when the request's body is released. With a clock that the test moves. */
class RoutedCallTest {
    private static final Failure BUSY = new Failure(503, "overloaded", "busy", "Busy.");
    private static final RetryPolicy TWICE = new RetryPolicy(2, Duration.ofSeconds(10), false);

    /** The longest pause before a second attempt. */
    private static final long PAUSE = 250;

    private final ManualClock clock = new ManualClock();
    private final CallRig.Heard heard = new CallRig.Heard();
    private final Deque<Played> toCome = new ArrayDeque<>();
    private final List<Played> calls = new ArrayList<>();
    private final PlayedProvider first = new PlayedProvider("first");
    private final PlayedProvider second = new PlayedProvider("second");
    private final List<String> asked = new ArrayList<>();
    private final List<Failure> failures =
            new ArrayList<>(); // the failures of attempts after which another one followed
    private int letGo; // how often the body was released
    private int woken;

    @Test
    void answer_isPassedOn_andTheBodyLetGoAtItsFirstByte() {
        RoutedCall call = start(TWICE, new Played(Reading.NOTHING, Reading.BYTES, Reading.NOTHING, Reading.END));
        assertThat(call.read(heard)).isEqualTo(Reading.NOTHING);
        assertThat(letGo).isZero();
        assertThat(call.read(heard)).isEqualTo(Reading.BYTES);
        assertThat(letGo).isEqualTo(1);
        assertThat(call.read(heard)).isEqualTo(Reading.NOTHING);
        assertThat(call.read(heard)).isEqualTo(Reading.END);
        assertThat(asked).containsExactly("first/m1");
        call.finish();
        assertThat(calls.get(0).ends).containsExactly("finished");
        assertThat(letGo).isEqualTo(1);
    }

    @Test
    void busy_isAskedOnceMoreAfterAPause_andCountedOnce() {
        RoutedCall call = start(TWICE, Played.failing(RetryClass.BUSY), new Played(Reading.BYTES));
        assertThat(call.read(heard)).as("a failure that is not the last word").isEqualTo(Reading.NOTHING);
        assertThat(call.read(heard)).as("woken too early").isEqualTo(Reading.NOTHING);
        assertThat(calls.get(1).starts).isZero();
        assertThat(calls.get(1).reads).as("reads of a call that has not begun").isZero();
        clock.pass(PAUSE);
        assertThat(woken).isEqualTo(1);
        assertThat(call.read(heard)).isEqualTo(Reading.BYTES);
        assertThat(calls.get(1).starts).isEqualTo(1);
        assertThat(first.retries()).isEqualTo(1);
        assertThat(asked).containsExactly("first/m1", "first/m1");
        assertThat(letGo).isEqualTo(1);
        assertThat(clock.pending()).as("alarms").isZero();
    }

    @Test
    void provider_thatFailsAsOftenAsItIsAsked_isFollowedByTheNextAtOnce() {
        RoutedCall call = start(
                TWICE,
                Played.failing(RetryClass.BUSY),
                Played.failing(RetryClass.CONNECTION_REFUSED),
                new Played(Reading.BYTES));
        call.read(heard);
        clock.pass(PAUSE);
        assertThat(call.read(heard)).isEqualTo(Reading.NOTHING);
        assertThat(calls.get(2).starts).as("without a pause").isEqualTo(1);
        assertThat(call.read(heard)).isEqualTo(Reading.BYTES);
        assertThat(asked).containsExactly("first/m1", "first/m1", "second/m2");
        assertThat(first.retries()).isEqualTo(1);
        assertThat(second.retries()).as("the first attempt there is none").isZero();
        assertThat(failures).containsExactly(BUSY, BUSY);
    }

    @Test
    void nextProvider_isAskedAsOftenAsTheFirst() {
        RoutedCall call = start(
                TWICE,
                Played.failing(RetryClass.ELSEWHERE),
                Played.failing(RetryClass.BUSY),
                Played.failing(RetryClass.BUSY));
        assertThat(call.read(heard)).isEqualTo(Reading.NOTHING);
        assertThat(call.read(heard)).isEqualTo(Reading.NOTHING);
        clock.pass(PAUSE);
        assertThat(call.read(heard)).as("nobody is left").isEqualTo(Reading.FAILED);
        assertThat(call.failure()).isEqualTo(BUSY);
        assertThat(asked).containsExactly("first/m1", "second/m2", "second/m2");
        assertThat(first.retries()).isZero();
        assertThat(second.retries()).isEqualTo(1);
    }

    @Test
    void provider_ofAnEarlierAttempt_mayHaveWorkedToo() {
        Played lost = Played.failing(RetryClass.BUSY);
        lost.worked = true;
        RoutedCall call = start(TWICE, lost, Played.failing(RetryClass.BUSY), new Played(Reading.FAILED));
        call.read(heard);
        clock.pass(PAUSE);
        call.read(heard);
        assertThat(call.mayHaveWorked()).as("after two more attempts").isTrue();
    }

    @Test
    void providers_thatHaveAllRefused_haveNotWorked() {
        RoutedCall call = start(TWICE, Played.failing(RetryClass.ELSEWHERE), new Played(Reading.FAILED));
        call.read(heard);
        call.read(heard);
        assertThat(call.mayHaveWorked()).isFalse();
    }

    @Test
    void failure_thatIsFinal_isToldAtOnce() {
        RoutedCall call = start(TWICE, Played.failing(RetryClass.FINAL));
        assertThat(call.read(heard)).isEqualTo(Reading.FAILED);
        assertThat(calls).hasSize(1);
        assertThat(clock.pending()).isZero();
    }

    @ParameterizedTest
    @EnumSource(RetryClass.class)
    void failure_onceAByteHasCome_isToldWhateverItIs(RetryClass retryClass) {
        Played breaking = new Played(Reading.BYTES, Reading.FAILED);
        breaking.retryClass = retryClass;
        RoutedCall call = start(new RetryPolicy(5, Duration.ofMinutes(1), true), breaking);
        assertThat(call.read(heard)).isEqualTo(Reading.BYTES);
        assertThat(call.read(heard)).isEqualTo(Reading.FAILED);
        assertThat(calls).hasSize(1);
    }

    @Test
    void lost_isNotAskedAgain_forItMayBeBilledTwice() {
        RoutedCall call = start(TWICE, Played.failing(RetryClass.LOST));
        assertThat(call.read(heard)).isEqualTo(Reading.FAILED);
        assertThat(calls).hasSize(1);
    }

    @Test
    void lost_withAnIdempotencyKey_isAskedAgainWhereThatIsKnown() {
        RoutedCall call = start(
                TWICE,
                List.of(new Head.Field("idempotency-key", "k")),
                Played.failing(RetryClass.LOST),
                Played.failing(RetryClass.LOST));
        assertThat(call.read(heard)).isEqualTo(Reading.NOTHING);
        clock.pass(PAUSE);
        assertThat(call.read(heard)).isEqualTo(Reading.FAILED);
        assertThat(asked).containsExactly("first/m1", "first/m1");
    }

    @Test
    void lost_whereThePolicyTakesTheRisk_isAskedAgainEverywhere() {
        RoutedCall call = start(
                new RetryPolicy(1, Duration.ofSeconds(10), true),
                Played.failing(RetryClass.LOST),
                new Played(Reading.BYTES));
        assertThat(call.read(heard)).isEqualTo(Reading.NOTHING);
        assertThat(call.read(heard)).isEqualTo(Reading.BYTES);
        assertThat(asked).containsExactly("first/m1", "second/m2");
    }

    @Test
    void pause_thatTheProviderAsksFor_beyondTheBudget_isNotTaken() {
        Played late = Played.failing(RetryClass.BUSY);
        late.failure = Failure.unavailable("overloaded", "busy", "Later.", Duration.ofSeconds(11));
        RoutedCall call = start(TWICE, late, new Played(Reading.BYTES));
        assertThat(call.read(heard)).isEqualTo(Reading.NOTHING);
        assertThat(call.read(heard)).isEqualTo(Reading.BYTES);
        assertThat(asked).containsExactly("first/m1", "second/m2");
        assertThat(first.retries()).isZero();
    }

    @Test
    void allowance_thatIsSpent_leavesOnlyTheNextProvider() {
        while (first.allowance().spend()) {}
        long spent = first.retries();
        RoutedCall call = start(TWICE, Played.failing(RetryClass.BUSY), new Played(Reading.BYTES));
        assertThat(call.read(heard)).isEqualTo(Reading.NOTHING);
        assertThat(call.read(heard)).isEqualTo(Reading.BYTES);
        assertThat(asked).containsExactly("first/m1", "second/m2");
        assertThat(first.retries()).isEqualTo(spent);
    }

    @Test
    void cancel_duringThePause_takesItsAlarmBackAndAsksNobody() {
        RoutedCall call = start(TWICE, Played.failing(RetryClass.BUSY), new Played(Reading.BYTES));
        call.read(heard);
        assertThat(clock.pending()).isEqualTo(1);
        call.cancel();
        assertThat(clock.pending()).isZero();
        clock.pass(60_000);
        assertThat(woken).isZero();
        assertThat(calls.get(1).starts).isZero();
        assertThat(letGo).isEqualTo(1);
    }

    @Test
    void cancel_ofTheSecondProvidersCall_isToldToThatOne_andTheBodyLetGoBehindIt() {
        RoutedCall call = start(TWICE, Played.failing(RetryClass.ELSEWHERE), new Played(Reading.NOTHING));
        call.read(heard);
        call.read(heard);
        assertThat(letGo).as("it may still be sent").isZero();
        call.cancel();
        assertThat(calls.get(1).ends).containsExactly("cancelled, the body held");
        assertThat(calls.get(0).ends).isEmpty();
        assertThat(letGo).isEqualTo(1);
    }

    @Test
    void finish_ofTheCallThatAnswered_isADrainOfThatOne() {
        RoutedCall call = start(TWICE, Played.failing(RetryClass.ELSEWHERE), new Played(Reading.BYTES));
        call.read(heard);
        call.read(heard);
        call.demand();
        call.finish();
        assertThat(calls.get(1).demands).isEqualTo(1);
        assertThat(calls.get(1).ends).containsExactly("finished");
        assertThat(calls.get(0).demands).isZero();
        assertThat(calls.get(0).ends).isEmpty();
    }

    @Test
    void body_ofARequestThatIsTooLateForAnotherAttempt_isLetGoBeforeTheAnswer() {
        Played silent = new Played();
        RoutedCall call = start(TWICE, Played.failing(RetryClass.ELSEWHERE), silent);
        call.read(heard);
        clock.pass(10_001);
        call.read(heard);
        assertThat(letGo).as("its connection may turn out to be stale").isZero();
        silent.sentForGood = true;
        call.read(heard);
        assertThat(letGo).isEqualTo(1);
        call.read(heard);
        assertThat(letGo).isEqualTo(1);
    }

    @Test
    void body_whileAnotherProviderIsLeft_isHeld() {
        Played silent = new Played();
        silent.sentForGood = true;
        RoutedCall call = start(TWICE, silent);
        clock.pass(60_000);
        call.read(heard);
        assertThat(letGo).isZero();
    }

    @Test
    void timeouts_leaveTimeForEveryProviderAndItsAttempts() {
        UpstreamTimeouts timeouts = start(TWICE, new Played()).timeouts();
        assertThat(timeouts.connect()).isEqualTo(Duration.ofSeconds(2 * (5 + 10 + 1)));
        assertThat(timeouts.firstToken()).isEqualTo(Duration.ofSeconds(60));
    }

    private RoutedCall start(RetryPolicy policy, Played... played) {
        return start(policy, List.of(), played);
    }

    /** A call to the first provider, or else to the second. */
    private RoutedCall start(RetryPolicy policy, List<Head.Field> fields, Played... played) {
        toCome.addAll(List.of(played));
        HeldBody body = new HeldBody(target -> List.of(ByteBuffer.wrap("{}".getBytes(UTF_8))), () -> letGo++);
        RoutedCall call = new RoutedCall(
                List.of(new Target(first, "m1"), new Target(second, "m2")),
                new UpstreamRequest(new ChatCompletions(), body, new Passed(fields, ""), true),
                policy,
                clock);
        call.start(() -> woken++, new Attempts() {
            @Override
            public void began(String upstream, @Nullable String model) {
                asked.add(upstream + "/" + model);
            }

            @Override
            public void failed(Failure reason) {
                failures.add(reason);
            }
        });
        assertThat(calls.get(0).starts).isEqualTo(1);
        return call;
    }

    /** A provider whose calls are played from a list, in order. */
    private final class PlayedProvider extends Provider {
        PlayedProvider(String name) {
            super(
                    new Profile(
                            name,
                            10,
                            new UpstreamTimeouts(
                                    Duration.ofSeconds(5),
                                    Duration.ofSeconds(60),
                                    Duration.ofSeconds(20),
                                    Duration.ofSeconds(100)),
                            true,
                            false,
                            RequestDefaults.NONE,
                            Set.of("chat-completions")),
                    Head.NONE,
                    new ProviderWords(List.of()),
                    clock);
        }

        @Override
        ProviderCall call(Target target, UpstreamRequest sending) {
            Played call = toCome.remove();
            call.test = RoutedCallTest.this;
            calls.add(call);
            return call;
        }

        @Override
        public void start() {}

        @Override
        public void stop() {}

        @Override
        public Standing standing() {
            throw new UnsupportedOperationException();
        }

        @Override
        void listModels(String owner, Consumer<ModelList.Answer> reader) {
            throw new UnsupportedOperationException();
        }
    }

    /** One call that returns the given results, and then nothing. */
    private static final class Played implements ProviderCall {
        private final Deque<Reading> readings;
        private final List<String> ends = new ArrayList<>();
        private @Nullable RoutedCallTest test;
        private RetryClass retryClass = RetryClass.FINAL;
        private Failure failure = BUSY;
        private boolean sentForGood;
        private boolean worked;
        private int starts;
        private int reads;
        private int demands;

        Played(Reading... readings) {
            this.readings = new ArrayDeque<>(List.of(readings));
        }

        static Played failing(RetryClass retryClass) {
            Played call = new Played(Reading.FAILED);
            call.retryClass = retryClass;
            return call;
        }

        @Override
        public void start(Runnable wake) {
            starts++;
        }

        @Override
        public Head head() {
            return Head.NONE;
        }

        @Override
        public boolean sent() {
            return true;
        }

        @Override
        public boolean mayHaveWorked() {
            return worked;
        }

        @Override
        public boolean isSentForGood() {
            return sentForGood;
        }

        @Override
        public Reading read(Translator translator) {
            reads++;
            return readings.isEmpty() ? Reading.NOTHING : readings.remove();
        }

        @Override
        public Failure failure() {
            return failure;
        }

        @Override
        public RetryClass retryClass() {
            return retryClass;
        }

        @Override
        public void demand() {
            demands++;
        }

        @Override
        public void finish() {
            ends.add("finished");
        }

        @Override
        public void cancel() {
            ends.add(test != null && test.letGo == 0 ? "cancelled, the body held" : "cancelled");
        }
    }
}
