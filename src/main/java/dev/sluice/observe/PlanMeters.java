package dev.sluice.observe;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The meters of the plans, which are added when a plan, or a limit of one, is used for the first time. */
final class PlanMeters {
    private final MeterRegistry registry;
    private final Supplier<List<PlanNumbers>> plans;

    /** The plans, and the limits of plans, that have meters. Guarded by this. */
    private final Set<List<String>> shown = new HashSet<>();

    PlanMeters(MeterRegistry registry, Supplier<List<PlanNumbers>> plans) {
        this.registry = registry;
        this.plans = plans;
    }

    /** Adds the meters that are missing. Any thread may call it. */
    synchronized void show() {
        plans.get().forEach(this::show);
    }

    private void show(PlanNumbers plan) {
        if (shown.add(List.of(plan.name()))) {
            gauge(
                            "sluice.plan.streams.open",
                            "",
                            "Streams of the plan's callers that were let in and run",
                            plan.streams())
                    .tag("plan", plan.name())
                    .register(registry);
            gauge(
                            "sluice.plan.held",
                            "tokens",
                            "Tokens that running streams hold by their estimates",
                            plan.heldTokens())
                    .tag("plan", plan.name())
                    .register(registry);
            counter("sluice.plan.spent", "tokens", "Tokens that ended streams have used", plan.spentTokens())
                    .tag("plan", plan.name())
                    .register(registry);
        }
        for (Map.Entry<String, LongSupplier> limit : plan.refused().entrySet()) {
            if (shown.add(List.of(plan.name(), "refused", limit.getKey()))) {
                counter("sluice.plan.refused", "", "Requests that did not fit into this limit", limit.getValue())
                        .tag("plan", plan.name())
                        .tag("limit", limit.getKey())
                        .register(registry);
            }
        }
        for (Map.Entry<String, LongSupplier> limit : plan.debts().entrySet()) {
            if (shown.add(List.of(plan.name(), "debt", limit.getKey()))) {
                gauge(
                                "sluice.plan.debt",
                                "tokens",
                                "Tokens used beyond this limit and not yet regained",
                                limit.getValue())
                        .tag("plan", plan.name())
                        .tag("limit", limit.getKey())
                        .register(registry);
            }
        }
    }

    private Gauge.Builder<MeterRegistry> gauge(String name, String unit, String description, LongSupplier value) {
        Gauge.Builder<MeterRegistry> gauge =
                Gauge.builder(name, registry, any -> value.getAsLong()).description(description);
        return unit.isEmpty() ? gauge : gauge.baseUnit(unit);
    }

    private FunctionCounter.Builder<MeterRegistry> counter(
            String name, String unit, String description, LongSupplier value) {
        FunctionCounter.Builder<MeterRegistry> counter = FunctionCounter.builder(
                        name, registry, any -> value.getAsLong())
                .description(description);
        return unit.isEmpty() ? counter : counter.baseUnit(unit);
    }
}
