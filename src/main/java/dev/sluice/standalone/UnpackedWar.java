package dev.sluice.standalone;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The unpacked WAR, because a JVM cannot load a JAR from within another. It is in a temporary directory with a random
 * name, which only this user can enter. For any thread: {@link #delete} waits until {@link #unpack} has returned. If the
 * JVM is killed, the next one that starts deletes the directory ({@link Leftovers}).
 */
final class UnpackedWar {
    private final Path directory;
    private final FileChannel lock;

    private UnpackedWar(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * Creates the directory, still empty.
     *
     * @throws IOException if it cannot be written; the message names the place and the setting for another one
     */
    static UnpackedWar create() throws IOException {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            Path directory =
                    Files.createTempDirectory(temporary, Leftovers.PREFIX).toRealPath();
            UnpackedWar made = new UnpackedWar(directory, locked(directory));
            Leftovers.deleteBeside(directory);
            return made;
        } catch (IOException fault) {
            throw cannotWrite(temporary, fault);
        }
    }

    /** Locks the directory, or deletes it if that fails: without a lock nobody would delete it later. */
    private static FileChannel locked(Path directory) throws IOException {
        try {
            return Leftovers.lock(directory);
        } catch (IOException fault) {
            Leftovers.delete(directory);
            throw fault;
        }
    }

    /** The unpacked WAR itself. */
    Path webapp() {
        return directory.resolve("webapp");
    }

    /** A directory for the server's own files. */
    Path temporary() {
        return directory.resolve("work");
    }

    /** @throws IOException as {@link #create} does, or because the WAR cannot be read */
    synchronized void unpack(Path war) throws IOException {
        try {
            Files.createDirectories(temporary());
            Files.createDirectories(webapp());
        } catch (IOException fault) {
            throw cannotWrite(directory, fault);
        }
        Path target = webapp();
        try (ZipFile zip = new ZipFile(war.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                Path file = target.resolve(entry.getName()).normalize();
                if (!file.startsWith(target)) {
                    throw new IOException("The WAR has an entry outside of it: " + entry.getName());
                }
                try (InputStream content = zip.getInputStream(entry)) {
                    write(entry, content, file);
                }
            }
        }
    }

    /**
     * A class loader for Jetty, slf4j, and the classes at the WAR's root. The JVM has already loaded those classes by its
     * own class loader, which does not see Jetty; this one loads them once more.
     */
    URLClassLoader jetty() throws IOException {
        List<URL> places = new ArrayList<>();
        places.add(webapp().toUri().toURL());
        addJars(places, "META-INF/standalone", "*.jar");
        addJars(places, "WEB-INF/lib", "slf4j-*.jar");
        return new URLClassLoader("jetty", places.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    /** Deletes the directory, or prints a message if it cannot. */
    synchronized void delete() {
        try {
            lock.close(); // Windows deletes no open file
            Leftovers.delete(directory);
        } catch (IOException | UncheckedIOException kept) {
            System.err.println("Sluice could not delete " + directory + ": " + kept.getMessage());
        }
    }

    private static void write(ZipEntry entry, InputStream content, Path file) throws IOException {
        try {
            if (entry.isDirectory()) {
                Files.createDirectories(file);
            } else {
                Files.createDirectories(requireNonNull(file.getParent()));
                Files.copy(content, file);
            }
        } catch (IOException fault) {
            throw cannotWrite(file, fault);
        }
    }

    private static IOException cannotWrite(Path place, IOException fault) {
        return new IOException(
                "Sluice cannot write its temporary files to " + place + " ("
                        + fault.getClass().getSimpleName() + ": " + fault.getMessage()
                        + "). Choose another directory with -Djava.io.tmpdir=...",
                fault);
    }

    private void addJars(List<URL> places, String folder, String names) throws IOException {
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(webapp().resolve(folder), names)) {
            for (Path jar : jars) {
                places.add(jar.toUri().toURL());
            }
        }
    }
}
