package dev.sluice.it;

import java.time.Duration;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The usage lines in a container's log from a certain time on. */
final class UsageLines {
    private static final String MARK = "{\"event\":\"stream_ended\"";

    private final Container container;
    private final int before;

    private UsageLines(Container container) {
        this.container = container;
        this.before = Eventually.until(
                        "the lines of all streams that have ended so far",
                        Duration.ofSeconds(10),
                        this::all,
                        lines -> lines.size() >= container.number("sluice_streams_ended_total"))
                .size();
    }

    /** The lines from now on. No stream may be about to end. */
    static UsageLines after(Container container) {
        return new UsageLines(container);
    }

    /** Waits for the first line. */
    JsonNode first() {
        return Eventually.until(
                        "a line about a stream that ended",
                        Duration.ofSeconds(10),
                        this::all,
                        lines -> lines.size() > before)
                .get(before);
    }

    /** Waits for the line of the request with this id. */
    static JsonNode of(Container container, String requestId) {
        return Eventually.until(
                        "the line of " + requestId,
                        Duration.ofSeconds(10),
                        () -> all(container).stream()
                                .filter(line ->
                                        line.get("request_id").asString().equals(requestId))
                                .toList(),
                        lines -> !lines.isEmpty())
                .get(0);
    }

    private List<JsonNode> all() {
        return all(container);
    }

    private static List<JsonNode> all(Container container) {
        return container
                .process()
                .log()
                .lines()
                .filter(line -> line.contains(MARK) && line.endsWith("}"))
                .map(line -> Json.read(line.substring(line.indexOf(MARK))))
                .toList();
    }
}
