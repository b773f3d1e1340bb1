package dev.sluice.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program that ends by itself, and soon; what it prints is kept in files, so that nobody has to read along. */
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
     * @param directory where it runs and where the output of the latest run is kept
     * @param environment beside the inherited one; an empty value takes the variable away
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

    /** Ends it, and what it has started, if they have not ended. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private String printed() throws IOException {
        return Files.readString(out, StandardCharsets.UTF_8) + "\n" + Files.readString(err, StandardCharsets.UTF_8);
    }
}
