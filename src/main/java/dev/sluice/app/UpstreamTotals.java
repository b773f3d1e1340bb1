package dev.sluice.app;

import dev.sluice.observe.UpstreamNumbers;
import dev.sluice.upstream.Fault;
import dev.sluice.upstream.Provider;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The numbers of one upstream over all its providers: the current ones, of which generations with different settings have one
 * each, and those that were stopped. Any thread may call all methods.
 */
final class UpstreamTotals {
    // Guarded by this.
    private final List<Provider> providers = new ArrayList<>(); // the newest last
    private final Map<Fault, Long> faultsOfStopped = new EnumMap<>(Fault.class);
    private long retriesOfStopped;

    private final UpstreamNumbers numbers;

    UpstreamTotals(String name) {
        Map<String, LongSupplier> faults = new LinkedHashMap<>();
        for (Fault fault : Fault.values()) {
            faults.put(fault.label(), () -> faults(fault));
        }
        this.numbers = new UpstreamNumbers(name, this::openCalls, this::isReachable, faults, this::retries);
    }

    UpstreamNumbers numbers() {
        return numbers;
    }

    synchronized void add(Provider provider) {
        providers.add(provider);
    }

    /** Removes a stopped provider; its counts are kept. */
    synchronized void remove(Provider provider) {
        if (providers.remove(provider)) {
            for (Fault fault : Fault.values()) {
                faultsOfStopped.merge(fault, provider.standing().count(fault), Long::sum);
            }
            retriesOfStopped += provider.retries();
        }
    }

    synchronized boolean isEmpty() {
        return providers.isEmpty();
    }

    private synchronized long openCalls() {
        return providers.stream().mapToLong(Provider::openCalls).sum();
    }

    /** Whether the last call of the newest provider reached the upstream; true before its first call. */
    private synchronized boolean isReachable() {
        return providers.isEmpty()
                || !Boolean.FALSE.equals(
                        providers.get(providers.size() - 1).standing().isReachable());
    }

    private synchronized long faults(Fault fault) {
        return faultsOfStopped.getOrDefault(fault, 0L)
                + providers.stream()
                        .mapToLong(provider -> provider.standing().count(fault))
                        .sum();
    }

    private synchronized long retries() {
        return retriesOfStopped
                + providers.stream().mapToLong(Provider::retries).sum();
    }
}
