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

/** The page's scripts that need no browser, tested by Node's own runner: {@code node --test src/test/js/*.test.js}. */
final class ScriptsTest {
    private static final Path TESTS = Path.of("src", "test", "js");
    private static final Duration LONGEST = Duration.ofMinutes(2);

    /** What the reporter for people says at the end. */
    private static final Pattern TESTS_RUN = Pattern.compile("(?m)^. tests (\\d+)$");

    private static final Pattern NOT_RUN = Pattern.compile("(?m)^. (?:skipped|todo|cancelled) [1-9]\\d*$");

    @Test
    @Needs(program = "node", from = 20)
    void scripts_withoutABrowser_doWhatTheirTestsSay() throws IOException {
        List<String> files = files();
        List<String> command = new ArrayList<>(List.of("node", "--test", "--test-reporter=spec"));
        command.addAll(files);
        // A machine's settings for Node would leak into the tests. Node before 20.19 takes no file for a module
        // unasked.
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
