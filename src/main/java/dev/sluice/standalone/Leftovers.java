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
 * Deletes the temporary directories of processes that were killed. Each process holds a lock on a file in its directory.
 * The operating system releases the lock when the process ends for whatever reason. Stateless.
 */
final class Leftovers {
    static final String PREFIX = "sluice-";

    private static final String LOCK = "sluice-standalone.lock";

    private Leftovers() {}

    /**
     * Marks the directory as used, until the channel is closed.
     *
     * @return the open channel, which has the lock
     */
    static FileChannel lock(Path directory) throws IOException {
        // Other processes look for the final name, so the file gets it only when it is locked.
        Path unlocked = directory.resolve(LOCK + ".new");
        FileChannel channel = FileChannel.open(unlocked, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            channel.lock();
            Files.move(unlocked, directory.resolve(LOCK), StandardCopyOption.ATOMIC_MOVE);
            return channel;
        } catch (IOException fault) {
            channel.close();
            throw fault;
        }
    }

    /**
     * Deletes the directories beside this one that no process uses. If that fails it prints a message and does not stop
     * the start. Several processes may do this at the same time.
     */
    static void deleteBeside(Path own) {
        Path parent = requireNonNull(own.getParent());
        try (DirectoryStream<Path> all = Files.newDirectoryStream(parent, PREFIX + "*")) {
            UserPrincipal us = Files.getOwner(own);
            for (Path each : all) {
                // Directories of other users are left alone: their contents could be replaced during the deletion.
                if (!each.equals(own) && isDirectoryOf(us, each)) {
                    deleteUnused(each);
                }
            }
        } catch (IOException | DirectoryIteratorException | UnsupportedOperationException unreadable) {
            System.err.println("Sluice could not list " + parent + ", to delete the temporary files of processes that"
                    + " were killed: " + unreadable.getMessage());
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

    /** Deletes the directory with its contents. */
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
            System.err.println("Sluice could not delete " + directory
                    + ", the temporary files of a process that was killed: " + kept.getMessage());
        }
    }
}
