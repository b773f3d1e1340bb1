package dev.sluice.admission;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.admission.Admission.Admitted;
import dev.sluice.admission.Admission.Asker;
import dev.sluice.admission.Admission.Decision;
import dev.sluice.admission.Admission.Pending;
import dev.sluice.admission.Admission.Refused;
import dev.sluice.admission.Admission.Reply;
import dev.sluice.admission.Ledger.Unknown;
import dev.sluice.admission.Ledger.Verdict;
import dev.sluice.chat.LongestAnswer;
import dev.sluice.chat.Usage;
import dev.sluice.config.Plan;
import dev.sluice.config.Plan.Per;
import dev.sluice.config.Rate;
import dev.sluice.config.Rate.Period;
import dev.sluice.config.Settings;
import dev.sluice.relay.Caller;
import dev.sluice.relay.Caller.Basis;
import dev.sluice.relay.Head;
import dev.sluice.relay.Head.Field;
import dev.sluice.relay.ManualClock;
import dev.sluice.relay.Openings;
import dev.sluice.relay.Outcome;
import dev.sluice.relay.StreamListener;
import dev.sluice.relay.StreamListener.Asked;
import dev.sluice.relay.StreamSummary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What callers with plans are let do, what they are told, and what is settled at the end. */
final class PlanAdmissionTest {
    private static final Caller ADA = new Caller("ada", Basis.CONTAINER, Set.of("staff"));
    private static final Caller BOB = new Caller("bob", Basis.CONTAINER, Set.of());
    private static final int RESERVE = 1_000;

    /** 400 bytes: 100 tokens of a prompt. */
    private static final Asked ASKED = asked(400, null);

    private final ManualClock clock = new ManualClock();
    private final Accounts accounts = new Accounts(clock);

    // ---- Who is let in.

    @Test
    void caller_withoutAPlan_isAdmittedFreely() {
        Admission admission = admission(plan(null, List.of(), List.of(new Rate(1, Period.DAY))));
        assertThat(admission.ask(Openings.of(BOB, "chat"), ASKED)).isSameAs(Admitted.FREELY);
        assertThat(admission.allows(BOB, "anything")).isTrue();
        assertThat(admission.longestAnswer(BOB)).isNull();
        assertThat(admission.planOf(BOB)).isNull();
        assertThat(admission.planOf(ADA)).isEqualTo("team");
    }

    @Test
    void plan_thatCountsNothing_admitsFreely() {
        assertThat(ask(admission(plan(null, List.of(), List.of())))).isSameAs(Admitted.FREELY);
    }

    @Test
    void model_thatThePlanHasNot_isA403AndTakesNothing() {
        Plan plan = new Plan("team", List.of("grok*"), 1, List.of(), List.of(), 500, RESERVE, Per.CALLER);
        Admission admission = admission(plan);
        Refused refused = refused(admission.ask(Openings.of(ADA, "chat"), new Asked("gpt-5", true, 400, null)));
        assertThat(refused.failure().status()).isEqualTo(403);
        assertThat(refused.failure().code()).isEqualTo("model_not_allowed");
        assertThat(refused.failure().param()).isEqualTo("model");
        assertThat(refused.failure().message())
                .isEqualTo("Plan \"team\" does not allow the model \"gpt-5\". GET /v1/models lists what it allows.");
        assertThat(admission.allows(ADA, "gpt-5")).isFalse();
        assertThat(admission.allows(ADA, "grok-4")).isTrue();
        assertThat(admission.longestAnswer(ADA)).isEqualTo(new LongestAnswer("team", 500));
        admitted(ask(admission)); // the one stream is not taken
    }

    @Test
    void tokens_thatDoNotFit_areA429ThatSaysWhatIsSpentAndHeldAndWhenToComeBack() {
        Admission admission = admission(plan(null, List.of(), List.of(new Rate(20_000, Period.MINUTE))));
        admission.ask(Openings.of(ADA, "chat"), ASKED); // 1,100
        end(admitted(ask(admission)), usage(18_000, 100));
        Refused refused = refused(admission.ask(Openings.of(ADA, "chat"), asked(400, 800L)));
        assertThat(refused.failure().status()).isEqualTo(429);
        assertThat(refused.failure().type()).isEqualTo("rate_limit_error");
        assertThat(refused.failure().code()).isEqualTo("rate_limit_exceeded");
        assertThat(refused.failure().retryAfter()).isEqualTo(Duration.ofMillis(300));
        assertThat(refused.failure().message())
                .isEqualTo(
                        "Limit tokens per minute of plan \"team\" reached: 20000, of which 18100 are spent and 1100 held"
                                + " by running answers; this request needs 900. Try again in 1 s.");
        assertThat(refused.fields())
                .containsExactlyInAnyOrder(
                        new Field("x-ratelimit-limit-tokens", "20000"),
                        new Field("x-ratelimit-remaining-tokens", "800"),
                        new Field("x-ratelimit-reset-tokens", "58s"), // (18100 + 1100) * 3 ms = 57.6 s
                        new Field("retry-after-ms", "300"));
        clock.pass(300);
        admitted(admission.ask(Openings.of(ADA, "chat"), asked(400, 800L)));
    }

    @Test
    void requests_thatAreTooMany_areA429() {
        Admission admission = admission(plan(null, List.of(new Rate(2, Period.HOUR)), List.of()));
        ask(admission);
        ask(admission);
        Refused refused = refused(ask(admission));
        assertThat(refused.failure().message())
                .isEqualTo(
                        "Limit requests per hour of plan \"team\" reached: 2, of which 2 are spent; this request needs 1."
                                + " Try again in 30 min.");
        assertThat(refused.failure().retryAfter()).isEqualTo(Duration.ofMinutes(30));
    }

    @Test
    void streams_thatAreTooMany_areA429UntilOneHasEnded() {
        Admission admission = admission(plan(1, List.of(), List.of()));
        Admitted first = admitted(ask(admission));
        assertThat(first.fields())
                .as("headers for streams, which OpenAI has not")
                .isEmpty();
        Refused refused = refused(ask(admission));
        assertThat(refused.failure().message())
                .isEqualTo(
                        "Limit streams at once of plan \"team\" reached: 1, of which 1 are held by running answers; this"
                                + " request needs 1. It fits when one of them has ended. Try again in 2 s.");
        assertThat(refused.fields()).containsExactly(new Field("retry-after-ms", "2000"));
        end(first, null);
        admitted(ask(admission));
    }

    @Test
    void store_thatDoesNotAnswer_isA503() {
        FakeLedger ledger = new FakeLedger();
        Reply reply = ask(admission(plan(1, List.of(), List.of()), ledger));
        List<Decision> decisions = new ArrayList<>();
        ((Pending) reply).begin(decisions::add);
        ledger.tell(new Unknown());
        assertThat(((Refused) decisions.get(0)).failure().status()).isEqualTo(503);
        assertThat(((Refused) decisions.get(0)).failure().code()).isEqualTo("limits_unknown");
    }

    // ---- Headers.

    @Test
    void headers_ofAnAnswer_areOfThePeriodOfWhichTheLeastRemains() {
        Admission admission = admission(plan(
                5,
                List.of(new Rate(60, Period.MINUTE), new Rate(50, Period.DAY)),
                List.of(new Rate(20_000, Period.MINUTE), new Rate(1_000_000, Period.DAY))));
        assertThat(admitted(ask(admission)).fields())
                .containsExactlyInAnyOrder(
                        new Field("x-ratelimit-limit-requests", "50"),
                        new Field("x-ratelimit-remaining-requests", "49"),
                        new Field("x-ratelimit-reset-requests", "28m48s"),
                        new Field("x-ratelimit-limit-tokens", "20000"),
                        new Field("x-ratelimit-remaining-tokens", "18900"),
                        new Field("x-ratelimit-reset-tokens", "4s")); // 1,100 * 3 ms
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0s",
        "1, 1ms",
        "120_000_000, 120ms",
        "999_000_001, 1s",
        "1_000_000_000, 1s",
        "1_000_000_001, 2s",
        "59_000_000_000, 59s",
        "360_000_000_000, 6m0s",
        "3_600_000_000_000, 1h0m0s",
        "86_399_000_000_000, 23h59m59s",
        "864_000_000_000_000, 240h0m0s",
    })
    void time_isWrittenAsGoDoes(String nanos, String written) {
        assertThat(LimitHeaders.time(Duration.ofNanos(Long.parseLong(nanos.replace("_", "")))))
                .isEqualTo(written);
    }

    // ---- What is taken and settled.

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {"0, none, 1000", "1, none, 1001", "4, 5000, 1001", "5, 300, 302", "400, 0, 100"})
    void estimate_isThePromptByItsBytesAndTheAnswerAsAskedForUpToTheReserve(
            int bytes, @Nullable Long outputTokens, long tokens) {
        assertThat(Estimate.of(asked(bytes, outputTokens), RESERVE).total()).isEqualTo(tokens);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            delimiter = '|',
            value = {
                // outcome | sent and not refused | pieces | bytes of the answer | usage: prompt/output/total | used
                "WHOLE        | true  | 20 | 2000 | 70/30/100 | 100",
                "WHOLE        | true  | 20 | 2000 | 70/30/0   | 100",
                "WHOLE        | true  | 20 | 2000 | 70/30/500 | 500", // tokens that are counted nowhere else
                "WHOLE        | true  | 20 | 2000 | 70/10/80  | 80",
                "WHOLE        | true  | 20 | 2000 | none      | 120",
                "UNFINISHED   | true  | 20 | 2000 | none      | 120",
                "CLIENT_GONE  | true  | 20 | 2000 | none      | 120",
                "CLIENT_GONE  | true  | 20 | 2000 | 70/1/71   | 90", // a running count that is behind
                "CLIENT_GONE  | true  | 0  | 0    | none      | 100",
                "CLIENT_GONE  | false | 0  | 0    | none      | 0",
                "CLIENT_STALLED | true | 20 | 2000 | none     | 120",
                "BROKEN_OFF   | true  | 20 | 2000 | none      | 120",
                "BROKEN_OFF   | true  | 20 | 2000 | 70/25/95  | 95",
                "BROKEN_OFF   | false | 0  | 0    | none      | 0", // refused, after a heartbeat
                "REFUSED      | false | 0  | 0    | none      | 0",
                "REFUSED      | true  | 0  | 0    | none      | 100", // lost, or no token in time
            })
    void end_settlesWhatTheProviderHasCountedOrElseWhatCame(
            Outcome outcome, boolean worked, long pieces, long bytes, @Nullable String usage, long used) {
        StreamSummary summary = summary(outcome, worked, pieces, usage(usage), bytes);
        assertSettled(ASKED, summary, used);
    }

    /** A whole answer comes in one piece, so its length tells more. */
    @Test
    void end_ofAWholeAnswerWithoutACount_settlesItsBytes() {
        assertSettled(new Asked("grok", false, 400, null), summary(Outcome.WHOLE, true, 1, null, 2_001), 100 + 501);
        assertSettled(new Asked("grok", false, 400, null), summary(Outcome.WHOLE, true, 1, usage(70, 30), 2_001), 100);
        assertSettled(new Asked("grok", false, 400, 300L), summary(Outcome.WHOLE, true, 1, null, 200_001), 100 + 300);
        assertSettled(new Asked("embed", false, 400, 0L), summary(Outcome.WHOLE, true, 1, null, 200_001), 100);
    }

    @Test
    void end_ofAProviderThatCountsNonsense_leavesADebt() {
        Usage nonsense = new Usage(Long.MAX_VALUE, Long.MAX_VALUE, 0, 0, "{}");
        Admission admission = admission(plan(null, List.of(), List.of(new Rate(20_000, Period.MINUTE))));
        end(admitted(ask(admission)), nonsense);
        assertThat(refused(ask(admission)).failure().status()).isEqualTo(429);
    }

    // ---- Ledgers that take their time.

    @Test
    void verdict_thatComesLater_isTheDecision() {
        FakeLedger ledger = new FakeLedger();
        Pending pending = (Pending) ask(admission(plan(1, List.of(), List.of()), ledger));
        List<Decision> decisions = new ArrayList<>();
        pending.begin(decisions::add);
        assertThat(decisions).isEmpty();
        ledger.take();
        assertThat(admitted(decisions.get(0)).listener()).isNotNull();
        assertThat(ledger.settled).isEmpty();
        end(admitted(decisions.get(0)), usage(70, 30));
        assertThat(ledger.settled).containsExactly(100L);
        pending.cancel(); // as a stream's end, much later
        assertThat(ledger.settled).hasSize(1);
    }

    @Test
    void verdict_thatComesBeforeSomebodyWaitsForIt_isTheDecision() {
        FakeLedger ledger = new FakeLedger();
        Pending pending = (Pending) ask(admission(plan(1, List.of(), List.of()), ledger));
        ledger.take();
        List<Decision> decisions = new ArrayList<>();
        pending.begin(decisions::add);
        assertThat(decisions).hasSize(1);
        assertThat(ledger.settled).isEmpty();
    }

    @Test
    void verdict_thatNobodyWaitsForAnyMore_isSettledWithNothing() {
        FakeLedger ledger = new FakeLedger();
        Admission admission = admission(plan(5, List.of(), List.of()), ledger);
        Pending begun = (Pending) ask(admission);
        begun.begin(decision -> {
            throw new AssertionError("told");
        });
        begun.cancel();
        ledger.take();
        assertThat(ledger.settled).as("begun and cancelled, then taken").containsExactly(0L);
        Pending neverBegun = (Pending) ask(admission);
        neverBegun.cancel();
        ledger.take();
        assertThat(ledger.settled).as("cancelled, then taken").containsExactly(0L, 0L);
        Pending tooLate = (Pending) ask(admission);
        ledger.take();
        tooLate.cancel();
        tooLate.begin(decision -> {
            throw new AssertionError("told");
        });
        assertThat(ledger.settled).as("taken, then cancelled").containsExactly(0L, 0L, 0L);
    }

    @Test
    void verdict_thatIsNotTheFirstDecision_isSettledWithNothing() {
        FakeLedger ledger = new FakeLedger();
        Pending pending = (Pending) ask(admission(plan(1, List.of(), List.of()), ledger));
        pending.begin(new Asker() {
            @Override
            public boolean answer(Decision decision) {
                return false;
            }
        });
        ledger.take();
        assertThat(ledger.settled).containsExactly(0L);
    }

    @Test
    void ledger_thatThrows_hasWhatItTakesAllTheSameGivenBack() {
        FakeLedger ledger = new FakeLedger();
        ledger.fault = new IllegalStateException("by the test");
        Admission admission = admission(plan(1, List.of(), List.of()), ledger);
        assertThatThrownBy(() -> ask(admission)).isSameAs(ledger.fault);
        ledger.take();
        assertThat(ledger.settled).containsExactly(0L);
    }

    // ---- Helpers.

    private void assertSettled(Asked asked, StreamSummary summary, long used) {
        FakeLedger ledger = new FakeLedger();
        Pending pending =
                (Pending) admission(plan(1, List.of(), List.of()), ledger).ask(Openings.of(ADA, "chat"), asked);
        List<Decision> decisions = new ArrayList<>();
        pending.begin(decisions::add);
        ledger.take();
        requireNonNull(admitted(decisions.get(0)).listener()).ended(summary);
        assertThat(ledger.settled).containsExactly(used);
    }

    private static Asked asked(int bytes, @Nullable Long outputTokens) {
        return new Asked("grok", true, bytes, outputTokens);
    }

    private static Plan plan(@Nullable Integer streams, List<Rate> requests, List<Rate> tokens) {
        return new Plan("team", List.of(), streams, requests, tokens, null, RESERVE, Per.CALLER);
    }

    private Admission admission(Plan plan) {
        return admission(plan, accounts);
    }

    private static Admission admission(Plan plan, Ledger ledger) {
        var plans = new Settings.Plans(
                new TreeMap<>(Map.of("team", plan)), Map.of(), new TreeMap<>(Map.of("staff", "team")));
        return new PlanAdmission(new Plans(plans), ledger);
    }

    private static Reply ask(Admission admission) {
        return admission.ask(Openings.of(ADA, "chat"), ASKED);
    }

    private static Admitted admitted(Reply reply) {
        assertThat(reply).isInstanceOf(Admitted.class);
        return (Admitted) reply;
    }

    private static Refused refused(Reply reply) {
        assertThat(reply).isInstanceOf(Refused.class);
        return (Refused) reply;
    }

    private static void end(Admitted admitted, @Nullable Usage usage) {
        StreamListener listener = requireNonNull(admitted.listener());
        listener.ended(summary(Outcome.WHOLE, true, 1, usage, 100));
    }

    private static StreamSummary summary(
            Outcome outcome, boolean worked, long pieces, @Nullable Usage usage, long bytes) {
        return new StreamSummary(
                outcome,
                null,
                null,
                worked,
                Head.NONE,
                pieces,
                usage,
                null,
                Duration.ZERO,
                bytes,
                bytes,
                Duration.ZERO);
    }

    private static Usage usage(long prompt, long output) {
        return new Usage(prompt, output, 0, prompt + output, "{}");
    }

    private static @Nullable Usage usage(@Nullable String counts) {
        if (counts == null) {
            return null;
        }
        String[] each = counts.split("/", -1);
        return new Usage(Long.parseLong(each[0]), Long.parseLong(each[1]), 0, Long.parseLong(each[2]), "{}");
    }

    /** Tells when the test says so. */
    private static final class FakeLedger implements Ledger {
        private final List<Consumer<Verdict>> waiting = new ArrayList<>();
        private final List<Long> settled = new ArrayList<>();
        private @Nullable RuntimeException fault;

        void tell(Verdict verdict) {
            waiting.remove(0).accept(verdict);
        }

        void take() {
            tell(new Taken(settled::add, List.of()));
        }

        @Override
        public void take(Account account, long tokens, Consumer<Verdict> told) {
            waiting.add(told);
            if (fault != null) {
                throw fault;
            }
        }

        @Override
        public void read(Account account, Consumer<List<Level>> told) {
            throw new UnsupportedOperationException();
        }
    }
}
