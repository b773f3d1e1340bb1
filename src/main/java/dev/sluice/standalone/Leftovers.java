package dev.sluice.standalone;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserPrincipal;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * The temporary directories of processes that were killed. Each process holds a lock on a file in its own for as long as
 * it lives; the operating system lets go of it when the process ends, however that comes about.
 */
final class Leftovers {
    static final String PREFIX = "sluice-";

    private static final String LOCK = "sluice-standalone.lock";

    private Leftovers() {}

    /**
     * Marks the directory as one in use, until the channel is closed.
     *
     * @return the open channel, which has the lock
     */
    static FileChannel lock(Path directory) throws IOException {
        // Locked before it has the name that others look for: they never see it without its lock.
        Path unseen = directory.resolve(LOCK + ".new");
        FileChannel channel = FileChannel.open(unseen, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            channel.lock();
            Files.move(unseen, directory.resolve(LOCK), StandardCopyOption.ATOMIC_MOVE);
            return channel;
        } catch (IOException fault) {
            channel.close();
            throw fault;
        }
    }

    /**
     * Deletes those beside the directory that no process uses. One that cannot be deleted stays, and so do all where they
     * cannot be listed: to clean up is no condition of a start. Others may be deleting the same ones.
     */
    static void deleteBeside(Path own) {
        Path parent = requireNonNull(own.getParent());
        try (DirectoryStream<Path> all = Files.newDirectoryStream(parent, PREFIX + "*")) {
            UserPrincipal us = Files.getOwner(own);
            for (Path each : all) {
                // One that another user has made is not looked into: what it holds may change while it is deleted.
                if (!each.equals(own) && isDirectoryOf(us, each)) {
                    deleteUnused(each);
                }
            }
        } catch (IOException | DirectoryIteratorException | UnsupportedOperationException unseen) {
            System.err.println("Sluice could not look in " + parent + " for what killed runs may have left: "
                    + unseen.getMessage());
        }
    }

    private static boolean isDirectoryOf(UserPrincipal us, Path path) {
        try {
            return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
                    && Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).equals(us);
        } catch (IOException deletedMeanwhile) {
            return false;
        }
    }

    /** Deletes the directory and all that is in it. */
    static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    private static void deleteUnused(Path directory) {
        Path lock = directory.resolve(LOCK);
        if (!Files.isRegularFile(lock, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
            if (channel.tryLock() != null) {
                delete(directory);
            }
        } catch (IOException | UncheckedIOException kept) {
            System.err.println(
                    "Sluice could not delete " + directory + ", which an earlier run has left: " + kept.getMessage());
        }
    }
}
