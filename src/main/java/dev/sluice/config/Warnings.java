package dev.sluice.config;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** Finds settings that are valid, but probably a mistake. */
final class Warnings {
    private final Values values;
    private final List<String> warnings = new ArrayList<>();

    private Warnings(Values values) {
        this.values = values;
    }

    /** One sentence for each such setting, with its name. */
    static List<String> about(Settings settings, Values values) {
        Warnings warnings = new Warnings(values);
        settings.upstreams().forEach(warnings::key);
        settings.upstreams().forEach(warnings::unasked);
        warnings.noDefault();
        warnings.access(settings.access(), settings.identities());
        settings.identities().keyHolders().forEach(warnings::expired);
        settings.plans().byName().values().forEach(plan -> warnings.plan(plan, settings.models()));
        warnings.unused(settings.plans());
        return warnings.warnings;
    }

    private void key(Settings.Upstream upstream) {
        if (upstream.key() == null) {
            return;
        }
        String key = Options.of(upstream.name(), Options.UPSTREAM_KEY).name();
        String url = Options.of(upstream.name(), Options.UPSTREAM_URL).name();
        if (upstream.simulator()) {
            warnings.add(key + " has no effect, because the simulator needs no key: set " + url);
        } else if (upstream.url().getScheme().equals("http")
                && !Type.LOOPBACK.matcher(upstream.url().getHost()).matches()) {
            warnings.add(key + " is sent unencrypted to " + upstream.url() + ": use https in " + url);
        }
    }

    private void unasked(Settings.Upstream upstream) {
        if (!values.asked().contains(upstream.name()) && !isThereForItsKeyOnly(upstream)) {
            warnings.add("The upstream " + upstream.name() + " is never asked: no sluice.models.<alias> names it");
        }
    }

    /** Whether the default upstream exists only because XAI_API_KEY is set, and another upstream uses that key. */
    private boolean isThereForItsKeyOnly(Settings.Upstream upstream) {
        return upstream.name().equals(Options.DEFAULT)
                && !values.isSet(Options.UPSTREAM_URL)
                && values.isShared(Options.XAI_KEY, Options.UPSTREAM_KEY)
                && values.asked().stream()
                        .anyMatch(other -> values.isShared(Options.XAI_KEY, Options.of(other, Options.UPSTREAM_KEY)));
    }

    /** Settings of the upstream "default" are easily mistaken for defaults of all upstreams. */
    private void noDefault() {
        if (!values.known().contains(Options.DEFAULT)) {
            Options.ofUpstream(Options.DEFAULT).stream()
                    .filter(values::isSet)
                    .forEach(option -> warnings.add(
                            option.name() + " has no effect: it belongs to the upstream \"default\", which no model"
                                    + " uses. Set it in sluice.upstreams.<name>."));
        }
    }

    private void access(Settings.Access access, Settings.Identities identities) {
        String asked = !access.keys().isEmpty()
                ? "sluice.access.keys"
                : !identities.keyHolders().isEmpty()
                        ? "sluice.callers.<name>.key"
                        : identities.issuers().isEmpty() ? null : "sluice.issuers.<name>";
        if (access.open() && asked != null) {
            warnings.add("sluice.access.open has no effect, because " + asked + " is set: every client must send a key"
                    + (identities.issuers().isEmpty() ? "" : " or a token") + ". Remove one of the two settings");
        }
        if (access.keys().stream().anyMatch(key -> KeyHash.isMeantBy(key.reveal()))) {
            warnings.add(values.line(Options.ACCESS_KEYS) + " has an entry that is written as a hash, but it is the key"
                    + " itself here: whoever sends that text is let in. Only sluice.callers.<name>.key takes hashes");
        }
        if (access.proxies().stream().anyMatch(network -> network.prefix() == 0)) {
            warnings.add("sluice.proxies trusts every peer, so that any client can forge its address"
                    + (identities.userHeader() == null ? "" : " and its name")
                    + ": list only the addresses of proxies");
        }
    }

    private void plan(Plan plan, Settings.Models models) {
        Option<Integer> reserve = Options.planReserve(plan.name());
        if (values.isSet(reserve) && plan.tokens().isEmpty()) {
            warnings.add(values.line(reserve) + " has no effect, because the plan has no "
                    + Options.planTokens(plan.name()).name());
        }
        if (plan.per() == Plan.Per.GROUP
                && plan.streams() == null
                && plan.requests().isEmpty()
                && plan.tokens().isEmpty()) {
            warnings.add(values.line(Options.planPer(plan.name()))
                    + " has no effect, because the plan has no .streams, .requests or .tokens that could be shared");
        }
        if (models.others() == null) {
            plan.models().stream()
                    .filter(name -> models.aliases().keySet().stream().noneMatch(alias -> Glob.matches(name, alias)))
                    .forEach(name -> warnings.add(values.line(Options.planModels(plan.name())) + " names " + name
                            + ", and no sluice.models.<alias> is called so"));
        }
    }

    private void unused(Settings.Plans plans) {
        for (String plan : plans.byName().keySet()) {
            if (!plan.equals(Settings.Plans.DEFAULT)
                    && !plans.ofCallers().containsValue(plan)
                    && !plans.ofGroups().containsValue(plan)) {
                warnings.add("Nobody has the plan " + plan + ": no sluice.callers.<name>.plan or"
                        + " sluice.groups.<group>.plan names it");
            }
        }
    }

    private void expired(Settings.KeyHolder holder) {
        LocalDate lastDay = holder.lastDay();
        if (lastDay != null && lastDay.isBefore(LocalDate.now(ZoneOffset.UTC))) {
            warnings.add(values.line(Options.callerExpires(holder.name())) + " is past: this caller is refused");
        }
    }
}
