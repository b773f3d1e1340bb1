package dev.sluice.app;

import dev.sluice.admission.Ledger;
import dev.sluice.relay.Alarms;
import dev.sluice.servlet.BodyBudget;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;

/**
 * The objects that all generations share, and that no generation closes. They exist as long as the application.
 *
 * @param dialects those that are spoken here
 * @param threads run streams
 * @param log writes lines of the log, because a log may block
 * @param ledger counts what callers use; the amounts that they may use are of a generation
 * @param examinations the permits for streams of {@code /doctor}
 */
record Common(
        Dialects dialects,
        ScheduledExecutorService scheduler,
        Alarms alarms,
        Executor threads,
        Executor log,
        BodyBudget bodies,
        Ledger ledger,
        Semaphore examinations) {}
