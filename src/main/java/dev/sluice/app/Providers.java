package dev.sluice.app;

import static java.util.Objects.requireNonNull;

import dev.sluice.config.Secret;
import dev.sluice.config.Settings;
import dev.sluice.config.SettingsException;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.observe.UpstreamNumbers;
import dev.sluice.upstream.Provider;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The providers of all generations. Generations that say the same of an upstream share its provider: its connections stay
 * open, its open calls are counted together, and what is known of it stays known. One that no generation uses any longer is
 * stopped. Any thread may call.
 */
final class Providers {
    private static final Logger LOG = LoggerFactory.getLogger(Providers.class);

    private final ProviderFactory factory;
    private final Set<String> ownFields;

    /** Those that a generation uses. Guarded by this, as are its members; held for a look only. */
    private final List<Used> used = new ArrayList<>();

    /** By the upstream's name, of those that there is a provider of. Guarded by this. */
    private final Map<String, UpstreamTotals> totals = new LinkedHashMap<>();

    /** @param ownFields fields of requests for which an operator can have no default */
    Providers(ProviderFactory factory, Set<String> ownFields) {
        this.ownFields = ownFields;
        this.factory = factory;
    }

    /**
     * The providers of the upstreams that any model's name leads to, by the upstream's name, in the settings' order. To be
     * {@linkplain #start started}, and to be {@linkplain #release released} once.
     *
     * @param keys those of all upstreams, to be kept out of what clients read
     * @throws SettingsException with every fault of what upstreams add to requests; then none is to be released
     */
    Map<String, Provider> acquire(Settings settings, Set<Secret> keys) {
        List<Settings.Upstream> asked = settings.upstreams().stream()
                .filter(upstream -> settings.models().isAsked(upstream.name()))
                .toList();
        Map<String, RequestDefaults> defaults = defaults(asked);
        ProviderWords words =
                new ProviderWords(keys.stream().map(Secret::reveal).toList());
        Map<String, Provider> providers = new LinkedHashMap<>();
        try {
            for (Settings.Upstream upstream : asked) {
                Made made = new Made(upstream, keys);
                providers.put(upstream.name(), acquire(made, requireNonNull(defaults.get(upstream.name())), words));
            }
        } catch (RuntimeException | Error fault) {
            release(providers.values());
            throw fault;
        }
        return Collections.unmodifiableMap(providers);
    }

    /**
     * Starts those that are not started yet. May block; calls must come one at a time.
     *
     * @throws Exception if one cannot be started; they are to be released all the same
     */
    void start(Collection<Provider> providers) throws Exception {
        for (Provider provider : providers) {
            if (isToBeStarted(provider)) {
                provider.start();
            }
        }
    }

    /** Stops those that nobody else uses. May block. */
    void release(Collection<Provider> providers) {
        for (Provider provider : providers) {
            if (isLastUse(provider)) {
                try {
                    provider.stop();
                } catch (Exception e) {
                    LOG.warn("The upstream {} did not stop cleanly", provider.name(), e);
                }
                forget(provider);
            }
        }
    }

    /** For metrics: each upstream once, whatever number of generations have it. */
    synchronized List<UpstreamNumbers> numbers() {
        return totals.values().stream().map(UpstreamTotals::numbers).toList();
    }

    private synchronized Provider acquire(Made made, RequestDefaults defaults, ProviderWords words) {
        for (Used each : used) {
            if (each.made.equals(made)) {
                each.users++;
                return each.provider;
            }
        }
        Used fresh = new Used(made, factory.create(made.upstream, defaults, words));
        used.add(fresh);
        totals.computeIfAbsent(made.upstream.name(), UpstreamTotals::new).add(fresh.provider);
        return fresh.provider;
    }

    private synchronized boolean isToBeStarted(Provider provider) {
        Used known = known(provider);
        boolean toBeStarted = !known.started;
        known.started = true;
        return toBeStarted;
    }

    private synchronized boolean isLastUse(Provider provider) {
        Used known = known(provider);
        known.users--;
        return known.users == 0 && used.remove(known);
    }

    private synchronized void forget(Provider stopped) {
        UpstreamTotals all = requireNonNull(totals.get(stopped.name()));
        all.remove(stopped);
        if (all.isEmpty()) {
            totals.remove(stopped.name());
        }
    }

    private Used known(Provider provider) {
        return used.stream().filter(each -> each.provider == provider).findAny().orElseThrow();
    }

    /** By the upstream's name. The settings' reader knows no JSON, so here is where faults in it are found, all at once. */
    private Map<String, RequestDefaults> defaults(Collection<Settings.Upstream> upstreams) {
        Map<String, RequestDefaults> defaults = new HashMap<>();
        List<String> faults = new ArrayList<>();
        for (Settings.Upstream upstream : upstreams) {
            String json = upstream.defaults();
            try {
                defaults.put(
                        upstream.name(), json == null ? RequestDefaults.NONE : RequestDefaults.parse(json, ownFields));
            } catch (IllegalArgumentException illFormed) {
                faults.add("The defaults of the upstream " + upstream.name() + ": " + illFormed.getMessage());
            }
        }
        if (!faults.isEmpty()) {
            throw new SettingsException(faults);
        }
        return defaults;
    }

    /** What a provider was made from: another upstream's key is among what it keeps from clients, too. */
    private record Made(Settings.Upstream upstream, Set<Secret> keys) {}

    private static final class Used {
        private final Made made;
        private final Provider provider;
        private int users = 1;
        private boolean started;

        Used(Made made, Provider provider) {
            this.made = made;
            this.provider = provider;
        }
    }
}
