package dev.sluice.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The results for each proxy, in alphabetical order, as a table in Markdown. Confined to one thread. */
final class ProxyTable {
    enum Column {
        INCREMENTAL("tokens one by one"),
        SILENCE("silence outlasts the read timeout"),
        CANCEL_FLOWING("client gone, flowing: cancelled after"),
        CANCEL_SILENT("client gone, silent: cancelled after"),
        PRESSURE("reader stops: the provider is ahead by"),
        BROKEN("a broken answer ends");

        private final String title;

        Column(String title) {
            this.title = title;
        }
    }

    private final Map<String, Map<Column, String>> rows = new TreeMap<>();

    void put(String proxy, Column column, String cell) {
        rows.computeIfAbsent(proxy, unused -> new TreeMap<>()).put(column, cell);
    }

    void write(Path file) throws IOException {
        Files.writeString(file, markdown());
    }

    private String markdown() {
        StringBuilder text = new StringBuilder(row("proxy", column -> column.title));
        text.append(row("---", column -> "---"));
        rows.forEach((proxy, cells) -> text.append(row(proxy, column -> cells.getOrDefault(column, "–"))));
        return text.toString();
    }

    private interface Cells {
        String of(Column column);
    }

    private static String row(String first, Cells of) {
        return Arrays.stream(Column.values())
                .map(of::of)
                .collect(Collectors.joining(" | ", "| " + first + " | ", " |\n"));
    }
}
