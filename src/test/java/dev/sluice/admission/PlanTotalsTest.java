package dev.sluice.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.Ledger.Reached;
import dev.sluice.admission.Ledger.Taken;
import dev.sluice.admission.Ledger.Unknown;
import dev.sluice.admission.Ledger.Verdict;
import dev.sluice.admission.Limit.Unit;
import dev.sluice.admission.PlanTotals.Totals;
import dev.sluice.config.Rate.Period;
import dev.sluice.relay.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What is counted of plans, in front of the ledger that this node uses without a shared store. */
final class PlanTotalsTest {
    private static final Limit MINUTE = new Limit(Unit.TOKENS, 1_000, Period.MINUTE);
    private static final Account ADA = new Account("team", "ada", List.of(new Limit(Unit.STREAMS, 2, null), MINUTE));
    private static final Account BOB = new Account("team", "bob", ADA.limits());

    private final ManualClock clock = new ManualClock();
    private final PlanTotals totals = new PlanTotals(new Accounts(clock), clock);
    private final List<Verdict> verdicts = new ArrayList<>();

    @Test
    void tokens_areHeldUntilTheEnd_andThenSpent_once() {
        Taken ada = take(ADA, 300);
        Taken bob = take(BOB, 500);
        assertTeam(2, 800, 0);
        ada.reservation().settle(250);
        ada.reservation().settle(250);
        assertTeam(1, 500, 250);
        bob.reservation().settle(0);
        assertTeam(0, 0, 250);
    }

    @Test
    void ledger_behindIt_isWhatDecides() {
        take(ADA, 300);
        List<Level> levels = new ArrayList<>();
        totals.read(ADA, levels::addAll);
        assertThat(levels).extracting(Level::held).containsExactly(1L, 300L);
    }

    @Test
    void refusals_areCountedByTheirLimit() {
        take(ADA, 100);
        take(ADA, 100);
        totals.take(ADA, 100, verdicts::add);
        totals.take(BOB, 1_000, verdicts::add);
        totals.take(BOB, 1_000, verdicts::add);
        assertThat(verdicts.get(2)).isInstanceOf(Reached.class);
        assertThat(refused("streams")).isEqualTo(1);
        assertThat(refused("tokens_per_minute")).isEqualTo(1);
        assertThat(refused(PlanTotals.UNKNOWN)).isZero();
        assertTeam(3, 1_200, 0);
    }

    @Test
    void refusals_forAStoreThatDoesNotAnswer_areCountedApart() {
        PlanTotals mute = new PlanTotals(new Mute(), clock);
        mute.take(ADA, 100, verdicts::add);
        Totals team = Objects.requireNonNull(mute.byPlan().get("team"));
        assertThat(team.refused())
                .extractingByKey(PlanTotals.UNKNOWN)
                .extracting(LongAdder::sum)
                .isEqualTo(1L);
        assertThat(team.streams()).isZero();
    }

    @Test
    void debt_isWhatWasUsedBeyondTheLimit_andBecomesSmaller() {
        take(ADA, 300).reservation().settle(1_600);
        take(BOB, 1_000).reservation().settle(1_100);
        assertThat(totals.debt("team", "tokens_per_minute")).isEqualTo(700);
        assertThat(totals.debt("team", "tokens_per_day")).isZero();
        assertThat(totals.debt("others", "tokens_per_minute")).isZero();
        clock.pass(30_000);
        assertThat(totals.debt("team", "tokens_per_minute")).as("bob has paid").isEqualTo(100);
        clock.pass(30_000);
        assertThat(totals.debt("team", "tokens_per_minute")).isZero();
    }

    private Taken take(Account account, long tokens) {
        totals.take(account, tokens, verdicts::add);
        return (Taken) verdicts.get(verdicts.size() - 1);
    }

    private long refused(String limit) {
        return Objects.requireNonNull(team().refused().get(limit)).sum();
    }

    private Totals team() {
        return Objects.requireNonNull(totals.byPlan().get("team"));
    }

    private void assertTeam(long streams, long held, long spent) {
        assertThat(List.of(team().streams(), team().held(), team().spent())).containsExactly(streams, held, spent);
    }

    /** Whose store does not answer. */
    private static final class Mute implements Ledger {
        @Override
        public void take(Account account, long tokens, Consumer<Verdict> told) {
            told.accept(new Unknown());
        }

        @Override
        public void read(Account account, Consumer<List<Level>> told) {
            told.accept(List.of());
        }
    }
}
