package dev.sluice.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/** CPU time divided by a number of tokens or streams, as figures. */
final class Cost {
    private Cost() {}

    /**
     * CPU time for each of {@code count} units; empty for a peer without a process.
     *
     * @param unit the name of one of them
     */
    static Map<Figure, Double> micros(CpuTime time, long count, String unit) {
        return figures(time, (double) count, "CPU µs/" + unit);
    }

    static Map<Figure, Double> millis(CpuTime time, long count, String unit) {
        return figures(time, count * 1e3, "CPU ms/" + unit);
    }

    private static Map<Figure, Double> figures(CpuTime time, double divisor, String name) {
        Map<Figure, Double> figures = new LinkedHashMap<>();
        if (time.total() > 0) {
            figures.put(Figure.compared(name), time.total() / divisor);
            figures.put(Figure.of("user"), time.user() / divisor);
            figures.put(Figure.of("system"), time.system() / divisor);
        }
        return figures;
    }
}
