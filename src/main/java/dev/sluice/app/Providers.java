package dev.sluice.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.sluice.config.Secret;
import dev.sluice.config.Settings;
import dev.sluice.config.SettingsException;
import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.dialect.openai.CompletionBody;
import dev.sluice.relay.UpstreamTimeouts;
import dev.sluice.simulator.SimulatedAnswer;
import dev.sluice.simulator.Simulator;
import dev.sluice.upstream.HttpProvider;
import dev.sluice.upstream.LocalAnswer;
import dev.sluice.upstream.LocalProvider;
import dev.sluice.upstream.Provider;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes the providers of the upstreams that any model's name leads to. */
final class Providers {
    private final Common common;
    private final ProviderWords words;

    /** @param words keeps every provider's key out of what clients read */
    Providers(Common common, ProviderWords words) {
        this.common = common;
        this.words = words;
    }

    /**
     * By the upstream's name, in the settings' order; not started yet.
     *
     * @throws SettingsException with every fault of what upstreams add to requests
     */
    Map<String, Provider> of(Settings settings) {
        List<Settings.Upstream> asked = settings.upstreams().stream()
                .filter(upstream -> settings.models().isAsked(upstream.name()))
                .toList();
        Map<String, RequestDefaults> defaults = defaults(asked);
        Map<String, Provider> providers = new LinkedHashMap<>();
        for (Settings.Upstream upstream : asked) {
            Provider.Profile profile = profile(upstream, requireNonNull(defaults.get(upstream.name())));
            providers.put(upstream.name(), upstream.simulator() ? simulator(profile) : http(upstream, profile));
        }
        return Collections.unmodifiableMap(providers);
    }

    private static Provider.Profile profile(Settings.Upstream upstream, RequestDefaults defaults) {
        return new Provider.Profile(
                upstream.name(),
                upstream.maxStreams(),
                new UpstreamTimeouts(
                        upstream.connectTimeout(),
                        upstream.firstTokenTimeout(),
                        upstream.idleTimeout(),
                        upstream.tokenTimeout()),
                upstream.includeUsage(),
                upstream.finishReasonOptional(),
                defaults);
    }

    private Provider http(Settings.Upstream upstream, Provider.Profile profile) {
        Secret key = upstream.key();
        return new HttpProvider(
                profile,
                upstream.url(),
                key == null ? null : key.reveal(),
                words,
                common.scheduler(),
                common.alarms(),
                common.log());
    }

    /** Its pieces are due so often that others would have to wait for the scheduler, so the threads run its streams. */
    private Provider simulator(Provider.Profile profile) {
        Simulator simulator = new Simulator(common.alarms().on(common.threads()));
        ModelList models = ModelList.read(Simulator.modelList().getBytes(UTF_8), profile.name())
                .orElseThrow();
        return new LocalProvider(profile, words, common.alarms(), body -> local(simulator.answer(body)), models);
    }

    private static LocalAnswer local(SimulatedAnswer answer) {
        return answer instanceof SimulatedAnswer.Refused refused
                ? new LocalAnswer.Refused(refused.status(), refused.retryAfter(), refused.json())
                : new LocalAnswer.Begun(((SimulatedAnswer.Begun) answer).upstream());
    }

    /** By the upstream's name. The settings' reader knows no JSON, so here is where faults in it are found, all at once. */
    private static Map<String, RequestDefaults> defaults(Collection<Settings.Upstream> upstreams) {
        Map<String, RequestDefaults> defaults = new HashMap<>();
        List<String> faults = new ArrayList<>();
        for (Settings.Upstream upstream : upstreams) {
            String json = upstream.defaults();
            try {
                defaults.put(
                        upstream.name(),
                        json == null ? RequestDefaults.NONE : RequestDefaults.parse(json, CompletionBody.OURS));
            } catch (IllegalArgumentException illFormed) {
                faults.add("The defaults of the upstream " + upstream.name() + ": " + illFormed.getMessage());
            }
        }
        if (!faults.isEmpty()) {
            throw new SettingsException(faults);
        }
        return defaults;
    }
}
