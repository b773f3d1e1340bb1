package dev.sluice.admission;

import dev.sluice.admission.Limit.Unit;
import dev.sluice.relay.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The accounts whose callers have used more tokens than a limit has. A debt becomes smaller at the rate of its limit. Any thread
 * may call all methods.
 */
final class Debts {
    /** Further accounts are left out. */
    private static final int MOST = 10_000;

    private final Clock clock;
    private final Map<Debtor, Debt> debts = new ConcurrentHashMap<>();

    Debts(Clock clock) {
        this.clock = clock;
    }

    /** These are the present levels of an account. */
    void update(Account account, List<Level> levels) {
        long now = clock.nanoTime();
        for (Level level : levels) {
            Limit limit = level.limit();
            if (limit.unit() != Unit.TOKENS) {
                continue;
            }
            Debtor debtor = new Debtor(account.plan(), account.holder(), limit);
            long over = level.spent() - limit.amount();
            if (over <= 0) {
                debts.remove(debtor);
            } else if (debts.size() < MOST || debts.containsKey(debtor)) {
                debts.put(debtor, new Debt(over, now));
            }
        }
    }

    /** The debts of a plan's callers at a limit with this name. Forgets debts that are paid. */
    long sum(String plan, String limit) {
        long now = clock.nanoTime();
        debts.entrySet().removeIf(each -> each.getValue().after(now, each.getKey().limit) <= 0);
        return debts.entrySet().stream()
                .filter(each -> each.getKey().isOf(plan, limit))
                .mapToLong(each -> Math.max(0, each.getValue().after(now, each.getKey().limit)))
                .sum();
    }

    private record Debtor(String plan, String holder, Limit limit) {
        boolean isOf(String aPlan, String aLimit) {
            return plan.equals(aPlan) && PlanTotals.nameOf(limit).equals(aLimit);
        }
    }

    /** @param tokens at that time of the clock */
    private record Debt(long tokens, long nanoTime) {
        long after(long now, Limit limit) {
            double periods = limit.period() == null
                    ? 0
                    : (double) (now - nanoTime) / limit.period().length().toNanos();
            return tokens - (long) (periods * limit.amount());
        }
    }
}
