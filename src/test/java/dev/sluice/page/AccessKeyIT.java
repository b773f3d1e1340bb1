package dev.sluice.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import dev.sluice.it.Container;
import dev.sluice.it.Launch;
import java.io.IOException;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The page at a server that requires an access key. */
final class AccessKeyIT extends BrowserTest {
    private static final String KEY = "the-key-of-this-test";

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @BeforeAll
    static void start() throws IOException {
        container = Container.Kind.JETTY.start(Launch.plain()
                .with("sluice.access.keys", KEY)
                .with("sluice.callers.chromium.key", "key-of-Chromium")
                .with("sluice.callers.chromium.plan", "small")
                .with("sluice.callers.firefox.key", "key-of-Firefox")
                .with("sluice.callers.firefox.plan", "small")
                .with("sluice.plans.small.requests", "1/m")
                .with("sluice.plans.small.tokens", "20000/d"));
    }

    @AfterAll
    static void stop() {
        container.close();
    }

    @Test
    void key_isAskedForOnce_andKeptForTheSessionOnly() throws IOException {
        try (Visit visit = browser.visit(container.base())) {
            ChatWindow chat = new ChatWindow(visit.open("/"));
            enter(visit.page(), "not-the-key");
            enter(visit.page(), KEY);
            chat.awaitReady();
            chat.ask("hi");
            chat.awaitState("done");

            visit.page().reload();
            chat.awaitReady();
            assertThat(dialog(visit.page())).isHidden();
            chat.ask("again");
            chat.awaitState("done");

            assertThat(visit.page()
                            .evaluate("() => JSON.stringify({...localStorage})")
                            .toString())
                    .as("what outlives the session")
                    .doesNotContain(KEY);
            assertThat(visit.page().evaluate("() => document.cookie")).isEqualTo("");

            Page other = visit.context().newPage();
            other.navigate(container.base().toString());
            assertThat(dialog(other)).isVisible();
        }
    }

    @Test
    void key_thatIsNotGiven_leavesAPageThatSaysSo() throws IOException {
        try (Visit visit = browser.visit(container.base())) {
            ChatWindow chat = new ChatWindow(visit.open("/"));
            assertThat(dialog(visit.page())).isVisible();
            assertThat(visit.axeViolations()).as("of the question for the key").isEmpty();
            visit.page().keyboard().press("Escape");
            assertThat(dialog(visit.page())).isHidden();
            chat.ask("hi");
            assertThat(dialog(visit.page())).isVisible();
            visit.page().keyboard().press("Escape");
            chat.awaitState("failed");
            assertThat(chat.lastFailure()).containsText("access key");
        }
    }

    /** Each browser is a caller of its own, for the limits are used up by one test. */
    @Test
    void plan_isShownWithWhatIsLeft_andALimitThatIsReachedInWords() throws IOException {
        try (Visit visit = browser.visit(container.base())) {
            ChatWindow chat = new ChatWindow(visit.open("/"));
            enter(visit.page(), "key-of-" + engine);
            chat.awaitReady();
            Locator standing = visit.page().locator("#standing");
            assertThat(standing).containsText(engine.toString().toLowerCase(Locale.ROOT));
            assertThat(standing).containsText("Plan small");
            assertThat(standing).containsText("20,000 of 20,000 left");
            chat.ask("hi");
            chat.awaitState("done");
            assertThat(standing).not().containsText("20,000 of 20,000 left");
            assertThat(standing).containsText("0 of 1 left");

            chat.ask("again");
            chat.awaitState("failed");
            assertThat(chat.lastFailure()).containsText("A limit is reached");
            assertThat(chat.lastFailure()).containsText("Limit requests per minute of plan \"small\" reached");
            assertThat(chat.lastFailure()).containsText("You can ask again in ");
            assertThat(chat.lastFailure().locator("button")).isDisabled();
            assertThat(visit.axeViolations()).as("of a reached limit").isEmpty();
            visit.screenshot("limit");
        }
    }

    private static void enter(Page page, String key) {
        Locator dialog = dialog(page);
        assertThat(dialog).isVisible();
        dialog.getByLabel("Access key").fill(key);
        page.keyboard().press("Enter");
    }

    private static Locator dialog(Page page) {
        return page.locator("dialog#access");
    }
}
