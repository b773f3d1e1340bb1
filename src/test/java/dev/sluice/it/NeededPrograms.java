package dev.sluice.it;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** The JUnit condition of {@link Needs}: looks for its programs. */
public final class NeededPrograms implements ExecutionCondition {
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final Pattern MAJOR = Pattern.compile("\\d+");

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        ConditionEvaluationResult result = AnnotationSupport.findAnnotation(context.getElement(), Needs.class)
                .map(needs -> decide(needs, System.getProperty("test.mandatory", "")))
                .orElseGet(() -> ConditionEvaluationResult.enabled("needs no program"));
        if (result.isDisabled()) {
            // Maven reports neither the reason nor the number of tests of a parameterized class that is skipped.
            System.out.println(context.getDisplayName() + " is left out. "
                    + result.getReason().orElse(""));
        }
        return result;
    }

    /** The path of this program, by {@code PATH}. */
    public static Optional<Path> onPath(String program) {
        String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
        return Stream.of(path.split(Pattern.quote(File.pathSeparator), -1))
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, program))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    }

    /**
     * Whether one of these programs is there; each of them suffices. If none is, a message names the skipped tests.
     *
     * @param what the tests that need it
     * @param programs the first is the name in {@code test.mandatory}
     * @throws IllegalStateException if all are missing, and that is mandatory
     */
    public static boolean isHere(String what, List<String> programs) {
        return isHere(what, programs, System.getProperty("test.mandatory", ""));
    }

    static boolean isHere(String what, List<String> programs, String mandatory) {
        if (programs.stream().anyMatch(NeededPrograms::isOnPath)) {
            return true;
        }
        String reason = "Not found: " + String.join(" or ", programs);
        if (isMandatory(programs.get(0), mandatory)) {
            throw new IllegalStateException(reason + "; and test.mandatory has " + programs.get(0));
        }
        System.out.println(what + " is left out. " + reason);
        return false;
    }

    /** @throws IllegalStateException if something is missing that is mandatory */
    static ConditionEvaluationResult decide(Needs needs, String mandatory) {
        List<String> missing = missing(needs);
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled(needs.program() + " is here");
        }
        String reason = "Not found: " + String.join(", ", missing);
        if (isMandatory(needs.program(), mandatory)) {
            throw new IllegalStateException(reason + "; and test.mandatory has " + needs.program());
        }
        return ConditionEvaluationResult.disabled(reason);
    }

    private static List<String> missing(Needs needs) {
        List<String> missing = new ArrayList<>();
        if (!isOnPath(needs.program())) {
            missing.add(needs.program());
        } else if (needs.from() > 0 && major(needs.program()) < needs.from()) {
            missing.add(needs.program() + " " + needs.from() + " or newer");
        }
        for (String other : needs.with()) {
            if (!isOnPath(other)) {
                missing.add(other);
            }
        }
        return missing;
    }

    private static boolean isMandatory(String program, String mandatory) {
        return Stream.of(mandatory.split(",", -1)).map(String::strip).anyMatch(program::equals);
    }

    private static boolean isOnPath(String program) {
        return onPath(program).isPresent();
    }

    private static int major(String program) {
        try (Program run = Program.start(
                List.of(program, "--version"), ServerProcess.newDirectory(program + "-version"), Map.of())) {
            String version = run.finish(LONGEST);
            Matcher digits = MAJOR.matcher(version);
            if (!digits.find()) {
                throw new AssertionError(program + " --version tells no version: " + version);
            }
            return Integer.parseInt(digits.group());
        } catch (IOException failure) {
            throw new AssertionError("Could not ask for the version of " + program, failure);
        }
    }
}
