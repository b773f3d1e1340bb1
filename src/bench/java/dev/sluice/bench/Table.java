package dev.sluice.bench;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Figures by name, in Markdown. Confined to one thread. */
final class Table {
    private final Map<String, String> rows = new LinkedHashMap<>();

    Table row(String name, String value) {
        rows.put(name, value);
        return this;
    }

    Table row(String name, long count) {
        return row(name, String.format(Locale.ROOT, "%,d", count));
    }

    Table row(String name, double value, String unit) {
        return row(name, String.format(Locale.ROOT, "%.2f %s", value, unit));
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("| figure | value |\n| --- | --- |\n");
        rows.forEach((name, value) -> text.append("| ")
                .append(name)
                .append(" | ")
                .append(value.replace("|", "\\|"))
                .append(" |\n"));
        return text.toString();
    }
}
