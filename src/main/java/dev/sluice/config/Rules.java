package dev.sluice.config;

import dev.sluice.config.Settings.UpstreamModel;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The rules that concern several settings. A rule is not checked if one of its settings is ill-formed. */
final class Rules {
    private final Values values;
    private final List<String> broken = new ArrayList<>();

    private Rules(Values values) {
        this.values = values;
    }

    /** One sentence for each broken rule, with the settings, their sources and the expected value. */
    static List<String> broken(Values values) {
        Rules rules = new Rules(values);
        rules.totalIsNoLessThanOne();
        values.upstreams().forEach(rules::upstreamHasUrl);
        rules.upstreamsOfModelsAreKnown();
        rules.chatModelCanBeAskedFor();
        rules.usersOfProxiesHaveProxies();
        rules.metricsAreOpenOrHaveAKey();
        values.issuers().forEach(rules::issuerIsComplete);
        rules.issuersDiffer();
        return rules.broken;
    }

    private void totalIsNoLessThanOne() {
        Long one = values.value(Options.REQUEST_MAX_BYTES);
        Long total = values.value(Options.REQUEST_MAX_TOTAL_BYTES);
        if (one != null && total != null && total < one) {
            broken.add(values.line(Options.REQUEST_MAX_TOTAL_BYTES) + ": expected no less than "
                    + values.line(Options.REQUEST_MAX_BYTES));
        }
    }

    private void usersOfProxiesHaveProxies() {
        if (values.has(Options.USER_HEADER) && !values.has(Options.PROXIES)) {
            broken.add("%s: expected sluice.proxies to be set too, for the header is believed from those only"
                    .formatted(values.line(Options.USER_HEADER)));
        }
        if (values.has(Options.GROUPS_HEADER) && !values.has(Options.USER_HEADER)) {
            broken.add("%s: expected sluice.proxies.user-header to be set too"
                    .formatted(values.line(Options.GROUPS_HEADER)));
        }
        String user = values.value(Options.USER_HEADER);
        if (user != null && user.equalsIgnoreCase(values.value(Options.GROUPS_HEADER))) {
            broken.add("%s: expected another header than that of sluice.proxies.user-header"
                    .formatted(values.line(Options.GROUPS_HEADER)));
        }
    }

    private void metricsAreOpenOrHaveAKey() {
        if (values.has(Options.METRICS_KEY) && Boolean.TRUE.equals(values.value(Options.METRICS_OPEN))) {
            broken.add("%s: expected false while sluice.metrics.key is set, or nobody would need that key"
                    .formatted(values.line(Options.METRICS_OPEN)));
        }
    }

    private void issuerIsComplete(String name) {
        Option<String> issuer = Options.issuer(name);
        for (Option<?> required : List.of(issuer, Options.issuerAudience(name))) {
            if (!values.has(required)) {
                broken.add("%s: %s, because other settings of this issuer are set"
                        .formatted(values.line(required), required.expected()));
            }
        }
        String url = values.value(issuer);
        if (url != null && !values.has(Options.issuerJwks(name)) && !isDiscoverable(url)) {
            broken.add(
                    ("%s: expected https://host[:port][/path] without user, query or fragment (http only for this machine:"
                                    + " localhost or a loopback address), because its keys are found by this URL; or else the URL of its"
                                    + " keys in %s")
                            .formatted(
                                    values.line(issuer),
                                    Options.issuerJwks(name).name()));
        }
    }

    private static boolean isDiscoverable(String issuer) {
        try {
            URI url = new URI(issuer);
            return Type.isSafe(url) && url.getRawQuery() == null && url.getRawFragment() == null;
        } catch (URISyntaxException another) {
            return false;
        }
    }

    private void issuersDiffer() {
        Map<String, Option<String>> known = new HashMap<>();
        for (String name : values.issuers()) {
            Option<String> issuer = Options.issuer(name);
            String claim = values.value(issuer);
            Option<String> other = claim == null ? null : known.putIfAbsent(claim, issuer);
            if (other != null) {
                broken.add("%s: expected another issuer than %s".formatted(values.line(issuer), values.line(other)));
            }
        }
    }

    private void upstreamHasUrl(String upstream) {
        Option<URI> url = Options.of(upstream, Options.UPSTREAM_URL);
        if (!values.has(url)) {
            String others = Options.ofUpstream(upstream).stream()
                    .filter(values::isSet)
                    .map(values::line)
                    .collect(Collectors.joining(", "));
            broken.add("%s: %s, because other settings of this upstream are set: %s"
                    .formatted(values.line(url), url.expected(), others));
        }
    }

    private void upstreamsOfModelsAreKnown() {
        for (String alias : values.aliases()) {
            Option<List<UpstreamModel>> model = Options.ofModel(alias);
            List<UpstreamModel> named = values.value(model);
            if (named != null) {
                areKnown(model, named.stream().map(UpstreamModel::upstream).toList());
            }
        }
        String others = values.value(Options.OTHERS);
        if (others != null) {
            areKnown(Options.OTHERS, Set.of(others));
        }
    }

    private void areKnown(Option<?> model, Collection<String> upstreams) {
        Set<String> known = new TreeSet<>(values.upstreams());
        known.add(Options.DEFAULT);
        if (!known.containsAll(upstreams)) {
            broken.add(
                    "%s: expected <upstream> to be one of %s".formatted(values.line(model), String.join(", ", known)));
        }
    }

    private void chatModelCanBeAskedFor() {
        String model = values.value(Options.MODEL);
        if (model != null && !values.has(Options.OTHERS) && !values.aliases().contains(model)) {
            broken.add("%s: expected one of the aliases that sluice.models.<alias> defines: %s"
                    .formatted(values.line(Options.MODEL), String.join(", ", values.aliases())));
        }
    }
}
