package dev.sluice.app;

import dev.sluice.relay.Alarms;
import dev.sluice.servlet.BodyBudget;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;

/**
 * What all generations use and none of them closes: it lives as long as the application.
 *
 * @param dialects those that are spoken here
 * @param threads run streams
 * @param log writes lines of the log, for those who must not wait
 * @param examinations the room for streams of {@code /doctor}
 */
record Common(
        Dialects dialects,
        ScheduledExecutorService scheduler,
        Alarms alarms,
        Executor threads,
        Executor log,
        BodyBudget bodies,
        Semaphore examinations) {}
