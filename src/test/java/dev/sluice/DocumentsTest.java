package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What people read about Sluice: that it hangs together. */
class DocumentsTest {
    private static final Path README = Path.of("README.md");
    private static final Path PAGES = Path.of("src", "site", "markdown");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern FENCE = Pattern.compile("(?ms)^ *```.*?^ *```");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.*)$");

    static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(README));
        for (Path folder : List.of(PAGES, Path.of(".github"))) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
            }
        }
        return documents;
    }

    @Test
    void readme_always_isShort() throws IOException {
        assertThat(Files.readAllLines(README))
                .as("lines of README.md; the rest belongs into " + PAGES)
                .hasSizeLessThanOrEqualTo(200);
    }

    @ParameterizedTest
    @MethodSource("documents")
    void links_toFilesAndHeadings_leadSomewhere(Path document) throws IOException {
        Matcher link = LINK.matcher(withoutCode(document));
        while (link.find()) {
            String target = link.group(1);
            if (target.contains("://")) {
                continue;
            }
            String[] parts = target.split("#", 2);
            Path file = parts[0].isEmpty()
                    ? document
                    : Path.of("")
                            .toAbsolutePath()
                            .relativize(document.toAbsolutePath()
                                    .resolveSibling(parts[0])
                                    .normalize());
            assertThat(file).as("what %s links to as %s", document, target).exists();
            if (parts.length == 2) {
                assertThat(anchors(file)).as("the headings of " + file).contains(parts[1]);
            }
        }
    }

    /** Every page can be reached from the README, by one link or two. */
    @Test
    void pages_all_areLinked() throws IOException {
        String index = withoutCode(README) + withoutCode(PAGES.resolve("deploy/index.md"));
        for (Path page : documents()) {
            if (page.startsWith(PAGES)) {
                assertThat(index).as("links to " + page).contains(page.getFileName() + ")");
            }
        }
    }

    private static String withoutCode(Path document) throws IOException {
        return FENCE.matcher(Files.readString(document)).replaceAll("");
    }

    /** As forges make them of headings. */
    private static List<String> anchors(Path document) throws IOException {
        return HEADING.matcher(withoutCode(document))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }
}
