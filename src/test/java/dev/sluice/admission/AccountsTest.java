package dev.sluice.admission;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.Ledger.Reached;
import dev.sluice.admission.Ledger.Reservation;
import dev.sluice.admission.Ledger.Taken;
import dev.sluice.admission.Ledger.Verdict;
import dev.sluice.admission.Limit.Unit;
import dev.sluice.config.Rate.Period;
import dev.sluice.relay.ManualClock;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What accounts let in, and when. {@code AccountsThreadsTest} has several threads. */
final class AccountsTest {
    private static final Limit REQUESTS = new Limit(Unit.REQUESTS, 60, Period.MINUTE);
    private static final Limit TOKENS = new Limit(Unit.TOKENS, 20_000, Period.MINUTE);
    private static final Limit STREAMS = new Limit(Unit.STREAMS, 2, null);

    private final ManualClock clock = new ManualClock();
    private final Accounts accounts = new Accounts(clock);

    @Test
    void requests_upToTheAmount_areLetInAndRegainedAtAConstantRate() {
        for (int i = 0; i < 60; i++) {
            taken(of(REQUESTS), 0).settle(0);
        }
        Reached reached = reached(of(REQUESTS), 0);
        assertThat(reached.level()).isEqualTo(new Level(REQUESTS, 60, 0, Duration.ofMinutes(1)));
        assertThat(reached.need()).isEqualTo(1);
        assertThat(reached.again()).isEqualTo(Duration.ofSeconds(1));
        clock.pass(999);
        assertThat(reached(of(REQUESTS), 0).again()).isEqualTo(Duration.ofMillis(1));
        clock.pass(1);
        taken(of(REQUESTS), 0);
        reached(of(REQUESTS), 0);
        clock.pass(60_000);
        assertThat(level(REQUESTS)).isEqualTo(new Level(REQUESTS, 0, 0, Duration.ZERO));
    }

    @Test
    void tokens_areHeldUntilTheyAreSettled_andThenSpentAsUsed() {
        Reservation first = taken(of(TOKENS), 19_000);
        assertThat(level(TOKENS)).isEqualTo(new Level(TOKENS, 0, 19_000, Duration.ZERO));
        Reached reached = reached(of(TOKENS), 1_001);
        assertThat(reached.level()).isEqualTo(level(TOKENS));
        assertThat(reached.again()).as("one token's regain").isEqualTo(Duration.ofMillis(3));
        taken(of(TOKENS), 1_000).settle(0);
        first.settle(300);
        assertThat(level(TOKENS)).isEqualTo(new Level(TOKENS, 300, 0, Duration.ofMillis(900)));
        clock.pass(900);
        assertThat(level(TOKENS).spent()).isZero();
    }

    @Test
    void streams_areHeldUntilTheyAreSettled_andNothingOfThemIsSpent() {
        Reservation first = taken(of(STREAMS), 5);
        Reservation second = taken(of(STREAMS), 5);
        Reached reached = reached(of(STREAMS), 5);
        assertThat(reached.level()).isEqualTo(new Level(STREAMS, 0, 2, Duration.ZERO));
        assertThat(reached.again()).isEqualTo(Duration.ofSeconds(2));
        clock.pass(1_000_000);
        reached(of(STREAMS), 5);
        first.settle(7);
        taken(of(STREAMS), 5);
        second.settle(7);
        assertThat(level(STREAMS).held()).isEqualTo(1);
    }

    @Test
    void reservation_settledTwice_countsOnce() {
        Reservation reservation = taken(of(STREAMS, TOKENS), 100);
        reservation.settle(70);
        reservation.settle(7_000);
        assertThat(level(TOKENS).spent()).isEqualTo(70);
        assertThat(level(STREAMS).held()).isZero();
    }

    @Test
    void request_thatOneLimitKeepsOut_takesNothingOfAnyOther() {
        Limit small = new Limit(Unit.TOKENS, 100, Period.DAY);
        Account account = of(STREAMS, REQUESTS, TOKENS, small);
        taken(account, 60);
        List<Level> before = levels(account);
        Reached reached = reached(account, 60);
        assertThat(reached.level().limit()).isEqualTo(small);
        assertThat(reached.levels()).isEqualTo(before).hasSize(4);
        assertThat(levels(account)).isEqualTo(before);
    }

    @Test
    void request_thatSeveralLimitsKeepOut_isToldOfThatWhichTakesLongest() {
        Limit day = new Limit(Unit.TOKENS, 100, Period.DAY);
        Limit hour = new Limit(Unit.TOKENS, 100, Period.HOUR);
        Limit minute = new Limit(Unit.TOKENS, 100, Period.MINUTE);
        Account account = of(minute, day, hour);
        taken(account, 100).settle(100);
        Reached reached = reached(account, 50);
        assertThat(reached.level().limit()).isEqualTo(day);
        assertThat(reached.again()).isEqualTo(Duration.ofHours(12));
    }

    @Test
    void request_thatNeedsMoreThanTheLimit_isLetInOnceNothingIsSpentOrHeld_andLeavesADebt() {
        taken(of(TOKENS), 1).settle(1);
        Reached reached = reached(of(TOKENS), 50_000);
        assertThat(reached.need()).isEqualTo(20_000);
        assertThat(reached.again()).isEqualTo(Duration.ofMillis(3));
        clock.pass(3);
        taken(of(TOKENS), 50_000).settle(50_000);
        assertThat(level(TOKENS)).isEqualTo(new Level(TOKENS, 50_000, 0, Duration.ofSeconds(150)));
        assertThat(level(TOKENS).remaining()).isZero();
        assertThat(reached(of(TOKENS), 1).again()).isEqualTo(Duration.ofMillis(90_003));
        clock.pass(90_002);
        reached(of(TOKENS), 1);
        clock.pass(1);
        taken(of(TOKENS), 1);
    }

    /** A provider may report anything. */
    @Test
    void debt_thatFitsNoNumber_isADebtOfManyYears() {
        Reservation first = taken(of(TOKENS), 1);
        Reservation second = taken(of(TOKENS), 1);
        first.settle(Long.MAX_VALUE);
        second.settle(Long.MAX_VALUE);
        assertThat(level(TOKENS).spent()).isPositive();
        assertThat(level(TOKENS).whole()).isGreaterThan(Duration.ofDays(365 * 100));
        assertThat(reached(of(TOKENS), 1).again()).isGreaterThan(Duration.ofDays(365 * 100));
    }

    /** A reload of the settings changes amounts, and adds and removes limits. */
    @Test
    void amounts_change_andWhatIsSpentAndHeldStays() {
        Reservation held = taken(of(TOKENS), 5_000);
        taken(of(TOKENS), 10_000).settle(10_000);
        clock.pass(15_000); // regains 5,000 of 20,000 a minute
        Limit less = new Limit(Unit.TOKENS, 6_000, Period.MINUTE);
        assertThat(levels(of(less))).containsExactly(new Level(less, 5_000, 5_000, Duration.ofSeconds(50)));
        clock.pass(10_000); // regains 1,000 of 6,000 a minute
        assertThat(levels(of(less, STREAMS)))
                .containsExactly(
                        new Level(less, 4_000, 5_000, Duration.ofSeconds(40)), new Level(STREAMS, 0, 1, Duration.ZERO));
        Limit day = new Limit(Unit.TOKENS, 9_000, Period.DAY);
        assertThat(levels(of(day))).as("a limit that is new").containsExactly(new Level(day, 0, 5_000, Duration.ZERO));
        held.settle(2_000);
        assertThat(levels(of(day, less))).extracting(Level::spent).containsExactly(2_000L, 6_000L);
        assertThat(levels(of(day, less))).extracting(Level::held).containsOnly(0L);
    }

    @Test
    void accounts_ofOtherHoldersAndPlans_areOthers() {
        taken(new Account("team", "ada", List.of(TOKENS)), 100);
        assertThat(levels(new Account("team", "bob", List.of(TOKENS))).get(0).held())
                .isZero();
        assertThat(levels(new Account("free", "ada", List.of(TOKENS))).get(0).held())
                .isZero();
        assertThat(levels(new Account("team", "ada", List.of(TOKENS))).get(0).held())
                .isEqualTo(100);
    }

    // ---- Exactness.

    /** Each step is compared with the same in rational numbers. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void levels_afterAnyStepsAtAnyTime_areExact(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 60; round++) {
            Model model = new Model(random);
            for (int step = 0; step < 300; step++) {
                model.step();
            }
        }
    }

    /** Nothing is lost by rounding, however often somebody asks. */
    @Test
    void regain_lookedAtInEachMillisecond_doesNotDrift() {
        Limit odd = new Limit(Unit.TOKENS, 7, Period.DAY);
        taken(of(odd), 7).settle(7);
        for (int seconds = 0; seconds < 86_400; seconds++) {
            clock.pass(1_000);
            level(odd);
        }
        assertThat(level(odd)).isEqualTo(new Level(odd, 0, 0, Duration.ZERO));
    }

    // ---- Bounds.

    @Test
    void accounts_ofWhichNothingIsSpentOrHeld_areForgottenWhenOthersCome() {
        for (int i = 0; i < 1_000; i++) {
            taken(holder(i), 10).settle(10);
            clock.pass(1_000);
        }
        assertThat(accounts.size()).isLessThan(20);
    }

    @Test
    void accounts_moreThanAreKept_areForgottenButThoseOfRunningStreamsAndTheLeastThatIsSpent() {
        Accounts few = new Accounts(clock, 10);
        List<Reservation> running = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            running.add(requireNonNull(take(few, holder(i), 100).reservation));
        }
        for (int i = 30; i < 200; i++) {
            requireNonNull(take(few, holder(i), 1).reservation).settle(1);
        }
        assertThat(few.size()).isLessThanOrEqualTo(40);
        for (int i = 0; i < 30; i++) {
            assertThat(levels(few, holder(i)).get(0).held()).as("holder %d", i).isEqualTo(100);
        }
        running.forEach(reservation -> reservation.settle(20_000));
        for (int i = 200; i < 400; i++) {
            requireNonNull(take(few, holder(i), 1).reservation).settle(1);
        }
        assertThat(few.size()).isLessThanOrEqualTo(40);
        long kept = 0;
        for (int i = 0; i < 30; i++) {
            kept += levels(few, holder(i)).get(0).spent() > 0 ? 1 : 0;
        }
        assertThat(kept).as("accounts with much spent that are kept").isGreaterThan(8);
    }

    // ---- Helpers.

    private static Account of(Limit... limits) {
        return new Account("team", "container:ada", List.of(limits));
    }

    private static Account holder(int number) {
        return new Account("team", "container:" + number, List.of(TOKENS));
    }

    private Reservation taken(Account account, long tokens) {
        Result result = take(accounts, account, tokens);
        assertThat(result.reached).isNull();
        return requireNonNull(result.reservation);
    }

    private Reached reached(Account account, long tokens) {
        Result result = take(accounts, account, tokens);
        assertThat(result.reservation).as("what was taken").isNull();
        return requireNonNull(result.reached);
    }

    private static Result take(Accounts accounts, Account account, long tokens) {
        List<Verdict> told = new ArrayList<>();
        accounts.take(account, tokens, told::add);
        assertThat(told).hasSize(1);
        return told.get(0) instanceof Taken taken
                ? new Result(taken.reservation(), null)
                : new Result(null, (Reached) told.get(0));
    }

    private Level level(Limit limit) {
        return levels(of(limit)).get(0);
    }

    private List<Level> levels(Account account) {
        return levels(accounts, account);
    }

    private static List<Level> levels(Accounts accounts, Account account) {
        List<List<Level>> told = new ArrayList<>();
        accounts.read(account, told::add);
        assertThat(told).hasSize(1);
        return told.get(0);
    }

    private record Result(
            @Nullable Reservation reservation, @Nullable Reached reached) {}

    /** One account, and what it must be: in units that are so small that all numbers are whole. */
    private static final class Model {
        private final Random random;
        private final ManualClock clock = new ManualClock();
        private final Accounts accounts = new Accounts(clock);
        private final List<Limit> limits = new ArrayList<>();
        private final List<BigInteger> spent = new ArrayList<>(); // of each limit, times its period
        private final List<Running> running = new ArrayList<>();

        Model(Random random) {
            this.random = random;
            if (random.nextBoolean()) {
                limits.add(new Limit(Unit.STREAMS, 1 + random.nextInt(20), null));
            }
            for (Period period : Period.values()) {
                for (Unit unit : List.of(Unit.REQUESTS, Unit.TOKENS)) {
                    if (random.nextInt(3) == 0) {
                        limits.add(new Limit(unit, amount(), period));
                    }
                }
            }
            limits.forEach(limit -> spent.add(BigInteger.ZERO));
        }

        void step() {
            switch (random.nextInt(4)) {
                case 0 -> pass(random.nextInt(3) == 0 ? random.nextInt(100_000_000) : random.nextInt(3_000));
                case 1, 2 -> take(amount() / (1 + random.nextInt(50)));
                default -> settle();
            }
            List<Level> levels = levels(accounts, account());
            for (int i = 0; i < limits.size(); i++) {
                assertThat(levels.get(i)).isEqualTo(level(i));
            }
        }

        private void pass(int millis) {
            clock.pass(millis);
            for (int i = 0; i < limits.size(); i++) {
                BigInteger regained =
                        big(limits.get(i).amount()).multiply(big(millis)).multiply(big(1_000_000));
                spent.set(i, spent.get(i).subtract(regained).max(BigInteger.ZERO));
            }
        }

        private void take(long tokens) {
            boolean fits = true;
            for (int i = 0; i < limits.size(); i++) {
                Limit limit = limits.get(i);
                BigInteger need =
                        big(held(limit) + (limit.unit() == Unit.TOKENS ? Math.min(tokens, limit.amount()) : 1));
                fits &= spent.get(i)
                                .add(need.multiply(period(limit)))
                                .compareTo(big(limit.amount()).multiply(period(limit)))
                        <= 0;
            }
            Result result = AccountsTest.take(accounts, account(), tokens);
            assertThat(result.reservation != null).as("let in").isEqualTo(fits);
            if (result.reservation != null) {
                running.add(new Running(result.reservation, tokens));
                spend(Unit.REQUESTS, 1);
            } else {
                Reached reached = requireNonNull(result.reached);
                assertThat(reached.level().fits(tokens)).isFalse();
                assertAgain(reached, tokens);
            }
        }

        /** It fits into that limit then, and not a little earlier. */
        private void assertAgain(Reached reached, long tokens) {
            Limit limit = reached.level().limit();
            if (limit.unit() == Unit.STREAMS) {
                return;
            }
            BigInteger missing = spent.get(limits.indexOf(limit))
                    .add(big(held(limit) + limit.need(tokens) - limit.amount()).multiply(period(limit)));
            long exact = ceiling(missing, big(limit.amount()));
            if (exact < Ratio.MOST / 2) {
                assertThat(reached.again().toNanos() - exact)
                        .as("nanoseconds too late")
                        .isBetween(0L, 1L);
            } else {
                assertThat(reached.again()).isGreaterThan(Duration.ofNanos(Ratio.MOST / 4));
            }
        }

        private void settle() {
            if (!running.isEmpty()) {
                Running over = running.remove(random.nextInt(running.size()));
                long used = random.nextInt(3) == 0 ? amount() : random.nextInt(2) * over.held;
                over.reservation.settle(used);
                spend(Unit.TOKENS, used);
            }
        }

        private void spend(Unit unit, long much) {
            for (int i = 0; i < limits.size(); i++) {
                if (limits.get(i).unit() == unit) {
                    spent.set(i, spent.get(i).add(big(much).multiply(period(limits.get(i)))));
                }
            }
        }

        private Level level(int index) {
            Limit limit = limits.get(index);
            BigInteger used = spent.get(index);
            return new Level(
                    limit,
                    ceiling(used, period(limit)),
                    held(limit),
                    Duration.ofNanos(ceiling(used, big(limit.amount()))));
        }

        private long held(Limit limit) {
            return switch (limit.unit()) {
                case STREAMS -> running.size();
                case REQUESTS -> 0;
                case TOKENS -> running.stream().mapToLong(Running::held).sum();
            };
        }

        private Account account() {
            return new Account("team", "container:ada", limits);
        }

        private long amount() {
            return random.nextInt(4) == 0
                    ? 1 + random.nextInt(10)
                    : 1 + (long) (random.nextDouble() * 1_000_000_000_000L);
        }

        private static BigInteger period(Limit limit) {
            Period period = limit.period();
            return big(period == null ? 1 : period.length().toNanos());
        }

        private static long ceiling(BigInteger some, BigInteger by) {
            BigInteger exact = some.add(by).subtract(BigInteger.ONE).divide(by);
            return exact.min(big(Ratio.MOST)).longValueExact();
        }

        private static BigInteger big(long number) {
            return BigInteger.valueOf(number);
        }

        private record Running(Reservation reservation, long held) {}
    }
}
