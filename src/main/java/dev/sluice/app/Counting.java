package dev.sluice.app;

import dev.sluice.admission.Accounts;
import dev.sluice.admission.Ledger;
import dev.sluice.admission.Limit;
import dev.sluice.admission.PlanTotals;
import dev.sluice.admission.redis.SharedLedger;
import dev.sluice.config.Settings;
import dev.sluice.config.SettingsException;
import dev.sluice.observe.PlanNumbers;
import dev.sluice.observe.SharedNumbers;
import dev.sluice.relay.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Counts what callers use: in this process, or with other nodes in a store that they share. */
final class Counting {
    /** The class that a host application may lack. */
    private static final String CLIENT = "io.lettuce.core.RedisClient";

    private final PlanTotals ledger;

    /** Null if this node counts alone. */
    private final @Nullable SharedLedger shared;

    private Counting(Ledger ledger, @Nullable SharedLedger shared, Clock clock) {
        this.ledger = new PlanTotals(ledger, clock);
        this.shared = shared;
    }

    /**
     * Starts nothing.
     *
     * @param log writes lines of the log, because a log may block
     * @throws SettingsException if nodes shall share a store, and the host application has no client for it
     */
    static Counting of(Settings settings, Clock clock, Executor log) {
        Settings.Shared store = settings.shared();
        if (store == null) {
            return new Counting(new Accounts(clock), null, clock);
        }
        try {
            Class.forName(CLIENT, false, Counting.class.getClassLoader());
        } catch (ClassNotFoundException | NoClassDefFoundError none) {
            throw new SettingsException(List.of("sluice.shared.url needs Lettuce (io.lettuce:lettuce-core), which this"
                    + " application does not have: add it, or remove the setting"));
        }
        SharedLedger shared = new SharedLedger(store, clock, log);
        return new Counting(shared, shared, clock);
    }

    Ledger ledger() {
        return ledger;
    }

    /** Connects to the store, if there is one. May block for a short time. */
    void start() throws InterruptedException {
        if (shared != null) {
            shared.start();
        }
    }

    /** Leaves the store. To be called when all streams have ended; may block. */
    void stop() throws InterruptedException {
        if (shared != null) {
            shared.stop();
        }
    }

    /** The numbers of the plans of which a limit was used. Any thread may call it. */
    List<PlanNumbers> plans() {
        List<PlanNumbers> plans = new ArrayList<>();
        ledger.byPlan().forEach((plan, counted) -> {
            Map<String, LongSupplier> refused = new HashMap<>();
            Map<String, LongSupplier> debts = new HashMap<>();
            counted.refused().forEach((limit, count) -> {
                refused.put(limit, count::sum);
                if (limit.startsWith(Limit.Unit.TOKENS.label())) {
                    debts.put(limit, () -> ledger.debt(plan, limit));
                }
            });
            plans.add(new PlanNumbers(plan, counted::streams, counted::held, counted::spent, refused, debts));
        });
        return plans;
    }

    /** The numbers of the store that nodes share; null if this node counts alone. Any thread may call it. */
    @Nullable
    SharedNumbers shared() {
        SharedLedger store = shared;
        return store == null
                ? null
                : new SharedNumbers(
                        () -> store.numbers().reachable(),
                        () -> store.numbers().outages(),
                        () -> store.numbers().steps(),
                        () -> store.numbers().time().toNanos() / 1e9,
                        () -> store.numbers().latest().toNanos() / 1e9);
    }
}
