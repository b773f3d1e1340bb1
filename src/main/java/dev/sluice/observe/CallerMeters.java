package dev.sluice.observe;

import dev.sluice.observe.CallerTotals.Name;
import dev.sluice.observe.CallerTotals.Totals;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashSet;
import java.util.Set;

/** The meters of the callers, which are added when a caller is counted for the first time. */
final class CallerMeters {
    private final MeterRegistry registry;
    private final CallerTotals callers;

    /** Those that have meters. Guarded by this. */
    private final Set<Name> shown = new HashSet<>();

    CallerMeters(MeterRegistry registry, CallerTotals callers) {
        this.registry = registry;
        this.callers = callers;
    }

    /** Adds the meters that are missing. Any thread may call it. */
    synchronized void show() {
        callers.byName().forEach((name, totals) -> {
            if (shown.add(name)) {
                show(name, totals);
            }
        });
    }

    private void show(Name name, Totals totals) {
        FunctionCounter.builder("sluice.caller.streams.ended", totals, Totals::streams)
                .description("Streams of this caller that have ended")
                .tag("caller", name.caller())
                .tag("established_by", name.establishedBy())
                .register(registry);
        FunctionCounter.builder("sluice.caller.tokens", totals, Totals::tokens)
                .description("Tokens of this caller's prompts and answers; pieces of answers that nobody has counted")
                .tag("caller", name.caller())
                .tag("established_by", name.establishedBy())
                .register(registry);
    }
}
