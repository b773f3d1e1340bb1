package dev.sluice.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.it.Container;
import dev.sluice.it.Documents;
import dev.sluice.it.Launch;
import dev.sluice.it.LogsOnFailure;
import dev.sluice.it.Needs;
import dev.sluice.it.Program;
import dev.sluice.it.ReverseProxy;
import dev.sluice.it.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The documents' commands for users without a browser, run unchanged. */
@Needs(
        program = "curl",
        with = {"perl", "sh"})
@ExtendWith(LogsOnFailure.class)
final class DoctorCurlIT {
    private static final String CHAPTER = "## Is it really streaming?";
    private static final String BEGIN = "```sh\n";
    private static final String END = "\n```";
    private static final Duration LONGEST = Duration.ofSeconds(60);

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @BeforeAll
    static void start() throws IOException {
        // Open to all, because requests through a proxy do not count as made on this machine.
        container = Container.Kind.JETTY.start(Launch.plain().with("sluice.access.open", "true"));
    }

    @AfterAll
    static void stop() {
        container.close();
    }

    @Test
    void direct_isLive() throws IOException {
        String verdict = verdict(container.base());
        // A busy machine can delay events by itself, but hardly in each run.
        for (int more = 0; more < 3 && !verdict.startsWith("live"); more++) {
            verdict = verdict(container.base());
        }
        assertThat(verdict).matches("live: 50 events over \\d+ ms, 95 in 100 at most \\d+ ms late\n");
    }

    @Test
    void scanner_isToldToBuffer() throws IOException {
        try (Middlebox box = Middlebox.scanner(container.base())) {
            assertThat(verdict(box.uri())).startsWith("buffered until the end: 50 events");
        }
    }

    @Test
    void boxThatCollects_isBursty() throws IOException {
        try (Middlebox box = Middlebox.collecting(container.base(), Duration.ofSeconds(1))) {
            assertThat(verdict(box.uri())).startsWith("bursty: 50 events");
        }
    }

    @Test
    void boxThatHangsUp_cuts() throws IOException {
        try (Middlebox box = Middlebox.limiting(container.base(), 2_000)) {
            assertThat(verdict(box.uri())).startsWith("cut: ");
        }
    }

    @Test
    void boxThatFails_blocks() throws IOException {
        try (Middlebox box = Middlebox.failing(container.base())) {
            assertThat(verdict(box.uri())).isEqualTo("blocked: HTTP/1.1 502 Bad Gateway, and no event\n");
        }
    }

    @Test
    void boxThatSaysNothing_blocks() throws IOException {
        try (Middlebox box = Middlebox.refusing(container.base())) {
            assertThat(verdict(box.uri())).isEqualTo("blocked: no answer, and no event\n");
        }
    }

    @Test
    @Needs(program = "nginx")
    void nginxThatCompresses_isToldToCompress() throws IOException {
        int port = container.base().getPort();
        try (ReverseProxy nginx = Nginx.start(Map.of("sluice", port, "lively", port))) {
            assertThat(verdict(nginx.at("gzip"))).startsWith("compressed: 50 events");
        }
    }

    private static String verdict(URI server) throws IOException {
        try (Program lines = Program.start(
                List.of("sh", "-c", lines()),
                ServerProcess.newDirectory("curl"),
                // No proxy of this machine may be used.
                Map.of("SLUICE", server.toString(), "no_proxy", "127.0.0.1"))) {
            return lines.finish(LONGEST);
        }
    }

    private static String lines() throws IOException {
        String page = Documents.page("page-and-doctor.md");
        int from = page.indexOf(BEGIN, page.indexOf(CHAPTER)) + BEGIN.length();
        String lines = page.substring(from, page.indexOf(END, from));
        assertThat(lines).as("the lines under " + CHAPTER).contains("/doctor/stream", "perl");
        return lines;
    }
}
