package dev.sluice.bench;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A load, and what is measured under it. Stateless; one instance is used for all rounds. */
interface Scenario {
    /** The names of all scenarios. */
    List<String> NAMES = List.of(
            "flood", "bulk", "paced", "idle", "short", "crowded", "stall", "leave", "start", "scale", "endurance");

    /** The scenarios of a run by default: all but endurance, which takes long and compares nothing. */
    List<String> USUAL = NAMES.subList(0, NAMES.size() - 1);

    static Scenario of(String name, BenchOptions options) {
        return switch (name) {
            case "flood" -> new FloodScenario(options, false);
            case "bulk" -> new FloodScenario(options, true);
            case "paced" -> new PacedScenario(options);
            case "short" -> new ShortScenario(options, false);
            case "crowded" -> new ShortScenario(options, true);
            case "idle" -> new IdleScenario(options);
            case "stall" -> new StallScenario(options);
            case "leave" -> new LeaveScenario(options);
            case "start" -> new StartScenario(options);
            case "scale" -> new ScaleScenario(options);
            case "endurance" -> new EnduranceScenario(options);
            default -> throw new IllegalArgumentException("No such scenario: " + name + ", but " + NAMES);
        };
    }

    String name();

    /** The scenario in one sentence, with its numbers. */
    String description();

    /** Whether it is measured for this peer. */
    default boolean suits(String peer) {
        return true;
    }

    /** Whether the upstream writes many tokens at once; no model does. */
    default boolean isInBulk() {
        return false;
    }

    /** Starts the peer, warms it up, measures once and stops it. Faults of streams are added to the trial's tally. */
    Map<Figure, Double> measure(Trial trial) throws IOException;
}
