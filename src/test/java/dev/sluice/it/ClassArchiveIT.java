package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The documents' commands for a faster start of Jetty, with class data sharing. */
@ExtendWith(LogsOnFailure.class)
final class ClassArchiveIT {
    @Test
    void archive_ofAnEarlierRun_holdsOurClassesAndWhatTheyNeed() throws IOException {
        ArchivedJetty jetty = ArchivedJetty.prepare();
        try (ScriptedUpstream upstream = ScriptedUpstream.start()) {
            Launch launch = Launch.at(upstream.url());
            try (Container first = jetty.launchFirst(launch)) {
                first.awaitReady();
                answer(first, upstream);
                first.stop();
            }
            assertThat(jetty.archive()).as("the archive").isNotEmptyFile();

            Path classes = jetty.archive().resolveSibling("classes.log");
            try (Container second =
                    jetty.launch(launch.option("-Xlog:class+load:file=" + classes + ":none:filecount=0"))) {
                second.awaitReady();
                answer(second, upstream);
                second.stop();
                assertThat(second.process().log())
                        .as("complaints of the JVM")
                        .doesNotContain("[cds")
                        .doesNotContain("[aot");
            }
            assertThat(Files.readAllLines(classes))
                    .as("classes loaded")
                    .anyMatch(line -> isArchived(line, "dev.sluice.relay.Relay"))
                    .anyMatch(line -> isArchived(line, "org.eclipse.jetty.xml.XmlConfiguration"))
                    .anyMatch(line -> isArchived(line, "org.eclipse.jetty.server.Server"));
        }
    }

    @Test
    void setting_behindTheCommandThatWasWorkedOut_isRefused() throws IOException {
        assertThat(ArchivedJetty.prepare().refusal("jetty.http.port=" + ServerProcess.freePort()))
                .contains("Jetty would ignore jetty.http.port=", "--dry-run");
    }

    /** The test above runs its own commands; these have to be those of the page. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "--dry-run=opts,path,main,args,envs > /srv/sluice.args",
                "-XX:ArchiveClassesAtExit=/srv/sluice.jsa -Djetty.sluice.war=/srv/sluice @/srv/sluice.args",
                "-XX:SharedArchiveFile=/srv/sluice.jsa -Djetty.sluice.war=/srv/sluice @/srv/sluice.args",
                "`-XX:AOTCacheOutput=",
                "`-XX:AOTCache="
            })
    void page_ofTheFastStart_namesWhatIsTested(String part) throws IOException {
        assertThat(Documents.page("deploy/jetty.md")).contains(part);
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
}
