package dev.sluice.config;

import dev.sluice.config.Settings.Target;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The rules between settings. One whose settings are ill-formed themselves is not looked at. */
final class Rules {
    private final Values values;
    private final List<String> broken = new ArrayList<>();

    private Rules(Values values) {
        this.values = values;
    }

    /** One sentence for each broken rule, with the settings and their sources. */
    static List<String> broken(Values values) {
        Rules rules = new Rules(values);
        rules.totalIsNoLessThanOne();
        values.upstreams().forEach(rules::upstreamHasUrl);
        rules.targetsAreKnown();
        rules.chatModelCanBeAskedFor();
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

    private void upstreamHasUrl(String upstream) {
        Option<URI> url = Options.of(upstream, Options.UPSTREAM_URL);
        if (!values.has(url)) {
            String others = Options.ofUpstream(upstream).stream()
                    .filter(values::isSet)
                    .map(values::line)
                    .collect(Collectors.joining(", "));
            broken.add("%s: expected %s, for %s, beside %s"
                    .formatted(values.line(url), url.type().expected(), url.meaning(), others));
        }
    }

    private void targetsAreKnown() {
        for (String alias : values.aliases()) {
            Option<List<Target>> model = Options.ofModel(alias);
            List<Target> targets = values.value(model);
            if (targets != null) {
                areKnown(model, targets.stream().map(Target::upstream).toList());
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
            broken.add("%s: expected one of the names that sluice.models explains: %s"
                    .formatted(values.line(Options.MODEL), String.join(", ", values.aliases())));
        }
    }
}
