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
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The providers of all generations. Generations with the same settings of an upstream share its provider, so that its
 * connections stay open, its open calls are counted together, and its state is kept. A provider that no generation uses any
 * longer is stopped. Any thread may call all methods.
 */
final class Providers {
    private static final Logger LOG = LoggerFactory.getLogger(Providers.class);

    private final ProviderFactory factory;
    private final Dialects dialects;

    /** The providers that a generation uses. Guarded by this, and so are its elements. */
    private final List<Used> used = new ArrayList<>();

    /** The numbers of each upstream that has had a provider, by its name. Guarded by this. */
    private final Map<String, UpstreamTotals> totals = new LinkedHashMap<>();

    /** @param dialects those that are spoken here */
    Providers(ProviderFactory factory, Dialects dialects) {
        this.dialects = dialects;
        this.factory = factory;
    }

    /**
     * The providers of the upstreams that any model uses, by the upstream's name, in the order of the settings. The caller has to
     * {@linkplain #start start} them, and to {@linkplain #release release} them once.
     *
     * @param keys the keys of all upstreams, which are removed from messages
     * @throws SettingsException with every fault of sluice.upstream.defaults and sluice.upstream.dialects; then there is
     *     nothing to release
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
     * Starts those that are not started. May block; only one thread at a time may call it.
     *
     * @throws Exception if one cannot be started; the caller has to release them all the same
     */
    void start(Collection<Provider> providers) throws Exception {
        for (Provider provider : providers) {
            if (isToBeStarted(provider)) {
                provider.start();
            }
        }
    }

    /** Stops those that no other generation uses. May block. */
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

    /** The numbers for the metrics: each upstream once, even if several generations have it. */
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

    /** The defaults for requests, by the upstream's name. Their JSON is parsed here, because the settings' reader does not. */
    private Map<String, RequestDefaults> defaults(Collection<Settings.Upstream> upstreams) {
        Map<String, RequestDefaults> defaults = new HashMap<>();
        List<String> faults = new ArrayList<>();
        for (Settings.Upstream upstream : upstreams) {
            String json = upstream.defaults();
            try {
                defaults.put(
                        upstream.name(),
                        json == null ? RequestDefaults.NONE : RequestDefaults.parse(json, dialects.ownFields()));
            } catch (IllegalArgumentException illFormed) {
                faults.add("The defaults of the upstream " + upstream.name() + ": " + illFormed.getMessage());
            }
        }
        for (Settings.Upstream upstream : upstreams) {
            Set<String> spoken = Objects.requireNonNullElse(upstream.dialects(), dialects.names());
            spoken.stream()
                    .filter(name -> !dialects.names().contains(name))
                    .forEach(name -> faults.add("The dialects of the upstream " + upstream.name() + ": " + name
                            + " is not known here; the known ones are "
                            + String.join(", ", new TreeSet<>(dialects.names())) + "."));
        }
        Set<String> prompts = dialects.ofPrompts().keySet();
        for (Settings.Upstream upstream : upstreams) {
            String chat = upstream.chatDialect();
            Set<String> spoken = upstream.dialects();
            boolean lacks = spoken != null && !spoken.contains(chat) && !Collections.disjoint(spoken, prompts);
            if (!prompts.contains(chat) || lacks) {
                faults.add("The chat-dialect of the upstream " + upstream.name() + ": expected one of "
                        + String.join(", ", prompts) + " that is among its dialects, and not " + chat + ".");
            }
        }
        if (!faults.isEmpty()) {
            throw new SettingsException(faults);
        }
        return defaults;
    }

    /** The settings of which a provider was created. They include all keys, because it removes those from messages. */
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
