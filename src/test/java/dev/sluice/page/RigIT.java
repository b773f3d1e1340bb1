package dev.sluice.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import dev.sluice.it.Container;
import dev.sluice.it.Launch;
import dev.sluice.it.LogsOnFailure;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The watch over the page notices what it is there for: without this, "no violation" would mean nothing. */
@ExtendWith(LogsOnFailure.class)
final class RigIT extends BrowserTest {
    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @BeforeAll
    static void start() throws IOException {
        container = Container.Kind.JETTY.start(Launch.plain());
    }

    @AfterAll
    static void stop() {
        container.close();
    }

    @Test
    void inlineStyleAndMarkup_areViolationsThatAreNoticed() {
        Visit visit = browser.visit(container.base());
        Page page = visit.open("/");
        page.evaluate("() => document.body.setAttribute('style', 'color: red')");
        assertThatThrownBy(() -> page.evaluate("() => { document.body.innerHTML = '<b>bold</b>'; }"))
                .isInstanceOf(PlaywrightException.class)
                .hasMessageContaining(engine == Engine.CHROMIUM ? "TrustedHTML" : "Sink type mismatch");
        assertThatThrownBy(visit::close)
                .hasMessageContaining("policy violated: style-src")
                .hasMessageContaining("policy violated: require-trusted-types-for");
    }

    @Test
    void requestElsewhere_isNoticed() {
        Visit visit = browser.visit(container.base());
        visit.open("/").evaluate("() => fetch('http://127.0.0.1:1/').catch(() => 0)");
        assertThatThrownBy(visit::close).hasMessageContaining("127.0.0.1:1");
    }

    @Test
    void errorThatNobodyCatches_isNoticed() {
        Visit visit = browser.visit(container.base());
        Page page = visit.open("/");
        page.evaluate("() => new Promise(done => setTimeout(() => { done(); throw new Error('lost'); }))");
        page.evaluate("() => new Promise(requestAnimationFrame)");
        assertThatThrownBy(visit::close).hasMessageContaining("lost");
    }

    @Test
    void imageWithoutWords_isFoundByAxe() throws IOException {
        try (Visit visit = browser.visit(container.base())) {
            visit.open("/").evaluate("() => document.body.append(document.createElement('button'))");
            assertThat(visit.axeViolations()).anyMatch(violation -> violation.startsWith("button-name"));
        }
    }
}
