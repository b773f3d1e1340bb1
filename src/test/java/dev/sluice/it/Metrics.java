package dev.sluice.it;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parses metrics in the text format of Prometheus. */
final class Metrics {
    /** The gauges of what running streams hold; all are 0 if there are none. */
    static final List<String> HELD = List.of(
            "sluice_streams_open",
            "sluice_streams_waiting{for=\"client\"}",
            "sluice_streams_waiting{for=\"upstream\"}",
            "sluice_held_bytes",
            "sluice_upstream_exchanges_open",
            "sluice_timers_pending",
            "sluice_request_bodies_bytes");

    private Metrics() {}

    static Map<String, Double> read(String text) {
        Map<String, Double> all = new LinkedHashMap<>();
        for (String line : text.lines().toList()) {
            if (!line.isBlank() && !line.startsWith("#")) {
                int space = line.lastIndexOf(' ');
                all.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
            }
        }
        return all;
    }
}
