package dev.sluice.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.Ledger.Reservation;
import dev.sluice.admission.Ledger.Taken;
import dev.sluice.admission.Limit.Unit;
import dev.sluice.config.Rate.Period;
import dev.sluice.relay.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Accounts under several threads. */
@Timeout(60)
final class AccountsThreadsTest {
    private static final int THREADS = 4;

    private static final Limit STREAMS = new Limit(Unit.STREAMS, 10, null);
    private static final Limit MANY = new Limit(Unit.STREAMS, 1_000_000, null);
    private static final Limit TOKENS = new Limit(Unit.TOKENS, 1_000_000_000_000L, Period.DAY);

    /** It stands still, so that nothing is regained. */
    private final Accounts accounts = new Accounts(new StillClock());

    @Test
    void take_byManyThreadsAtOnce_letsExactlyAsManyInAsFit() throws Exception {
        Account account = new Account("team", "ada", List.of(STREAMS));
        for (int round = 0; round < 500; round++) {
            List<Reservation> taken = Collections.synchronizedList(new ArrayList<>());
            inThreads(number -> {
                for (int i = 0; i < 10; i++) {
                    accounts.take(account, 1, verdict -> {
                        if (verdict instanceof Taken in) {
                            taken.add(in.reservation());
                        }
                    });
                }
            });
            assertThat(taken).as("round %d", round).hasSize(10);
            inThreads(number -> taken.forEach(reservation -> reservation.settle(1))); // each more than once
            assertThat(level(account, 0).held()).isZero();
        }
    }

    @Test
    void streams_thatBeginAndEndInAnyOrder_leaveNothingHeldAndAllSpentThatWasReported() throws Exception {
        AtomicLong reported = new AtomicLong();
        Account account = new Account("team", "ada", List.of(MANY, TOKENS));
        inThreads(number -> {
            Random random = new Random(number);
            List<Reservation> open = new ArrayList<>();
            for (int i = 0; i < 50_000; i++) {
                if (open.size() < 20 && random.nextBoolean()) {
                    accounts.take(account, random.nextInt(1_000), verdict -> open.add(((Taken) verdict).reservation()));
                } else if (!open.isEmpty()) {
                    long used = random.nextInt(2_000);
                    reported.addAndGet(used);
                    open.remove(random.nextInt(open.size())).settle(used);
                }
            }
            open.forEach(reservation -> reservation.settle(0));
        });
        assertThat(level(account, 0).held()).as("streams held").isZero();
        assertThat(level(account, 1).held()).as("tokens held").isZero();
        assertThat(level(account, 1).spent()).isEqualTo(reported.get()).isPositive();
    }

    /** Accounts come, are forgotten, and come again, while their streams run. */
    @Test
    void accounts_thatAreForgottenMeanwhile_losesNothingThatIsHeld() throws Exception {
        Accounts few = new Accounts(new StillClock(), 4);
        inThreads(number -> {
            Random random = new Random(number);
            for (int i = 0; i < 50_000; i++) {
                Account account = new Account("team", "holder " + random.nextInt(30), List.of(MANY));
                few.take(account, 1, verdict -> {
                    long held = ((Taken) verdict).levels().get(0).held();
                    assertThat(held).isBetween(1L, (long) THREADS);
                    few.read(account, levels -> assertThat(levels.get(0).held()).isBetween(1L, (long) THREADS));
                    ((Taken) verdict).reservation().settle(0);
                });
            }
        });
        for (int i = 0; i < 30; i++) {
            few.read(
                    new Account("team", "holder " + i, List.of(MANY)),
                    levels -> assertThat(levels.get(0).held()).isZero());
        }
        assertThat(few.size()).isLessThan(20);
    }

    private Level level(Account account, int index) {
        List<Level> all = new ArrayList<>();
        accounts.read(account, all::addAll);
        return all.get(index);
    }

    private static void inThreads(Task task) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int number = i;
                all.add(threads.submit(() -> task.run(number)));
            }
            for (Future<?> each : all) {
                each.get(50, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @FunctionalInterface
    private interface Task {
        void run(int number);
    }

    private static final class StillClock implements Clock {
        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public Alarm schedule(Runnable task, long nanos) {
            throw new UnsupportedOperationException();
        }
    }
}
