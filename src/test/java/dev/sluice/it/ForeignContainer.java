package dev.sluice.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The common code of the containers in which only {@link ContractIT} runs. */
abstract class ForeignContainer implements Container {
    final ServerProcess process;
    private final URI base;

    /** Attached at the first use, because a JVM cannot be attached to at once after its start. Guarded by this. */
    private @Nullable Jmx jmx;

    ForeignContainer(ServerProcess process, int port) {
        this.process = process;
        this.base = URI.create("http://127.0.0.1:" + port);
    }

    @Override
    public final ServerProcess process() {
        return process;
    }

    @Override
    public final URI base() {
        return base;
    }

    @Override
    public final synchronized Jmx jmx() {
        Jmx known = jmx;
        if (known == null) {
            known = Jmx.attach(process.pid());
            jmx = known;
        }
        return known;
    }

    /** The directory of the unpacked container. */
    static Path home(String name) {
        return Path.of(ServerProcess.property("test." + name + ".home"));
    }

    static Path war() {
        return Path.of(ServerProcess.property("test.war"));
    }

    static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Replaces texts in a file; {@code pairs} are old and new texts in turn. If an old text is missing, the test fails. */
    static void edit(Path file, String... pairs) throws IOException {
        String text = Files.readString(file);
        for (int i = 0; i < pairs.length; i += 2) {
            if (!text.contains(pairs[i])) {
                throw new AssertionError("No " + pairs[i] + " in " + file);
            }
            text = text.replace(pairs[i], pairs[i + 1]);
        }
        Files.writeString(file, text);
    }

    static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Waits until the log has this text more than {@code before} times. */
    final void awaitLog(String text, long before) {
        Eventually.until("the log says: " + text, STOP, () -> logged(text), count -> count > before);
    }

    final long logged(String text) {
        return process.log().lines().filter(line -> line.contains(text)).count();
    }
}
