package dev.sluice.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The figures of one scenario, for all subjects and rounds, as a Markdown table. Confined to one thread. */
final class Results {
    private static final String REFERENCE = "nginx";
    private static final String DIRECT = "none";

    private final Map<Subject, Map<Figure, List<Double>>> measured = new LinkedHashMap<>();
    private final Map<Subject, String> faults = new LinkedHashMap<>();

    void add(Subject subject, Map<Figure, Double> figures) {
        Map<Figure, List<Double>> row = measured.computeIfAbsent(subject, unused -> new LinkedHashMap<>());
        figures.forEach((figure, value) ->
                row.computeIfAbsent(figure, unused -> new ArrayList<>()).add(value));
    }

    /** Records a fault of a subject; the table shows the first one. */
    void fault(Subject subject, String fault) {
        measured.computeIfAbsent(subject, unused -> new LinkedHashMap<>());
        faults.putIfAbsent(subject, fault);
    }

    /** The points of the plot by row: the medians of the figures that have a place on its axis. */
    Map<String, Map<Integer, Double>> points() {
        Map<String, Map<Integer, Double>> lines = new LinkedHashMap<>();
        measured.forEach((subject, row) -> row.forEach((figure, values) -> {
            if (figure.at() > 0) {
                lines.computeIfAbsent(subject.title(), unused -> new TreeMap<>())
                        .put(figure.at(), Spread.of(values).median());
            }
        }));
        return lines;
    }

    boolean hasFaults() {
        return !faults.isEmpty();
    }

    /** One row for each subject, in the order in which they were measured first. */
    String table() {
        Set<Figure> figures = new LinkedHashSet<>();
        // In the order of the subject with the most figures; the row without a gateway has fewer.
        measured.values().stream()
                .map(Map::keySet)
                .sorted(Comparator.comparingInt((Set<Figure> row) -> row.size()).reversed())
                .forEach(figures::addAll);
        List<String> lines = new ArrayList<>();
        lines.add(line(
                "", figures.stream().flatMap(figure -> heads(figure).stream()).toList()));
        lines.add(line(
                "---",
                figures.stream()
                        .flatMap(figure -> heads(figure).stream().map(unused -> "---:"))
                        .toList()));
        measured.forEach((subject, row) -> lines.add(line(
                subject.title() + (faults.containsKey(subject) ? " **faulty**" : ""),
                figures.stream().flatMap(figure -> cells(row, figure).stream()).toList())));
        String table = String.join("\n", lines) + "\n";
        return faults.isEmpty()
                ? table
                : table
                        + faults.entrySet().stream()
                                .map(fault -> "\n- **" + fault.getKey().title() + "**: "
                                        + fault.getValue().replace("\n", " "))
                                .collect(Collectors.joining("", "", "\n"));
    }

    private List<String> heads(Figure figure) {
        return switch (figure.comparison()) {
            case NONE -> List.of(figure.name());
            case RATIO ->
                reference(REFERENCE, figure).isEmpty()
                        ? List.of(figure.name())
                        : List.of(figure.name(), "× " + REFERENCE + "'s");
            case ADDED ->
                reference(DIRECT, figure).isEmpty() ? List.of(figure.name()) : List.of(figure.name(), "added");
        };
    }

    private List<String> cells(Map<Figure, List<Double>> row, Figure figure) {
        int width = heads(figure).size();
        List<Double> values = row.getOrDefault(figure, List.of());
        if (values.isEmpty()) {
            return Collections.nCopies(width, "");
        }
        Spread spread = Spread.of(values);
        if (width == 1) {
            return List.of(spread.toString());
        }
        String compared =
                switch (figure.comparison()) {
                    case RATIO ->
                        Spread.digits(spread.median()
                                / Spread.of(reference(REFERENCE, figure)).median());
                    case ADDED ->
                        Spread.digits(spread.median()
                                - Spread.of(reference(DIRECT, figure)).median());
                    case NONE -> "";
                };
        return List.of(spread.toString(), compared);
    }

    private List<Double> reference(String peer, Figure figure) {
        return measured.entrySet().stream()
                .filter(row -> row.getKey().peer().equals(peer))
                .map(row -> row.getValue().getOrDefault(figure, List.of()))
                .findFirst()
                .orElse(List.of());
    }

    private static String line(String head, List<String> cells) {
        return "| " + head + " | " + String.join(" | ", cells) + " |";
    }
}
