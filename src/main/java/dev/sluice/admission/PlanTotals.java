package dev.sluice.admission;

import dev.sluice.admission.Limit.Unit;
import dev.sluice.relay.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Counts for the metrics what the callers of each plan hold, use and are refused. It passes everything on to another ledger, and
 * counts only what passes here: other nodes that use the same store count for themselves. Any thread may call all methods.
 */
public final class PlanTotals implements Ledger {
    /** The limit that a refusal names if the store of the nodes has not answered. */
    public static final String UNKNOWN = "unknown";

    private final Ledger ledger;
    private final Debts debts;

    /** By the names of plans; no more than the settings have had since the start. */
    private final Map<String, Totals> byPlan = new ConcurrentHashMap<>();

    public PlanTotals(Ledger ledger, Clock clock) {
        this.ledger = ledger;
        this.debts = new Debts(clock);
    }

    /** The plans of which a limit was used. */
    public Map<String, Totals> byPlan() {
        return Map.copyOf(byPlan);
    }

    /**
     * The tokens that all callers of a plan have used beyond this limit and not yet regained, as far as this node knows.
     *
     * @param limit as {@link #nameOf} says
     */
    public long debt(String plan, String limit) {
        return debts.sum(plan, limit);
    }

    /** What labels call a limit: {@code streams}, {@code tokens_per_minute}. */
    public static String nameOf(Limit limit) {
        return limit.period() == null
                ? limit.unit().label()
                : limit.unit().label() + "_per_" + limit.period().label();
    }

    @Override
    public void take(Account account, long tokens, Consumer<Verdict> told) {
        Totals totals = totals(account);
        ledger.take(account, tokens, verdict -> told.accept(counted(account, tokens, totals, verdict)));
    }

    @Override
    public void read(Account account, Consumer<List<Level>> told) {
        ledger.read(account, told);
    }

    private Totals totals(Account account) {
        Totals totals = byPlan.computeIfAbsent(account.plan(), plan -> new Totals());
        totals.know(account.limits());
        return totals;
    }

    private Verdict counted(Account account, long tokens, Totals totals, Verdict verdict) {
        if (verdict instanceof Taken taken) {
            try {
                Taken counted = new Taken(new Counted(taken.reservation(), account, tokens, totals), taken.levels());
                totals.streams.increment();
                totals.held.add(tokens);
                return counted;
            } catch (RuntimeException | Error fault) { // for want of memory: nobody else could give it back
                taken.reservation().settle(0);
                throw fault;
            }
        }
        if (verdict instanceof Reached reached) {
            totals.refuse(nameOf(reached.level().limit()));
            debts.update(account, reached.levels());
        } else {
            totals.refuse(UNKNOWN);
        }
        return verdict;
    }

    /** The numbers of one plan. */
    public static final class Totals {
        private final LongAdder streams = new LongAdder();
        private final LongAdder held = new LongAdder();
        private final LongAdder spent = new LongAdder();

        /** By the names of the limits; {@link #UNKNOWN} too. */
        private final Map<String, LongAdder> refused = new ConcurrentHashMap<>();

        /** Those of the latest request. Any thread may write it. */
        private volatile List<Limit> known = List.of();

        private Totals() {
            refused.put(UNKNOWN, new LongAdder());
        }

        /** The streams that were let in and have not ended. */
        public long streams() {
            return streams.sum();
        }

        /** The estimates of these streams together, in tokens. */
        public long held() {
            return held.sum();
        }

        /** The tokens of all streams that have ended. */
        public long spent() {
            return spent.sum();
        }

        /** How many requests did not fit into each limit, by its name. */
        public Map<String, LongAdder> refused() {
            return Map.copyOf(refused);
        }

        private void know(List<Limit> limits) {
            if (!limits.equals(known)) {
                known = limits;
                limits.forEach(limit -> refused.computeIfAbsent(nameOf(limit), name -> new LongAdder()));
            }
        }

        private void refuse(String limit) {
            refused.computeIfAbsent(limit, name -> new LongAdder()).increment();
        }
    }

    /** Counts what a request has taken as held until it is settled. */
    private final class Counted implements Reservation {
        private final Reservation reservation;
        private final Account account;
        private final long tokens;
        private final Totals totals;
        private final AtomicBoolean settled = new AtomicBoolean();

        Counted(Reservation reservation, Account account, long tokens, Totals totals) {
            this.reservation = reservation;
            this.account = account;
            this.tokens = tokens;
            this.totals = totals;
        }

        @Override
        public void settle(long used) {
            reservation.settle(used);
            if (settled.compareAndSet(false, true)) {
                totals.streams.decrement();
                totals.held.add(-tokens);
                totals.spent.add(used);
                // A debt comes from an answer that was longer than its estimate, or than a whole limit.
                if (used > tokens || exceedsALimit(used)) {
                    ledger.read(account, levels -> debts.update(account, levels));
                }
            }
        }

        private boolean exceedsALimit(long used) {
            return account.limits().stream().anyMatch(limit -> limit.unit() == Unit.TOKENS && used > limit.amount());
        }
    }
}
