package dev.sluice.standalone;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The WAR's content in a temporary directory of its own, which only this user can enter and nobody can guess: a JVM
 * loads no JAR from within another. For any thread: what ends the JVM waits until all
 * is unpacked, and deletes it then.
 */
final class UnpackedWar {
    private final Path directory;

    private UnpackedWar(Path directory) {
        this.directory = directory;
    }

    /** An empty directory, to be filled by {@link #unpack}. */
    static UnpackedWar create() throws IOException {
        return new UnpackedWar(Files.createTempDirectory("sluice-").toRealPath());
    }

    /** What a container would be given. */
    Path webapp() {
        return directory.resolve("webapp");
    }

    /** Where the server may write. */
    Path temporary() {
        return directory.resolve("work");
    }

    synchronized void unpack(Path war) throws IOException {
        Files.createDirectories(temporary());
        Path target = Files.createDirectories(webapp());
        try (ZipFile zip = new ZipFile(war.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                Path file = target.resolve(entry.getName()).normalize();
                if (!file.startsWith(target)) {
                    throw new IOException("The WAR has an entry outside of it: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else {
                    Files.createDirectories(requireNonNull(file.getParent()));
                    try (InputStream content = zip.getInputStream(entry)) {
                        Files.copy(content, file);
                    }
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
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException kept) {
            System.err.println("Sluice could not delete " + directory + ": " + kept.getMessage());
        }
    }

    private void addJars(List<URL> places, String folder, String names) throws IOException {
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(webapp().resolve(folder), names)) {
            for (Path jar : jars) {
                places.add(jar.toUri().toURL());
            }
        }
    }
}
