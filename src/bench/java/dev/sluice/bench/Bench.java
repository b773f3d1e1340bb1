package dev.sluice.bench;

import dev.sluice.it.ServerProcess;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Measures one scenario after the other. In each round every gateway is measured once, in a new process, while no other one
 * runs. Prints a report and writes it to a file. {@code mvn -Pbench} runs it. Confined to one thread.
 */
final class Bench {
    private final BenchOptions options;
    private final String loadBefore = Machine.loadAverage();
    private final Map<Scenario, Results> results = new LinkedHashMap<>();
    private final Map<String, String> titles = new LinkedHashMap<>();
    private final Map<String, String> absent = new LinkedHashMap<>();

    private Bench(BenchOptions options) {
        this.options = options;
    }

    /** Runs the bench. Its options are system properties, see {@link BenchOptions}. Exits with 1 after any fault. */
    public static void main(String[] arguments) {
        System.setOut(new PrintStream(System.out, true, StandardCharsets.UTF_8));
        int status;
        try {
            status = new Bench(BenchOptions.read(System.getProperties())).run() ? 0 : 1;
        } catch (IllegalArgumentException wrongOption) {
            System.err.println(wrongOption.getMessage());
            status = 2;
        } catch (IOException failure) {
            failure.printStackTrace();
            status = 1;
        }
        System.exit(status);
    }

    /** @return whether every stream of every gateway was complete */
    private boolean run() throws IOException {
        for (String peer : options.peers()) {
            Peers.missing(peer).ifPresent(why -> {
                absent.put(peer, why);
                System.out.println("Left out: " + peer + ", " + why);
            });
        }
        for (String name : options.scenarios()) {
            Scenario scenario = Scenario.of(name, options);
            Results ofScenario = new Results();
            results.put(scenario, ofScenario);
            for (int round = 1; round <= options.rounds(); round++) {
                for (Subject subject : subjects(scenario)) {
                    System.out.println(name + ", round " + round + ": " + subject.title());
                    measure(scenario, subject, ofScenario);
                }
            }
            System.out.println("\n" + ofScenario.table());
        }
        Path file = Files.writeString(Path.of(ServerProcess.property("test.work"), "results.md"), report());
        System.out.println("\n" + report() + "\n" + file);
        if (options.results()) {
            keep(Path.of(ServerProcess.property("test.bench.sources")));
        }
        return results.values().stream().noneMatch(Results::hasFaults);
    }

    /** Writes the results that are kept with the sources. */
    private void keep(Path sources) throws IOException {
        for (Map.Entry<Scenario, Results> scenario : results.entrySet()) {
            Map<String, Map<Integer, Double>> points = scenario.getValue().points();
            if (!points.isEmpty()) {
                String title = "Gateway's CPU µs per token by the number of streams";
                Files.writeString(
                        sources.resolve(scenario.getKey().name() + ".svg"),
                        new Plot(title, "µs", "streams open at once", points).svg());
            }
        }
        Document.write(sources.resolve("RESULTS.md"), report());
    }

    private Set<Subject> subjects(Scenario scenario) {
        Set<Subject> all = new LinkedHashSet<>();
        for (String peer : options.peers()) {
            if (absent.containsKey(peer) || !scenario.suits(peer)) {
                continue;
            }
            List<MeasuredApi> dialects = Subject.isSluice(peer) ? options.dialects() : List.of(MeasuredApi.COMPLETIONS);
            dialects.forEach(dialect -> all.add(new Subject(peer, dialect)));
        }
        return all;
    }

    private void measure(Scenario scenario, Subject subject, Results ofScenario) {
        Tally tally = new Tally();
        try (Upstream upstream = Upstream.start(options.size("chunk-tokens"), scenario.isInBulk())) {
            Map<Figure, Double> figures = scenario.measure(new Trial(
                    options, subject, upstream, tally, title -> titles.put(title.getKey(), title.getValue())));
            System.out.println(figures.entrySet().stream()
                    .map(figure -> figure.getKey().name() + " " + Spread.digits(figure.getValue()))
                    .toList());
            ofScenario.add(subject, figures);
            if (tally.brokenStreams() > 0) {
                fault(subject, ofScenario, tally.brokenStreams() + " streams were not whole: " + tally.faults());
            }
        } catch (IOException | RuntimeException | AssertionError failure) {
            fault(subject, ofScenario, failure + (tally.faults().isEmpty() ? "" : " " + tally.faults()));
            System.out.println(ServerProcess.tails());
        }
    }

    private static void fault(Subject subject, Results ofScenario, String fault) {
        System.out.println("Fault: " + fault);
        ofScenario.fault(subject, fault);
    }

    private String report() {
        StringBuilder report = new StringBuilder();
        results.forEach((scenario, ofScenario) -> {
            report.append("### ").append(scenario.name()).append("\n\n");
            report.append(scenario.description()).append(".\n\n");
            report.append(ofScenario.table()).append('\n');
            if (options.results() && !ofScenario.points().isEmpty()) {
                String image = scenario.name() + ".svg";
                report.append("![")
                        .append(scenario.name())
                        .append("](")
                        .append(image)
                        .append(")\n\n");
            }
        });
        List<String> notes = new ArrayList<>();
        notes.add("Figures: median (least–most) of " + options.rounds()
                + " rounds. In each round every peer is measured once, started afresh and alone with the load.");
        titles.forEach((peer, title) -> notes.add(peer + ": " + title));
        absent.forEach((peer, why) -> notes.add(peer + ": left out, " + why));
        notes.add("Sluice: commit " + Machine.commit() + ", " + Machine.jvm() + ", -Xmx" + options.heap());
        notes.add("machine: " + Machine.description() + ", shared by gateway, upstream and client");
        notes.add("load average before the start: " + loadBefore);
        notes.add("command: `" + options.command() + "`");
        notes.forEach(note -> report.append("- ").append(note).append('\n'));
        return report.toString();
    }
}
