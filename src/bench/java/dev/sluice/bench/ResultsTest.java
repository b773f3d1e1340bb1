package dev.sluice.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The tables and texts that are made of the figures. */
final class ResultsTest {
    private static final Figure COST = Figure.compared("µs");
    private static final Figure DELAY = Figure.added("ms");
    private static final Subject NONE = new Subject("none", MeasuredApi.COMPLETIONS);
    private static final Subject NGINX = new Subject("nginx", MeasuredApi.COMPLETIONS);
    private static final Subject SLUICE = new Subject("sluice", MeasuredApi.CHAT);

    @Test
    void table_withReferences_hasRatiosAndDifferences() {
        Results results = new Results();
        results.add(NONE, Map.of(DELAY, 1.0));
        results.add(NGINX, figures(4.0, 3.0));
        results.add(SLUICE, figures(5.0, 2.0));
        results.add(SLUICE, figures(7.0, 2.0));
        assertThat(results.table()).isEqualTo("""
                        |  | ms | added | µs | × nginx's |
                        | --- | ---: | ---: | ---: | ---: |
                        | none | 1.00 | 0.000 |  |  |
                        | nginx | 3.00 | 2.00 | 4.00 | 1.00 |
                        | sluice /chat | 2.00 | 1.00 | 6.00 (5.00–7.00) | 1.50 |
                        """);
    }

    private static Map<Figure, Double> figures(double cost, double delay) {
        Map<Figure, Double> all = new LinkedHashMap<>();
        all.put(DELAY, delay);
        all.put(COST, cost);
        return all;
    }

    @Test
    void table_withoutReferences_hasPlainFigures() {
        Results results = new Results();
        results.add(SLUICE, Map.of(COST, 5.0));
        assertThat(results.table()).isEqualTo("|  | µs |\n| --- | ---: |\n| sluice /chat | 5.00 |\n");
    }

    @Test
    void fault_ofASubject_isTold() {
        Results results = new Results();
        results.fault(SLUICE, "it broke");
        assertThat(results.hasFaults()).isTrue();
        assertThat(results.table()).contains("| sluice /chat **faulty** |", "- **sluice /chat**: it broke");
    }

    @Test
    void document_generatedAnew_keepsWhatStandsAround() {
        String old = "before\n<!-- measured -->\nold\n<!-- /measured -->\nafter\n";
        assertThat(Document.replaced(old, "new\n"))
                .isEqualTo("before\n<!-- measured -->\n\nnew\n\n<!-- /measured -->\nafter\n");
        assertThatThrownBy(() -> Document.replaced("no marks", "new")).hasMessageContaining("<!-- measured -->");
    }

    @Test
    void plot_ofTwoLines_hasItsScales() {
        Plot plot = new Plot(
                "a < b",
                "µs",
                "streams",
                Map.of("one", new TreeMap<>(Map.of(10, 2.0, 100, 3.0)), "two", new TreeMap<>(Map.of(1_000, 21.0))));
        assertThat(plot.step()).isEqualTo(5);
        assertThat(plot.x(100) - plot.x(10)).isEqualTo(plot.x(1_000) - plot.x(100));
        assertThat(plot.y(0)).isGreaterThan(plot.y(21)).isGreaterThan(plot.y(25));
        assertThat(plot.svg())
                .contains(">1,000</text>", "a &lt; b", "<polyline")
                .doesNotContain("NaN");
    }
}
