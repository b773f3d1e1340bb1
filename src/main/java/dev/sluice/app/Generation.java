package dev.sluice.app;

import static java.util.Objects.requireNonNull;

import dev.sluice.admission.Admission;
import dev.sluice.admission.PlanAdmission;
import dev.sluice.admission.Plans;
import dev.sluice.caller.AccessFilter;
import dev.sluice.caller.AccessKeys;
import dev.sluice.caller.Callers;
import dev.sluice.caller.UserHeaders;
import dev.sluice.chat.InvalidRequestException;
import dev.sluice.config.Secret;
import dev.sluice.config.Settings;
import dev.sluice.config.SettingsException;
import dev.sluice.dialect.ChatDialect;
import dev.sluice.dialect.Dialect;
import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.PromptCall;
import dev.sluice.dialect.PromptRequest;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.jwt.IssuerKeys;
import dev.sluice.jwt.Tokens;
import dev.sluice.relay.Caller;
import dev.sluice.relay.Clock;
import dev.sluice.relay.Limits;
import dev.sluice.servlet.BodyBudget;
import dev.sluice.servlet.BodyLimit;
import dev.sluice.servlet.ChatEndpoint;
import dev.sluice.servlet.DialectEndpoint;
import dev.sluice.servlet.DoctorEndpoint;
import dev.sluice.servlet.Endpoint;
import dev.sluice.servlet.Handling;
import dev.sluice.servlet.ModelDirectory;
import dev.sluice.servlet.PromptRouter;
import dev.sluice.servlet.Readiness;
import dev.sluice.upstream.Fault;
import dev.sluice.upstream.HttpProvider;
import dev.sluice.upstream.ModelCatalog;
import dev.sluice.upstream.Probe;
import dev.sluice.upstream.Provider;
import dev.sluice.upstream.RetryPolicy;
import dev.sluice.upstream.Routes;
import dev.sluice.upstream.Standing;
import dev.sluice.upstream.Target;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The objects that are created from one reading of the settings: access rules, routes, providers and limits. It is immutable;
 * other settings make another generation. Any thread may call all methods.
 */
final class Generation {
    private final Providers pool;
    private final Map<String, Provider> providers;
    private final Issuers issuers;
    private final Map<Settings.Issuer, IssuerKeys> issuersKeys;
    private final List<Probe> probes; // empty unless sluice.ready.needs-upstream is set
    private final AccessFilter access;
    private final boolean countsCallers;
    private final Plans plans;
    private final Admission admission;
    private final Offer models;
    private final Handling chat;
    private final Map<String, Handling> dialects = new HashMap<>();
    private final Handling doctor;

    /** Guarded by this. */
    private boolean closed;

    /**
     * A generation that is not started.
     *
     * @param pool the providers of all generations
     * @param issuers the keys of the issuers of all generations
     * @param assumedReady whether an upstream counts as reachable before its first probe has ended
     * @throws SettingsException with every fault that the settings' reader does not check
     */
    Generation(Settings settings, Common common, Providers pool, Issuers issuers, boolean assumedReady) {
        Set<Secret> keys = settings.upstreams().stream()
                .flatMap(upstream -> Stream.ofNullable(upstream.key()))
                .collect(Collectors.toUnmodifiableSet());
        ProviderWords words =
                new ProviderWords(keys.stream().map(Secret::reveal).toList());
        this.pool = pool;
        this.providers = pool.acquire(settings, keys); // last, because a failure after it would have to release them
        this.issuers = issuers;
        this.issuersKeys = issuers.acquire(settings.identities().issuers());
        this.access = access(settings, issuersKeys);
        this.probes = settings.ready().needsUpstream() ? probes(providers.values(), assumedReady) : List.of();
        this.countsCallers = settings.metrics().callers();
        this.plans = new Plans(settings.plans());
        this.admission =
                settings.plans().byName().isEmpty() ? Admission.OF_ALL : new PlanAdmission(plans, common.ledger());
        this.models = models(settings.models(), providers);
        Dialects spoken = common.dialects().with(settings);
        Routes routes = routes(settings, providers, spoken, common.alarms());
        Limits limits = limits(settings);
        BodyLimit bodies = bodies(settings.body(), common.bodies());
        int eventMaxBytes = settings.stream().eventMaxBytes();
        Endpoint prompts = new ChatEndpoint(settings.chat(), router(routes), words, eventMaxBytes);
        for (Dialect dialect : spoken.all()) {
            Endpoint passed =
                    new DialectEndpoint(dialect, settings.chat().maxTokensField(), routes::call, words, eventMaxBytes);
            dialects.put(dialect.path(), new Handling(passed, admission, bodies, limits));
        }
        Endpoint paced = new DoctorEndpoint(
                common.alarms().on(common.threads()), settings.stream().heartbeat(), common.examinations());
        this.chat = new Handling(prompts, admission, chatBodies(settings.body(), bodies), limits);
        this.doctor = new Handling(paced, Admission.OF_ALL, bodies, limits);
    }

    /**
     * Starts its providers and probes, and begins to fetch its issuers' keys. Called once, before any other method; may block.
     *
     * @throws Exception if it cannot be started; the caller then has to close it
     */
    void start() throws Exception {
        pool.start(providers.values());
        issuers.start(issuersKeys.values());
        probes.forEach(Probe::start);
    }

    /**
     * Stops its probes and releases its providers and issuers' keys; those that no other generation uses are stopped. Blocks until then. May be
     * called repeatedly.
     */
    synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        probes.forEach(Probe::stop);
        issuers.release(issuersKeys.values());
        pool.release(providers.values());
    }

    /** The access rules. */
    AccessFilter access() {
        return access;
    }

    /** The models that this caller may use. */
    ModelDirectory models(Caller caller) {
        return models.of(model -> admission.allows(caller, model));
    }

    /** Whether the metrics count streams by their callers. */
    boolean countsCallers() {
        return countsCallers;
    }

    /** The plans of callers. */
    Plans plans() {
        return plans;
    }

    Handling chat() {
        return chat;
    }

    /** Requests of the dialect with this path. */
    Handling dialect(String path) {
        return requireNonNull(dialects.get(path), path);
    }

    Handling doctor() {
        return doctor;
    }

    /** Whether an upstream is reachable, or none is needed. */
    boolean isReady() {
        return probes.isEmpty() || probes.stream().anyMatch(Probe::isUp);
    }

    /** Whether this node accepts streams, and the state of its upstreams. */
    Readiness readiness(boolean draining) {
        return new Readiness(
                draining ? "draining" : isReady() ? null : "no upstream",
                providers.values().stream().map(Generation::shown).toList());
    }

    private static AccessFilter access(Settings settings, Map<Settings.Issuer, IssuerKeys> issuers) {
        Settings.Access access = settings.access();
        Settings.Identities identities = settings.identities();
        AccessKeys keys = new AccessKeys(access.keys(), identities.keyHolders());
        return new AccessFilter(
                new Callers(
                        keys,
                        new Tokens(issuers, InstantSource.system()),
                        access.open(),
                        identities.groups(),
                        userHeaders(identities),
                        identities.certificates(),
                        InstantSource.system()),
                Set.copyOf(access.corsOrigins()),
                settings.metrics(),
                access.proxies());
    }

    private static @Nullable UserHeaders userHeaders(Settings.Identities identities) {
        String user = identities.userHeader();
        return user == null ? null : new UserHeaders(user, identities.groupsHeader());
    }

    private static Routes routes(Settings settings, Map<String, Provider> providers, Dialects dialects, Clock clock) {
        SortedMap<String, List<Target>> aliases = new TreeMap<>();
        settings.models()
                .aliases()
                .forEach((alias, targets) -> aliases.put(
                        alias,
                        targets.stream()
                                .map(target -> new Target(named(providers, target.upstream()), target.model()))
                                .toList()));
        Settings.Retry retry = settings.retry();
        return new Routes(
                aliases,
                others(settings.models(), providers),
                dialects.all(),
                chatDialects(settings, dialects),
                new RetryPolicy(retry.attempts(), retry.budget(), retry.lost()),
                clock);
    }

    /** By the name of each upstream that can be asked prompts. {@link Providers} has checked the settings. */
    private static Map<String, ChatDialect> chatDialects(Settings settings, Dialects dialects) {
        Map<String, ChatDialect> known = dialects.ofPrompts();
        Map<String, ChatDialect> each = new HashMap<>();
        settings.upstreams().stream()
                .filter(upstream -> known.containsKey(upstream.chatDialect()))
                .filter(upstream ->
                        upstream.dialects() == null || upstream.dialects().contains(upstream.chatDialect()))
                .forEach(upstream -> each.put(upstream.name(), requireNonNull(known.get(upstream.chatDialect()))));
        return each;
    }

    private static PromptRouter router(Routes routes) {
        return new PromptRouter() {
            @Override
            public List<ChatDialect> dialects(String model, Predicate<String> usable) throws InvalidRequestException {
                return routes.chatDialects(model, usable);
            }

            @Override
            public PromptCall route(String model, List<PromptRequest> requests, Runnable letGo)
                    throws InvalidRequestException {
                return routes.prompt(model, requests, letGo);
            }
        };
    }

    private static Offer models(Settings.Models models, Map<String, Provider> providers) {
        Instant now = Instant.now();
        Provider others = others(models, providers);
        return new Offer(
                models.aliases().keySet().stream()
                        .map(alias -> ModelList.Model.alias(alias, now))
                        .toList(),
                others == null ? null : new ModelCatalog(others, others.name(), models.maxAge()));
    }

    private static @Nullable Provider others(Settings.Models models, Map<String, Provider> providers) {
        String others = models.others();
        return others == null ? null : named(providers, others);
    }

    private static Provider named(Map<String, Provider> providers, String name) {
        return requireNonNull(providers.get(name), name);
    }

    /** One for each provider; none if a provider is within this process, because it is always reachable. */
    private static List<Probe> probes(Collection<Provider> providers, boolean assumedUp) {
        List<Probe> probes = new ArrayList<>();
        for (Provider provider : providers) {
            if (!(provider instanceof HttpProvider remote)) {
                return List.of();
            }
            probes.add(new Probe(remote, assumedUp));
        }
        return probes;
    }

    private static Readiness.Upstream shown(Provider provider) {
        Standing standing = provider.standing();
        Fault fault = standing.fault();
        return new Readiness.Upstream(
                provider.name(), standing.isReachable(), fault == null ? null : fault.label(), standing.missedFor());
    }

    private static Limits limits(Settings settings) {
        return new Limits(
                settings.body().timeout(),
                settings.stream().clientStallTimeout(),
                settings.stream().heartbeat(),
                settings.stream().bufferBytes());
    }

    private static BodyLimit bodies(Settings.Body body, BodyBudget budget) {
        return new BodyLimit(budget, body.maxBytes(), "sluice.request.max-bytes");
    }

    private static BodyLimit chatBodies(Settings.Body body, BodyLimit every) {
        int most = body.chatMaxBytes();
        return most < every.maxBytes() ? new BodyLimit(every.budget(), most, "sluice.chat.max-bytes") : every;
    }
}
