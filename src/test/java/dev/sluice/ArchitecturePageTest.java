package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.CsvSource;

/** The architecture page has the packages of {@link ArchitectureTest}, and its picture has the arrows of that table. */
class ArchitecturePageTest {
    private static final Path PAGE = Path.of("src", "site", "markdown", "architecture.md");
    private static final String ROOT = "dev.sluice.";
    private static final String APP = "app";

    /** What the picture calls the libraries that are worth a word. */
    private static final Map<String, String> LIBRARIES = Map.of(
            "jakarta.servlet",
            "Servlet API",
            "org.eclipse.jetty",
            "Jetty",
            "tools.jackson",
            "Jackson",
            "io.micrometer",
            "Micrometer",
            "io.lettuce",
            "Lettuce");

    @Test
    void picture_ofThePackages_hasTheArrowsOfTheTable() throws IOException {
        SortedMap<String, Set<String>> known = table();
        StringBuilder picture = new StringBuilder("```mermaid\nflowchart TD\n");
        known.forEach(
                (name, all) -> picture.append("  ").append(node(name, all)).append('\n'));
        known.forEach((name, all) -> packagesIn(all)
                .filter(target -> !isReachedOtherwise(known, all, target))
                .forEach(target -> picture.append("  ")
                        .append(id(name))
                        .append(" --> ")
                        .append(id(target))
                        .append('\n')));
        GeneratedText.assertPart(PAGE, picture.append("```\n").toString(), ArchitecturePageTest.class);
    }

    @Test
    void list_ofThePackages_hasThoseOfTheTable() throws IOException {
        String page = Files.readString(PAGE);
        for (String name : table().keySet()) {
            String indent = name.contains(".") ? "    " : "  ";
            String folder = name.substring(name.indexOf('.') + 1);
            assertThat(Pattern.compile("(?m)^" + indent + Pattern.quote(folder) + "/ +\\S")
                            .matcher(page)
                            .find())
                    .as("a line \"%s%s/\" in %s", indent, folder, PAGE)
                    .isTrue();
        }
    }

    /** Each package with what it may know: packages without their common prefix, and libraries. */
    private static SortedMap<String, Set<String>> table() {
        SortedMap<String, Set<String>> known = new TreeMap<>();
        for (String row : rows()) {
            String[] columns = row.split(",", 2);
            known.put(
                    columns[0].strip(),
                    Stream.of(columns[1].strip().replace("'", "").split(" "))
                            .filter(each -> !each.isEmpty())
                            .map(each -> each.startsWith(ROOT) ? each.substring(ROOT.length()) : each)
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
        Set<String> all = new TreeSet<>(known.keySet());
        all.remove("standalone"); // which is not part of the application
        known.put(APP, all);
        return known;
    }

    private static List<String> rows() {
        return Stream.of(ArchitectureTest.class.getDeclaredMethods())
                .filter(method -> method.getName().equals("package_knowsNoMoreThanItsRoomAllows"))
                .flatMap(method ->
                        Stream.of(method.getAnnotation(CsvSource.class).value()))
                .toList();
    }

    /** An arrow that follows from others is left out. */
    private static boolean isReachedOtherwise(Map<String, Set<String>> known, Set<String> from, String target) {
        return packagesIn(from)
                .filter(other -> !other.equals(target))
                .anyMatch(other -> packagesIn(known.get(other)).anyMatch(target::equals)
                        || isReachedOtherwise(known, known.get(other), target));
    }

    private static Stream<String> packagesIn(Set<String> all) {
        return all.stream().filter(each -> !each.endsWith("..") && !each.startsWith("org."));
    }

    private static String node(String name, Set<String> all) {
        String libraries = LIBRARIES.keySet().stream()
                .filter(prefix -> all.stream().anyMatch(each -> each.startsWith(prefix)))
                .map(LIBRARIES::get)
                .sorted()
                .collect(Collectors.joining(", "));
        return id(name) + "[\"" + name + (libraries.isEmpty() ? "" : "<br/><small>" + libraries + "</small>") + "\"]";
    }

    private static String id(String name) {
        return name.replace('.', '_');
    }
}
