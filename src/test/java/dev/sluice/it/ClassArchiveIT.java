package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The README's way to start Jetty faster: the WAR is unpacked, and one run archives classes for the later ones. */
@ExtendWith(LogsOnFailure.class)
final class ClassArchiveIT {
    @Test
    void archive_ofAnEarlierRun_holdsOurClassesAndWhatTheyNeed() throws IOException {
        Path directory = ServerProcess.newDirectory("archive");
        Path archive = directory.resolve("sluice.jsa");
        try (ScriptedUpstream upstream = ScriptedUpstream.start()) {
            Launch launch = Launch.at(upstream.url())
                    .with("jetty.sluice.war", unpackedWar(directory).toString());
            try (Container first = JettyContainer.launch(launch.option(recipe("ArchiveClassesAtExit", archive)))) {
                first.awaitReady();
                answer(first, upstream);
                first.stop();
            }
            assertThat(archive).as("the archive").isNotEmptyFile();

            Path classes = directory.resolve("classes.log");
            Launch later = launch.option(recipe("SharedArchiveFile", archive))
                    .option("-Xlog:class+load:file=" + classes + ":none:filecount=0");
            try (Container second = JettyContainer.launch(later)) {
                second.awaitReady();
                answer(second, upstream);
                second.stop();
                assertThat(second.process().log()).as("complaints of the JVM").doesNotContain("[cds");
            }
            assertThat(Files.readAllLines(classes))
                    .as("classes loaded")
                    .anyMatch(line -> isArchived(line, "dev.sluice.relay.Relay"))
                    .anyMatch(line -> isArchived(line, "org.eclipse.jetty.xml.XmlConfiguration"))
                    .anyMatch(line -> isArchived(line, "org.eclipse.jetty.start.Main"));
        }
    }

    private static Path unpackedWar(Path directory) throws IOException {
        Path target = directory.resolve("sluice");
        try (FileSystem war = FileSystems.newFileSystem(Path.of(ServerProcess.property("test.war")));
                Stream<Path> all = Files.walk(war.getPath("/"))) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Files.copy(path, target.resolve(path.toString().substring(1)));
            }
        }
        return target;
    }

    private static void answer(Container container, ScriptedUpstream upstream) throws IOException {
        try (RawClient client = RawClient.chat(container.base(), "hello")) {
            upstream.next().stream().token("one").finish();
            assertThat(client.rest().lastWords()).containsExactly("done");
        }
    }

    private static boolean isArchived(String line, String type) {
        return line.startsWith(type + " source: shared objects file");
    }

    /** The option as the README has it, with another file. */
    private static String recipe(String option, Path archive) throws IOException {
        Matcher match = Pattern.compile("-XX:" + option + "=\\S+").matcher(Files.readString(Path.of("README.md")));
        assertThat(match.find()).as("the README tells of %s", option).isTrue();
        return match.group().replaceFirst("=.*", "=" + Matcher.quoteReplacement(archive.toString()));
    }
}
