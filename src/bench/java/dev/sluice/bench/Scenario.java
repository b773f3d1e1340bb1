package dev.sluice.bench;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A way to load a gateway, and what is measured then. Stateless: one serves all rounds. */
interface Scenario {
    /** All that can be asked for. */
    List<String> NAMES = List.of(
            "flood", "bulk", "paced", "idle", "short", "crowded", "stall", "leave", "start", "scale", "endurance");

    /** All but the one that takes long and compares nothing. */
    List<String> USUAL = NAMES.subList(0, NAMES.size() - 1);

    static Scenario of(String name, Options options) {
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

    /** What is done, in one sentence, with its numbers. */
    String description();

    /** Whether it makes sense for this peer. */
    default boolean suits(String peer) {
        return true;
    }

    /** Whether the upstream writes many tokens at once, which no model does. */
    default boolean isInBulk() {
        return false;
    }

    /** Starts the peer, warms it up, measures once and ends it; every fault of a stream goes into the trial's tally. */
    Map<Figure, Double> measure(Trial trial) throws IOException;
}
