package dev.sluice.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoversTest {
    @TempDir
    Path temporary = Path.of("set by JUnit");

    @Test
    void deleteBeside_whatAKilledRunHasLeft_isDeletedAndNothingElse() throws IOException {
        Path own = made("own");
        Path left = made("left");
        Files.writeString(Files.createDirectories(left.resolve("webapp")).resolve("file"), "x");
        Leftovers.lock(left).close();
        Path anothers = made("without-a-lock");
        try (FileChannel lock = Leftovers.lock(own)) {
            assertThat(lock.isOpen()).isTrue();
            Leftovers.deleteBeside(own);
        }
        assertThat(left).doesNotExist();
        assertThat(own).exists();
        assertThat(anothers).exists();
    }

    @Test
    void deleteBeside_whereNothingCanBeListed_isNoReasonNotToStart() {
        Path own = temporary.resolve("cannot be listed").resolve("own");
        assertThatCode(() -> Leftovers.deleteBeside(own)).doesNotThrowAnyException();
    }

    /** Several that start at once find the same ones. */
    @Test
    void deleteBeside_thatOthersDeleteAtTheSameTime_isNoReasonNotToStart() throws Exception {
        Path own = made("own");
        var done = new AtomicBoolean();
        var other = new Thread(() -> {
            while (!done.get()) {
                try {
                    Files.delete(made("brief"));
                } catch (IOException unexpected) {
                    throw new AssertionError(unexpected);
                }
            }
        });
        other.start();
        try {
            assertThatCode(() -> {
                        for (int i = 0; i < 3_000; i++) {
                            Leftovers.deleteBeside(own);
                        }
                    })
                    .doesNotThrowAnyException();
        } finally {
            done.set(true);
            other.join();
        }
    }

    private Path made(String name) throws IOException {
        return Files.createDirectory(temporary.resolve(Leftovers.PREFIX + name));
    }
}
