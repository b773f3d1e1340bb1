package dev.sluice.it;

import java.util.LinkedHashMap;
import java.util.Map;

/** Reads Prometheus text. */
final class Metrics {
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
