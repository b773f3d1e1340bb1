package dev.sluice.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/** CPU time for each of many like things, as figures. */
final class Cost {
    private Cost() {}

    /**
     * Nothing for a peer without a process.
     *
     * @param unit what one of them is called
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
