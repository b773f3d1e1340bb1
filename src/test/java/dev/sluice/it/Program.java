package dev.sluice.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program that ends by itself after a short time. Its output goes to files. */
public final class Program implements AutoCloseable {
    private final List<String> command;
    private final Process process;
    private final Path out;
    private final Path err;

    private Program(List<String> command, Process process, Path out, Path err) {
        this.command = command;
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /**
     * Starts it.
     *
     * @param directory its working directory, which also gets the output of the last run
     * @param environment variables beside the inherited ones; an empty value removes a variable
     */
    public static Program start(List<String> command, Path directory, Map<String, String> environment)
            throws IOException {
        Path out = directory.resolve("out.log");
        Path err = directory.resolve("err.log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().putAll(environment);
        builder.environment().values().removeIf(String::isEmpty);
        return new Program(command, builder.start(), out, err);
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /**
     * Ends its input and waits for its end.
     *
     * @return what it has printed to its standard output
     * @throws AssertionError with all that it has printed, if it does not end in time, or not with 0
     */
    public String finish(Duration longest) throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(longest.toMillis(), TimeUnit.MILLISECONDS)) {
                close();
                throw new AssertionError(command + " did not end within " + longest + "\n" + printed());
            }
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
        if (process.exitValue() != 0) {
            throw new AssertionError(command + " ended with " + process.exitValue() + "\n" + printed());
        }
        return Files.readString(out, StandardCharsets.UTF_8);
    }

    /** Kills it and its descendants, if they still run. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private String printed() throws IOException {
        return Files.readString(out, StandardCharsets.UTF_8) + "\n" + Files.readString(err, StandardCharsets.UTF_8);
    }
}
