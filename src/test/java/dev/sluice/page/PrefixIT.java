package dev.sluice.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.it.Container;
import dev.sluice.it.Launch;
import dev.sluice.it.Needs;
import dev.sluice.it.ReverseProxy;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The page below a path that only the proxy knows. */
@Needs(program = "nginx")
final class PrefixIT extends BrowserTest {
    @Test
    void page_belowAPathOfTheProxys_worksAsAnywhere() throws IOException {
        try (Container container = Container.Kind.TOMCAT.start(Launch.plain().with("sluice.access.open", "true"));
                ReverseProxy nginx = Nginx.start(Map.of(
                        "sluice",
                        container.base().getPort(),
                        "lively",
                        container.base().getPort()));
                Visit visit = browser.visit(nginx.at("below"))) {
            ChatWindow chat = new ChatWindow(visit.open("/team/ai/"));
            chat.awaitReady();
            chat.ask("hi");
            chat.awaitState("done");
            visit.page().reload();
            chat.awaitReady();
            chat.awaitQuestions("hi");
            assertThat(chat.lastText().locator("pre")).isVisible();

            DoctorWindow doctor = new DoctorWindow(visit.open("/team/ai/#/doctor"));
            doctor.examine(20, 50);
            assertThat(doctor.kind()).as(doctor.report()).isEqualTo("live");
        }
    }
}
