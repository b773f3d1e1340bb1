package dev.sluice.admission;

import dev.sluice.admission.Ledger.Reached;
import dev.sluice.admission.Ledger.Reservation;
import dev.sluice.admission.Ledger.Taken;
import dev.sluice.admission.Ledger.Verdict;
import dev.sluice.admission.Limit.Unit;
import dev.sluice.config.Rate.Period;
import dev.sluice.relay.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one account has spent and holds. Streams and tokens that are held are counted even if no limit asks for it now, because
 * other settings may bring one. All fields are guarded by this; nothing is called out to while it is locked, but the clock.
 */
final class Tally {
    private static final Bucket[] NONE = {};

    private final Accounts.Key key;
    private final Clock clock;

    /** Those of the limits that were asked for so far. */
    private Bucket[] buckets = NONE;

    /** When the buckets were brought up to date. */
    private long at;

    private long streams;
    private long tokens;
    private boolean forgotten;

    Tally(Accounts.Key key, Clock clock) {
        this.key = key;
        this.clock = clock;
        this.at = clock.nanoTime();
    }

    Accounts.Key key() {
        return key;
    }

    /** Returns null if this is forgotten: the account has another tally by now, or none. */
    synchronized @Nullable Verdict take(List<Limit> limits, long need) {
        if (forgotten) {
            return null;
        }
        update(limits);
        if (!fits(limits, need)) {
            return Reached.of(levels(limits), need);
        }
        Hold hold = new Hold(need); // first: if there is no memory for it, nothing was taken
        streams++;
        tokens += need;
        for (Bucket bucket : buckets) {
            if (bucket.unit() == Unit.REQUESTS) {
                bucket.spend(1);
            }
        }
        try {
            return new Taken(hold, levels(limits));
        } catch (Error noMemory) {
            hold.settle(0);
            throw noMemory;
        }
    }

    /** Returns null if this is forgotten. */
    synchronized @Nullable List<Level> read(List<Limit> limits) {
        if (forgotten) {
            return null;
        }
        update(limits);
        return levels(limits);
    }

    /** Forgets it if nothing is spent or held. @return whether it is forgotten */
    synchronized boolean forgetIfUnused() {
        pass();
        if (streams == 0 && Arrays.stream(buckets).allMatch(Bucket::isWhole)) {
            forgotten = true;
        }
        return forgotten;
    }

    /** Forgets it unless something is held, whatever is spent. @return whether it is forgotten */
    synchronized boolean forgetUnlessHeld() {
        forgotten |= streams == 0;
        return forgotten;
    }

    /** How long something of it counts as spent, if nothing else is; at most {@link Ratio#MOST}, which running streams make it. */
    synchronized long wholeAfter() {
        pass();
        long longest = streams > 0 ? Ratio.MOST : 0;
        for (Bucket bucket : buckets) {
            longest = Math.max(longest, bucket.wholeAfter());
        }
        return longest;
    }

    /** Brings the buckets up to date, with these limits from now on. */
    private void update(List<Limit> limits) {
        pass();
        for (Limit limit : limits) {
            Period period = limit.period();
            if (period != null) {
                Bucket bucket = bucket(limit.unit(), period);
                if (bucket == null) {
                    add(new Bucket(limit.unit(), period, limit.amount()));
                } else {
                    bucket.amount(limit.amount());
                }
            }
        }
    }

    private void pass() {
        long now = clock.nanoTime();
        long passed = now - at;
        if (passed > 0) {
            at = now;
            for (Bucket bucket : buckets) {
                bucket.pass(passed);
            }
        }
    }

    private boolean fits(List<Limit> limits, long need) {
        for (Limit limit : limits) {
            if (!limit.fits(spent(limit), held(limit), need)) {
                return false;
            }
        }
        return true;
    }

    private List<Level> levels(List<Limit> limits) {
        Level[] levels = new Level[limits.size()];
        for (int i = 0; i < levels.length; i++) {
            Limit limit = limits.get(i);
            Period period = limit.period();
            Bucket bucket = period == null ? null : bucket(limit.unit(), period);
            Duration whole = bucket == null ? Duration.ZERO : Duration.ofNanos(bucket.wholeAfter());
            levels[i] = new Level(limit, bucket == null ? 0 : bucket.spent(), held(limit), whole);
        }
        return List.of(levels);
    }

    private long spent(Limit limit) {
        Period period = limit.period();
        Bucket bucket = period == null ? null : bucket(limit.unit(), period);
        return bucket == null ? 0 : bucket.spent();
    }

    private long held(Limit limit) {
        return switch (limit.unit()) {
            case STREAMS -> streams;
            case REQUESTS -> 0;
            case TOKENS -> tokens;
        };
    }

    private @Nullable Bucket bucket(Unit unit, Period period) {
        for (Bucket bucket : buckets) {
            if (bucket.is(unit, period)) {
                return bucket;
            }
        }
        return null;
    }

    private void add(Bucket bucket) {
        Bucket[] more = Arrays.copyOf(buckets, buckets.length + 1);
        more[buckets.length] = bucket;
        buckets = more;
    }

    /** What one request holds. */
    private final class Hold implements Reservation {
        private final long held;
        private boolean settled; // guarded by the tally

        Hold(long held) {
            this.held = held;
        }

        @Override
        public void settle(long used) {
            synchronized (Tally.this) {
                if (settled) {
                    return;
                }
                settled = true;
                streams--;
                tokens -= held;
                pass();
                for (Bucket bucket : buckets) {
                    if (bucket.unit() == Unit.TOKENS) {
                        bucket.spend(used);
                    }
                }
            }
        }
    }
}
