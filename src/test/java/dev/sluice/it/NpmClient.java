package dev.sluice.it;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * An official npm package of OpenAI or Anthropic in the version of the lock file, and a script that uses it, in one process
 * for each case.
 */
final class NpmClient {
    private static final Duration INSTALL = Duration.ofMinutes(3);
    private static final Duration CASE = Duration.ofSeconds(60);

    /** Environment variables of the machine that would change the client or Node. */
    private static final Map<String, String> NEUTRAL = Map.of(
            "OPENAI_API_KEY",
            "",
            "ANTHROPIC_API_KEY",
            "",
            "ANTHROPIC_BASE_URL",
            "",
            "OPENAI_BASE_URL",
            "",
            "OPENAI_ORG_ID",
            "",
            "OPENAI_PROJECT_ID",
            "",
            "OPENAI_LOG",
            "",
            "NODE_OPTIONS",
            "",
            "NODE_USE_ENV_PROXY",
            "");

    private static final String LOCK = "package-lock.json";
    private static final String OPENAI = "openai.mjs";
    private static final String ANTHROPIC = "anthropic.mjs";

    private final Path directory;

    private final String script;
    private final String path; // of the base URL

    private NpmClient(Path directory, String script, String path) {
        this.directory = directory;
        this.script = script;
        this.path = path;
    }

    /** That of OpenAI. */
    static NpmClient install() throws IOException {
        return new NpmClient(installed(), OPENAI, "/v1");
    }

    /** That of Anthropic, whose base URL ends before {@code /v1}. */
    static NpmClient ofAnthropic() throws IOException {
        return new NpmClient(installed(), ANTHROPIC, "");
    }

    /** Installs the packages below {@code test.work}, unless that was done for this lock file. */
    private static Path installed() throws IOException {
        Path sources = Path.of(ServerProcess.property("test.npm"));
        Path directory = Files.createDirectories(
                Path.of(ServerProcess.property("test.work")).resolve("npm"));
        // Written at the end, so that an incomplete installation is repeated.
        Path installed = directory.resolve("installed.json");
        for (String file : List.of("package.json", LOCK, OPENAI, ANTHROPIC)) {
            Files.copy(sources.resolve(file), directory.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        if (!isInstalled(directory, installed)) {
            Files.deleteIfExists(installed);
            List<String> command = List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
            try (Program npm = Program.start(command, directory, Map.of())) {
                npm.finish(INSTALL);
            }
            Files.copy(directory.resolve(LOCK), installed);
        }
        return directory;
    }

    private static boolean isInstalled(Path directory, Path installed) throws IOException {
        return Files.isDirectory(directory.resolve("node_modules"))
                && Files.exists(installed)
                && Files.mismatch(directory.resolve(LOCK), installed) < 0;
    }

    /** Runs a case of the script to its end; returns its output. */
    JsonNode run(URI container, String... arguments) throws IOException {
        try (Program script = start(container, arguments)) {
            return finish(script);
        }
    }

    Program start(URI container, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("node", directory.resolve(script).toString(), container + path));
        command.addAll(List.of(arguments));
        return Program.start(command, ServerProcess.newDirectory("node"), NEUTRAL);
    }

    /** Ends the input of a case that waits for that; returns its output. */
    static JsonNode finish(Program script) throws IOException {
        String line = script.finish(CASE);
        if (line.lines().count() != 1) {
            throw new AssertionError("One line was due, and not " + line);
        }
        return Json.read(line);
    }
}
