package dev.sluice.app;

import dev.sluice.admission.Accounts;
import dev.sluice.admission.Ledger;
import dev.sluice.admission.redis.SharedLedger;
import dev.sluice.admission.redis.StoreNumbers;
import dev.sluice.config.Settings;
import dev.sluice.config.SettingsException;
import dev.sluice.relay.Clock;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Counts what callers use: in this process, or with other nodes in a store that they share. */
final class Counting {
    /** The class that a host application may lack. */
    private static final String CLIENT = "io.lettuce.core.RedisClient";

    private final Ledger ledger;

    /** Null if this node counts alone. */
    private final @Nullable SharedLedger shared;

    private Counting(Ledger ledger, @Nullable SharedLedger shared) {
        this.ledger = ledger;
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
            return new Counting(new Accounts(clock), null);
        }
        try {
            Class.forName(CLIENT, false, Counting.class.getClassLoader());
        } catch (ClassNotFoundException | NoClassDefFoundError none) {
            throw new SettingsException(List.of("sluice.shared.url needs Lettuce (io.lettuce:lettuce-core), which this"
                    + " application does not have: add it, or remove the setting"));
        }
        SharedLedger shared = new SharedLedger(store, clock, log);
        return new Counting(shared, shared);
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

    /** What is known of the store; null if this node counts alone. Any thread may call it. */
    @Nullable
    StoreNumbers store() {
        return shared == null ? null : shared.numbers();
    }
}
