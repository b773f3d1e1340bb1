package dev.sluice.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.it.Needs;
import dev.sluice.it.Program;
import dev.sluice.it.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The tests of the page's scripts that need no browser, run by Node as {@code node --test src/test/js/*.test.js} runs them,
 * but in one process.
 */
final class ScriptsTest {
    private static final Path TESTS = Path.of("src", "test", "js");
    private static final Duration LONGEST = Duration.ofMinutes(2);

    /** The number of tests at the end of the readable report. */
    private static final Pattern TESTS_RUN = Pattern.compile("(?m)^. tests (\\d+)$");

    private static final Pattern NOT_RUN = Pattern.compile("(?m)^. (?:skipped|todo|cancelled) [1-9]\\d*$");

    @Test
    @Needs(program = "node", from = 20)
    void scripts_withoutABrowser_doWhatTheirTestsSay() throws IOException {
        List<String> files = files();
        String together = TESTS.resolve("together.js").toAbsolutePath().toString();
        List<String> command = new ArrayList<>(List.of("node", "--test-reporter=spec", together));
        command.addAll(files);
        // Settings of Node on this machine must not affect the tests. Before version 20.19, Node does not recognize a
        // file as a module by itself.
        Map<String, String> environment =
                Map.of("NODE_OPTIONS", "--experimental-detect-module", "NO_COLOR", "1", "FORCE_COLOR", "");
        try (Program node = Program.start(command, ServerProcess.newDirectory("scripts"), environment)) {
            String report = node.finish(LONGEST);
            Matcher run = TESTS_RUN.matcher(report);
            assertThat(run.find()).as("tests told of in %s", report).isTrue();
            assertThat(Integer.parseInt(run.group(1))).as("tests run").isGreaterThan(files.size());
            assertThat(NOT_RUN.matcher(report).find())
                    .as("left out in %s", report)
                    .isFalse();
        }
    }

    private static List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(TESTS)) {
            return files.map(Path::toAbsolutePath)
                    .map(Path::toString)
                    .filter(file -> file.endsWith(".test.js"))
                    .sorted()
                    .toList();
        }
    }
}
