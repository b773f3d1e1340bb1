package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.it.host.TokenFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Sluice in a host application that a library protects by a ServletContainerInitializer and by CSRF tokens. */
@ParameterizedClass
@EnumSource(Container.Kind.class)
@ExtendWith(LogsOnFailure.class)
final class GuardedHostIT {
    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @SuppressWarnings("unused") // start() has used it; JUnit wants it taken here too.
    GuardedHostIT(Container.Kind kind) {}

    @BeforeParameterizedClassInvocation
    static void start(Container.Kind kind) throws IOException {
        Path war = HostWar.makeGuarded();
        Launch launch = Launch.plain().option("-Djetty.sluice.war=" + war).option("-Dtest.war=" + war);
        container = switch (kind) {
            case JETTY -> JettyContainer.launch(launch);
            case TOMCAT -> TomcatContainer.launch("tomcat", launch);
        };
        Eventually.until("the guest answers", Container.START, GuardedHostIT::guestAnswers);
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        container.close();
    }

    @Test
    void post_withoutTheHostsToken_isRefusedByTheHost() throws IOException {
        try (RawClient client = RawClient.connect(container.base()).post("/sluice/chat", "{\"prompt\":\"Hi\"}")) {
            assertThat(client.status()).isEqualTo(403);
            assertThat(client.body()).isEqualTo(TokenFilter.REFUSAL);
        }
    }

    @Test
    @Needs(
            program = "curl",
            with = {"sh", "awk"})
    void recipe_forAHostWithTokens_getsTheStream() throws IOException {
        String page = Documents.page("clients.md");
        String begin = "```sh\ncurl -s -o /dev/null -c cookies";
        int at = page.indexOf(begin) + "```sh\n".length();
        assertThat(at).as("the place of the recipe").isGreaterThan(100);
        String recipe = page.substring(at, page.indexOf("```", at));
        try (Program shell = Program.start(
                List.of("sh", "-c", recipe),
                ServerProcess.newDirectory("recipe"),
                Map.of("SLUICE", container.base() + "/sluice", "no_proxy", "127.0.0.1"))) {
            assertThat(shell.finish(RawClient.PATIENCE.multipliedBy(2))).contains("event: done");
        }
    }

    /** A host application may have a binding of slf4j, and slf4j allows only one. */
    @Test
    void binding_ofSlf4j_isInOurWarAndNotForGuests() throws IOException {
        assertThat(Files.readString(Path.of("pom.xml")))
                .containsPattern(
                        "<artifactId>slf4j-jdk14</artifactId>\\s*<version>[^<]*</version>\\s*<scope>provided<");
        try (JarFile war = new JarFile(ServerProcess.property("test.war"))) {
            assertThat(war.stream().map(ZipEntry::getName).filter(name -> name.contains("slf4j-jdk14")))
                    .hasSize(1)
                    .allMatch(name -> name.startsWith("WEB-INF/lib/"));
        }
    }

    private static boolean guestAnswers() {
        if (!container.process().isAlive()) {
            throw new AssertionError(
                    "The server did not come up\n" + container.process().tail());
        }
        try (RawClient client = RawClient.connect(container.base()).get("/sluice/health/ready")) {
            return client.status() == 200;
        } catch (IOException | AssertionError notYet) {
            return false;
        }
    }
}
