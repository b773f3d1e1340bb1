package dev.sluice.config;

import dev.sluice.config.Settings.KeyHolder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Builds the records of {@link Settings} from the values by name, which must have no faults. */
final class SettingsTree {
    private final Values values;

    private SettingsTree(Values values) {
        this.values = values;
    }

    static Settings of(Values values, List<KeyHolder> keyHolders) {
        SettingsTree tree = new SettingsTree(values);
        return new Settings(
                values.known().stream().map(tree::upstream).toList(),
                tree.models(),
                new Settings.Retry(
                        values.get(Options.RETRY_ATTEMPTS),
                        values.get(Options.RETRY_BUDGET),
                        values.get(Options.RETRY_LOST)),
                new Settings.Chat(
                        values.value(Options.MODEL),
                        values.get(Options.MAX_TOKENS),
                        values.get(Options.MAX_TOKENS_FIELD),
                        values.value(Options.SYSTEM)),
                new Settings.Stream(
                        Math.toIntExact(values.get(Options.EVENT_MAX_BYTES)),
                        Math.toIntExact(values.get(Options.BUFFER_BYTES)),
                        values.get(Options.HEARTBEAT),
                        values.get(Options.STALL_TIMEOUT),
                        values.get(Options.DRAIN)),
                new Settings.Body(
                        Math.toIntExact(values.get(Options.REQUEST_MAX_BYTES)),
                        Math.toIntExact(values.get(Options.CHAT_MAX_BYTES)),
                        values.get(Options.REQUEST_MAX_TOTAL_BYTES),
                        values.get(Options.REQUEST_TIMEOUT)),
                new Settings.Access(
                        Objects.requireNonNullElse(values.value(Options.ACCESS_KEYS), List.of()),
                        values.get(Options.ACCESS_OPEN),
                        Objects.requireNonNullElse(values.value(Options.CORS_ORIGINS), List.of()),
                        Objects.requireNonNullElse(values.value(Options.PROXIES), List.of())),
                tree.identities(keyHolders),
                tree.plans(),
                new Settings.Metrics(
                        values.get(Options.METRICS_OPEN),
                        Objects.requireNonNullElse(values.value(Options.METRICS_KEY), List.of()),
                        values.get(Options.METRICS_CALLERS)),
                new Settings.Ready(values.get(Options.NEEDS_UPSTREAM)),
                tree.shared(),
                new Settings.Responses(values.get(Options.RESPONSES_STATE).equals("allow")));
    }

    private Settings.@Nullable Shared shared() {
        StoreUrl url = values.value(Options.SHARED_URL);
        return url == null
                ? null
                : new Settings.Shared(
                        url,
                        values.get(Options.SHARED_TIMEOUT),
                        values.get(Options.SHARED_UNREACHABLE),
                        values.get(Options.SHARED_LEASE));
    }

    private Settings.Upstream upstream(String name) {
        return new Settings.Upstream(
                name,
                values.get(Options.of(name, Options.UPSTREAM_URL)),
                values.value(Options.of(name, Options.UPSTREAM_KEY)),
                values.get(Options.of(name, Options.AUTH)).equals("bearer")
                        ? Settings.Auth.BEARER
                        : Settings.Auth.API_KEY,
                values.get(Options.of(name, Options.MAX_STREAMS)),
                values.get(Options.of(name, Options.CONNECT_TIMEOUT)),
                values.get(Options.of(name, Options.FIRST_TOKEN_TIMEOUT)),
                values.get(Options.of(name, Options.IDLE_TIMEOUT)),
                values.get(Options.of(name, Options.TOKEN_TIMEOUT)),
                values.get(Options.of(name, Options.INCLUDE_USAGE)),
                values.get(Options.of(name, Options.FINISH_REASON)).equals("optional"),
                values.value(Options.of(name, Options.DEFAULTS)),
                dialects(values.value(Options.of(name, Options.DIALECTS))),
                values.get(Options.of(name, Options.CHAT_DIALECT)));
    }

    private static @Nullable Set<String> dialects(@Nullable List<String> names) {
        return names == null ? null : Set.copyOf(names);
    }

    private Settings.Identities identities(List<KeyHolder> keyHolders) {
        return new Settings.Identities(
                keyHolders,
                Stream.concat(keyHolders.stream().flatMap(holder -> holder.groups().stream()), values.groups().stream())
                        .collect(Collectors.toUnmodifiableSet()),
                values.value(Options.USER_HEADER),
                values.value(Options.GROUPS_HEADER),
                values.get(Options.ACCESS_CERTIFICATES),
                values.issuers().stream().map(this::issuer).toList());
    }

    private Settings.Issuer issuer(String name) {
        return new Settings.Issuer(
                name,
                values.get(Options.issuer(name)),
                Set.copyOf(values.get(Options.issuerAudience(name))),
                values.value(Options.issuerJwks(name)),
                values.get(Options.issuerNameClaim(name)),
                values.get(Options.issuerGroupsClaim(name)),
                Set.copyOf(values.get(Options.issuerAlgorithms(name))),
                values.get(Options.issuerClockSkew(name)),
                values.get(Options.issuerRefresh(name)));
    }

    private Settings.Plans plans() {
        SortedMap<String, Plan> plans = new TreeMap<>();
        values.plans().forEach(name -> plans.put(name, plan(name)));
        Map<String, String> ofCallers = new HashMap<>();
        for (String caller : values.callers()) {
            String plan = values.value(Options.callerPlan(caller));
            if (plan != null) {
                ofCallers.put(caller, plan);
            }
        }
        SortedMap<String, String> ofGroups = new TreeMap<>();
        values.groups().forEach(group -> ofGroups.put(group, values.get(Options.groupPlan(group))));
        return new Settings.Plans(plans, ofCallers, ofGroups);
    }

    private Plan plan(String name) {
        Integer longest = values.value(Options.planMaxOutputTokens(name));
        int reserve = values.get(Options.planReserve(name));
        return new Plan(
                name,
                Objects.requireNonNullElse(values.value(Options.planModels(name)), List.of()),
                values.value(Options.planStreams(name)),
                Objects.requireNonNullElse(values.value(Options.planRequests(name)), List.of()),
                Objects.requireNonNullElse(values.value(Options.planTokens(name)), List.of()),
                longest,
                longest == null ? reserve : Math.min(reserve, longest),
                values.get(Options.planPer(name)).equals("group") ? Plan.Per.GROUP : Plan.Per.CALLER);
    }

    private Settings.Models models() {
        SortedMap<String, List<Settings.UpstreamModel>> aliases = new TreeMap<>();
        values.aliases().forEach(alias -> aliases.put(alias, values.get(Options.ofModel(alias))));
        return new Settings.Models(aliases, values.value(Options.OTHERS), values.get(Options.CATALOG_MAX_AGE));
    }
}
