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

/** The documents: their links, and that each page can be reached. */
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

    @ParameterizedTest
    @MethodSource("documents")
    void mavenCommands_ofTheDocuments_nameProfilesAndTestsThatExist(Path document) throws IOException {
        String text = Files.readString(document);
        String pom = Files.readString(Path.of("pom.xml"));
        for (String profile : groups("mvn [^`\\n]*?-P([\\w-]+)", text)) {
            assertThat(pom).as("the profile of a command in " + document).contains("<id>" + profile + "</id>");
        }
        for (String tests : groups("-D(?:it\\.)?test='?([\\w,]+)", text)) {
            for (String test : tests.split(",", -1)) {
                assertThat(test.equals("none") || isTest(test))
                        .as("a test class " + test + ", which a command in " + document + " names")
                        .isTrue();
            }
        }
    }

    /** The programs that are mandatory in continuous integration are those that the page names. */
    @Test
    void programs_ofContributing_areThoseOfTheBuild() throws IOException {
        List<String> inBuild = groups("-Dtest\\.mandatory=([\\w,]+)", Files.readString(Path.of(".ci", "run")));
        List<String> onPage =
                groups("-Dtest\\.mandatory=([\\w,]+)", Files.readString(PAGES.resolve("contributing.md")));
        assertThat(onPage).hasSize(1).isEqualTo(inBuild);
    }

    private static boolean isTest(String name) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src", "test", "java"))) {
            return files.anyMatch(file -> file.endsWith(name + ".java"));
        }
    }

    private static List<String> groups(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    private static String withoutCode(Path document) throws IOException {
        return FENCE.matcher(Files.readString(document)).replaceAll("");
    }

    /** The anchors that forges such as GitHub make of headings. */
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
