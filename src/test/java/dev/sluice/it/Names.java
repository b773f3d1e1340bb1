package dev.sluice.it;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The host names of a server process, whose lookup can be made to hang, as with a DNS server that does not answer. The JVM
 * reads the names from a file. If the test replaces the file by a FIFO, opening it blocks. Confined to one thread at a time.
 */
final class Names {
    private final Path file;
    private final Path plain;
    private final Path hanging;

    private Names(Path directory) throws IOException, InterruptedException {
        file = directory.resolve("hosts");
        plain = directory.resolve("hosts.plain");
        hanging = directory.resolve("hosts.hanging");
        Process mkfifo = new ProcessBuilder("mkfifo", hanging.toString()).start();
        if (mkfifo.waitFor() != 0) {
            throw new IOException("mkfifo has failed");
        }
    }

    /** Creates the file, with this machine as the address of all these names. */
    static Names of(String... names) throws IOException, InterruptedException {
        Names made = new Names(ServerProcess.newDirectory("names"));
        Files.writeString(
                made.plain,
                "127.0.0.1 localhost " + InetAddress.getLocalHost().getHostName() + " " + String.join(" ", names)
                        + "\n");
        Files.createSymbolicLink(made.file, made.plain);
        return made;
    }

    /** The JVM option to use the file. */
    String option() {
        return "-Djdk.net.hosts.file=" + file;
    }

    /** From now on, lookups of names that the JVM has not cached hang. */
    void hang() throws IOException {
        point(hanging);
    }

    /** Completes the lookups that hang, and all later ones. */
    void answer() throws IOException {
        point(plain);
        try (RandomAccessFile fifo = new RandomAccessFile(hanging.toFile(), "rw")) {
            fifo.write(Files.readString(plain).getBytes(StandardCharsets.US_ASCII));
        }
    }

    private void point(Path to) throws IOException {
        Path link = file.resolveSibling("hosts.next");
        Files.createSymbolicLink(link, to);
        Files.move(link, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
