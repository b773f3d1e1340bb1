package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The messages in Tomcat's default log when the application cannot start. */
@ExtendWith(LogsOnFailure.class)
final class StartFaultIT {
    @Test
    void setting_atFault_isToldInCatalinaOut() throws IOException {
        Launch launch = Launch.plain().env("SLUICE_ACCESS_KEY", "s3cret").with("sluice.heartbeat", "soon");
        try (Container tomcat = TomcatContainer.launchWithItsOwnLog(launch)) {
            String log = Eventually.until(
                    "Tomcat has given up the application",
                    Container.START,
                    () -> tomcat.process().log(),
                    text -> text.contains("startup failed due to previous errors"));
            assertThat(log)
                    .contains("SLUICE_ACCESS_KEY (environment variable): unknown name", "SLUICE_ACCESS_KEYS")
                    .contains("sluice.heartbeat = \"soon\"")
                    .containsPattern("Sluice \\d+\\.\\d+\\..* in Apache Tomcat/")
                    .doesNotContain("s3cret");
        }
    }
}
