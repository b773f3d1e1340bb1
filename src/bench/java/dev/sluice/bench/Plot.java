package dev.sluice.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * A line chart with a logarithmic horizontal axis, as an SVG that is legible on light and dark backgrounds.
 *
 * @param title the title above it
 * @param unit the label of the vertical axis, which begins at 0
 * @param over the label of the horizontal axis
 * @param lines the points of each line, by the line's name
 */
record Plot(String title, String unit, String over, Map<String, Map<Integer, Double>> lines) {
    private static final int WIDTH = 800;
    private static final int HEIGHT = 420;
    private static final int LEFT = 70;
    private static final int RIGHT = 250;
    private static final int TOP = 50;
    private static final int BOTTOM = 60;
    private static final int STEPS = 5;
    /** Colours that can be distinguished with colour blindness too, on white and on black. */
    private static final List<String> COLOURS = List.of("#1f83d6", "#d9730d", "#2f9e63", "#a259d9");

    /** Horizontal positions in pixels from the left. */
    double x(double value) {
        double least = Math.log10(points(Map::keySet).min().orElse(1));
        double most = Math.log10(points(Map::keySet).max().orElse(10));
        return LEFT + (WIDTH - LEFT - RIGHT) * (most == least ? 0.5 : (Math.log10(value) - least) / (most - least));
    }

    /** Vertical positions in pixels from the top. */
    double y(double value) {
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / (step() * STEPS);
    }

    /** The distance of grid lines: the smallest of 1, 2 or 5 times a power of ten that needs no more lines than fit. */
    double step() {
        double most = points(Map::values).max().orElse(1);
        double least = Math.max(most, 1e-9) / STEPS;
        double power = Math.pow(10, Math.floor(Math.log10(least)));
        return DoubleStream.of(1, 2, 5, 10)
                .map(factor -> factor * power)
                .filter(step -> step >= least)
                .findFirst()
                .orElseThrow();
    }

    String svg() {
        List<String> parts = new ArrayList<>();
        parts.add(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\" role=\"img\">"
                        .formatted(WIDTH, HEIGHT));
        parts.add("<title>" + escaped(title) + "</title>");
        parts.add(
                "<style>text{fill:#24292f}.grid{stroke:#8c959f;stroke-opacity:.35}@media(prefers-color-scheme:dark){text{fill:#d6dde4}}</style>");
        parts.add(text(LEFT, TOP - 25, "start", title));
        for (int i = 0; i <= STEPS; i++) {
            double value = i * step();
            parts.add(rule(LEFT, y(value), WIDTH - RIGHT, y(value)));
            parts.add(text(LEFT - 8, y(value) + 4, "end", number(value)));
        }
        points(Map::keySet).distinct().sorted().forEach(value -> {
            parts.add(rule(x(value), TOP, x(value), HEIGHT - BOTTOM));
            parts.add(text(x(value), HEIGHT - BOTTOM + 20, "middle", number(value)));
        });
        parts.add(text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 15, "middle", over));
        parts.add(text(LEFT, TOP - 8, "end", unit));
        int index = 0;
        for (Map.Entry<String, Map<Integer, Double>> line : lines.entrySet()) {
            parts.add(line(line.getValue(), COLOURS.get(index % COLOURS.size())));
            parts.add(legend(line.getKey(), index++));
        }
        parts.add("</svg>");
        return String.join("\n", parts) + "\n";
    }

    private String line(Map<Integer, Double> points, String colour) {
        return "<polyline fill=\"none\" stroke=\"" + colour + "\" stroke-width=\"2.5\" points=\""
                + points.entrySet().stream()
                        .map(point -> coordinate(x(point.getKey())) + "," + coordinate(y(point.getValue())))
                        .collect(Collectors.joining(" "))
                + "\"/>";
    }

    private static String legend(String name, int index) {
        double y = TOP + 12 + 22.0 * index;
        return "<rect x=\"%d\" y=\"%s\" width=\"14\" height=\"4\" fill=\"%s\"/>"
                        .formatted(WIDTH - RIGHT + 14, coordinate(y - 6), COLOURS.get(index % COLOURS.size()))
                + text(WIDTH - RIGHT + 34, y, "start", name);
    }

    private static String rule(double x1, double y1, double x2, double y2) {
        return "<line class=\"grid\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>"
                .formatted(coordinate(x1), coordinate(y1), coordinate(x2), coordinate(y2));
    }

    private static String text(double x, double y, String anchor, String text) {
        return "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>"
                .formatted(coordinate(x), coordinate(y), anchor, escaped(text));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value == Math.rint(value) ? "%,.0f" : "%.2f", value);
    }

    private static String coordinate(double pixels) {
        return String.format(Locale.ROOT, "%.1f", pixels);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private DoubleStream points(Function<Map<Integer, Double>, Collection<? extends Number>> of) {
        return lines.values().stream().map(of).flatMapToDouble(values -> values.stream()
                .mapToDouble(Number::doubleValue));
    }
}
