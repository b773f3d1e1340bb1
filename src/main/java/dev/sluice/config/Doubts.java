package dev.sluice.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What is allowed, but hardly meant. */
final class Doubts {
    private static final Pattern LOOPBACK = Pattern.compile("(.+\\.)?localhost|127(\\.\\d{1,3}){3}|\\[::1]");

    private final Values values;
    private final List<String> doubts = new ArrayList<>();

    private Doubts(Values values) {
        this.values = values;
    }

    /** One sentence for each doubt. */
    static List<String> about(Settings settings, Values values) {
        Doubts doubts = new Doubts(values);
        settings.upstreams().forEach(doubts::key);
        settings.upstreams().forEach(doubts::unasked);
        doubts.noDefault();
        doubts.access(settings.access());
        return doubts.doubts;
    }

    private void key(Settings.Upstream upstream) {
        if (upstream.key() == null) {
            return;
        }
        String key = Options.of(upstream.name(), Options.UPSTREAM_KEY).name();
        String url = Options.of(upstream.name(), Options.UPSTREAM_URL).name();
        if (upstream.simulator()) {
            doubts.add(key + " has no use: the simulator answers. Set " + url);
        } else if (upstream.url().getScheme().equals("http")
                && !LOOPBACK.matcher(upstream.url().getHost()).matches()) {
            doubts.add(key + " travels unencrypted to " + upstream.url() + ", for all on the way to read");
        }
    }

    private void unasked(Settings.Upstream upstream) {
        if (!values.asked().contains(upstream.name()) && !isThereForItsKeyOnly(upstream)) {
            doubts.add("The upstream " + upstream.name() + " is never asked: no sluice.models.<alias> leads to it");
        }
    }

    /** Whether XAI_API_KEY alone has made the default upstream, and is of use elsewhere. */
    private boolean isThereForItsKeyOnly(Settings.Upstream upstream) {
        return upstream.name().equals(Options.DEFAULT)
                && !values.isSet(Options.UPSTREAM_URL)
                && values.isLent(Options.XAI_KEY, Options.UPSTREAM_KEY)
                && values.asked().stream()
                        .anyMatch(other -> values.isLent(Options.XAI_KEY, Options.of(other, Options.UPSTREAM_KEY)));
    }

    /** Settings of the default upstream are easily taken for the defaults of all. */
    private void noDefault() {
        if (!values.known().contains(Options.DEFAULT)) {
            Options.ofUpstream(Options.DEFAULT).stream()
                    .filter(values::isSet)
                    .forEach(option -> doubts.add(
                            option.name() + " has no use: it is for the upstream default, and others have their own"));
        }
    }

    private void access(Settings.Access access) {
        if (access.open() && !access.keys().isEmpty()) {
            doubts.add("sluice.access.open has no use: sluice.access.keys are asked for");
        }
        if (access.proxies().stream().anyMatch(network -> network.prefix() == 0)) {
            doubts.add("sluice.proxies trusts every peer: anyone can say where a request comes from");
        }
    }
}
