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
 * The numbers of one upstream, by its name: of all providers that it has now, one for each generation that says something
 * else of it, and of those that were stopped. All methods may be called by any thread.
 */
final class UpstreamTotals {
    // Guarded by this, as are their members; held for a look only.
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

    /** It has stopped; what it has counted stays counted. */
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

    /** As far as the newest knows, or before its first call. */
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
