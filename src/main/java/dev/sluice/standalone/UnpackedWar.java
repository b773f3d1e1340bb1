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
 * The WAR's content in a temporary directory of its own, which only this user can enter and nobody can guess: a JVM
 * loads no JAR from within another. For any thread: what ends the JVM waits until all
 * is unpacked, and deletes it then. A JVM that is killed cannot; the next one that starts does it ({@link Leftovers}).
 */
final class UnpackedWar {
    private final Path directory;
    private final FileChannel lock;

    private UnpackedWar(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * An empty directory, to be filled by {@link #unpack}.
     *
     * @throws IOException that says where it cannot be, and which setting names another place
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

    /** One that cannot be locked is not left behind: nobody else would delete it. */
    private static FileChannel locked(Path directory) throws IOException {
        try {
            return Leftovers.lock(directory);
        } catch (IOException fault) {
            Leftovers.delete(directory);
            throw fault;
        }
    }

    /** What a container would be given. */
    Path webapp() {
        return directory.resolve("webapp");
    }

    /** Where the server may write. */
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
     * A class loader of Jetty, its log, and the classes at the WAR's root once more: those see Jetty, while the ones that
     * the JVM was started with do not.
     */
    URLClassLoader jetty() throws IOException {
        List<URL> places = new ArrayList<>();
        places.add(webapp().toUri().toURL());
        addJars(places, "META-INF/standalone", "*.jar");
        addJars(places, "WEB-INF/lib", "slf4j-*.jar");
        return new URLClassLoader("jetty", places.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    /** What cannot be deleted is left to whoever cleans the machine's temporary directory. */
    synchronized void delete() {
        try {
            lock.close(); // some systems delete no file that is open
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
