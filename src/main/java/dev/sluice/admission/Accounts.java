package dev.sluice.admission;

import dev.sluice.relay.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The accounts of this process, in memory. An account is known by its plan and its holder, so it goes on when other settings
 * change the plan's amounts: from then on it regains at the new rate.
 *
 * <p>An account of which nothing is spent or held is as good as none, and is forgotten at some time. If there are too many others,
 * then the one is forgotten that would be whole soonest, so that the memory is bounded. Its holder can then use a little more than
 * its plan says; nobody is refused for it. Accounts of running streams are never forgotten.
 */
public final class Accounts implements Ledger {
    private static final Logger LOG = LoggerFactory.getLogger(Accounts.class);

    /** Together, they take about 50 MB. */
    private static final int MOST = 100_000;

    /** The number of old accounts that are looked at when a new one begins. */
    private static final int LOOKS = 8;

    private final Clock clock;
    private final int most;
    private final Map<Key, Tally> tallies = new ConcurrentHashMap<>();

    /** Those that are to be looked at, the next one first. Every tally of the map is here. Guarded by itself. */
    private final ArrayDeque<Tally> order = new ArrayDeque<>();

    /** Whether it was logged that there are too many. */
    private volatile boolean isFull;

    public Accounts(Clock clock) {
        this(clock, MOST);
    }

    /** @param most the number of accounts that are kept, beside those of running streams */
    Accounts(Clock clock, int most) {
        this.clock = clock;
        this.most = most;
    }

    @Override
    public void take(Account account, long tokens, Consumer<Verdict> told) {
        Key key = new Key(account.plan(), account.holder());
        Tally known = tallies.get(key);
        Verdict verdict = known == null ? null : known.take(account.limits(), tokens);
        while (verdict == null) { // there is none, or it was just forgotten
            verdict = tally(key).take(account.limits(), tokens);
        }
        told.accept(verdict);
    }

    @Override
    public void read(Account account, Consumer<List<Level>> told) {
        Tally tally = tallies.get(new Key(account.plan(), account.holder()));
        List<Level> levels = tally == null ? null : tally.read(account.limits());
        told.accept(levels == null ? untouched(account.limits()) : levels);
    }

    /** The number of accounts that are kept. */
    int size() {
        return tallies.size();
    }

    private static List<Level> untouched(List<Limit> limits) {
        return limits.stream()
                .map(limit -> new Level(limit, 0, 0, Duration.ZERO))
                .toList();
    }

    /** The account's tally; a new one if there is none. */
    private Tally tally(Key key) {
        Tally made;
        boolean full;
        synchronized (order) {
            Tally known = tallies.get(key);
            if (known != null) {
                return known;
            }
            full = makeRoom();
            made = new Tally(key, clock);
            order.add(made);
            tallies.put(key, made);
        }
        if (full && !isFull) {
            isFull = true;
            LOG.warn(
                    "More than {} callers have used something of their plans: the accounts that regain it soonest are"
                            + " forgotten now. This is logged once",
                    most);
        }
        return made;
    }

    /** Forgets what need not be kept any more, among the accounts that are next. @return whether more was forgotten */
    private boolean makeRoom() {
        Tally soonest = null;
        long soonestAfter = Ratio.MOST;
        for (int looks = Math.min(LOOKS, order.size()); looks > 0; looks--) {
            Tally next = order.remove();
            if (next.forgetIfUnused()) {
                tallies.remove(next.key());
                continue;
            }
            order.add(next);
            long after = next.wholeAfter();
            if (after < soonestAfter) {
                soonest = next;
                soonestAfter = after;
            }
        }
        if (order.size() < most || soonest == null || !soonest.forgetUnlessHeld()) {
            return false;
        }
        order.removeLastOccurrence(soonest); // it is among the last
        tallies.remove(soonest.key());
        return true;
    }

    /** Who counts together. */
    record Key(String plan, String holder) {}
}
