package dev.sluice.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.it.Container;
import dev.sluice.it.Launch;
import dev.sluice.it.Needs;
import dev.sluice.it.ReverseProxy;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The stream doctor behind a real nginx, with right and wrong settings. */
@Needs(program = "nginx")
final class DoctorNginxIT extends BrowserTest {
    /** The browser's message for an aborted connection. */
    private static final String CUT = "net::ERR_";

    /** nginx's timeout, with a tolerance for a busy machine. */
    private static final String CUT_AFTER_2_S = "Cut after (1\\.[5-9]|2\\.[0-9]) s of silence";

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    /** A container with frequent heartbeats. */
    @SuppressWarnings("NullAway.Init")
    private static Container lively;

    @SuppressWarnings("NullAway.Init")
    private static ReverseProxy nginx;

    @BeforeAll
    static void start() throws IOException {
        // Open to all, because requests through a proxy do not count as made on this machine.
        Launch open = Launch.plain().with("sluice.access.open", "true");
        container = Container.Kind.JETTY.start(open);
        lively = Container.Kind.JETTY.start(open.with("sluice.heartbeat", "500ms"));
        nginx = Nginx.start(Map.of(
                "sluice", container.base().getPort(), "lively", lively.base().getPort()));
    }

    @AfterAll
    static void stop() {
        nginx.close();
        container.close();
        lively.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "http11"})
    void nginx_thatHeedsOurHeader_isLive(String server) throws IOException {
        try (Visit visit = browser.visit(nginx.at(server))) {
            DoctorWindow doctor = DoctorWindow.open(visit);
            doctor.examine(50, 40);
            assertThat(doctor.kind()).as(doctor.report()).isEqualTo("live");
            assertThat(doctor.culprits()).singleElement().asString().contains("nginx: server: nginx");
            assertThat(doctor.opened()).isEmpty();
        }
    }

    @Test
    void nginx_thatIgnoresOurHeader_isBuffering() throws IOException {
        try (Visit visit = browser.visit(nginx.at("buffering"))) {
            DoctorWindow doctor = DoctorWindow.open(visit);
            doctor.examine(50, 40);
            assertThat(doctor.kind()).as(doctor.report()).isEqualTo("buffered");
            assertThat(doctor.verdict().innerText()).contains("proxy_http_version 1.1");
            assertThat(doctor.opened()).containsExactly("nginx");
            assertThat(doctor.settings()).contains("proxy_buffering off;");
            visit.screenshot("doctor-buffered");
        }
    }

    @Test
    void nginx_thatIgnoresOurHeader_sendsLongStreamsInBursts() throws IOException {
        try (Visit visit = browser.visit(nginx.at("buffering"))) {
            DoctorWindow doctor = DoctorWindow.open(visit);
            doctor.examine(400, 10);
            assertThat(doctor.kind()).as(doctor.report()).isEqualTo("bursty");
            assertThat(doctor.opened()).containsExactly("nginx");
        }
    }

    @Test
    void nginx_thatCompressesAndBuffers_isNamedForIt() throws IOException {
        try (Visit visit = browser.visit(nginx.at("gzip"))) {
            DoctorWindow doctor = DoctorWindow.open(visit);
            doctor.examine(50, 40);
            assertThat(doctor.kind()).as(doctor.report()).isEqualTo("compressed");
            assertThat(doctor.verdict().innerText()).contains("gzip");
            assertThat(doctor.opened()).containsExactly("nginx");
            assertThat(doctor.settings()).startsWith("location / {\n    gzip off;");
        }
    }

    @Test
    void nginx_thatCompressesEachEvent_isLiveWithAWarning() throws IOException {
        try (Visit visit = browser.visit(nginx.at("flushed"))) {
            DoctorWindow doctor = DoctorWindow.open(visit);
            doctor.examine(50, 40);
            assertThat(doctor.kind()).as(doctor.report()).isEqualTo("live");
            assertThat(doctor.verdict().innerText()).contains("compressed on its way (gzip)");
            assertThat(doctor.opened()).containsExactly("nginx");
        }
    }

    @Test
    void silence_thatHeartbeatsComeTooSeldomFor_isCut() throws IOException {
        Visit visit = browser.visit(nginx.at("impatient"));
        DoctorWindow doctor = DoctorWindow.open(visit);
        doctor.testSilences("4");
        assertThat(doctor.silenceKind()).as("%s", doctor.silences()).isEqualTo("sparse");
        assertThat(doctor.silences()).hasSize(2).allMatch(row -> row.matches(".* " + CUT_AFTER_2_S));
        assertThat(doctor.silenceVerdict().innerText()).contains("Cut after", "sluice.heartbeat=1s");
        assertThat(doctor.opened()).containsExactly("nginx");
        assertThat(doctor.settings()).startsWith("location / {\n    proxy_read_timeout 1h;");
        visit.forgive(CUT);
        visit.close();
    }

    @Test
    void silence_withHeartbeats_isKeptAlive() throws IOException {
        Visit visit = browser.visit(nginx.at("impatient-lively"));
        DoctorWindow doctor = DoctorWindow.open(visit);
        doctor.testSilences("4");
        assertThat(doctor.silenceKind()).as("%s", doctor.silences()).isEqualTo("saved");
        assertThat(doctor.silences().get(0)).matches("4 s without " + CUT_AFTER_2_S);
        assertThat(doctor.silences().get(1)).matches("4 s with Held, with [5-8] heartbeats");
        assertThat(doctor.silenceVerdict().innerText()).contains("heartbeats keep it alive");
        visit.screenshot("doctor-silences");
        visit.forgive(CUT);
        visit.close();
    }
}
