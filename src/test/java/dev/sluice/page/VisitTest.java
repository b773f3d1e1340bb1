package dev.sluice.page;

import dev.sluice.it.Container;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests of the page with a visitor of its own for each. It fails, too, if something happened that must never happen. */
abstract class VisitTest extends BrowserTest {
    /** The one that serves the page, started once for all tests of a class, which run one after the other. */
    @SuppressWarnings("NullAway.Init")
    static Container container;

    @SuppressWarnings("NullAway.Init")
    Visit visit;

    @BeforeEach
    final void enter() {
        visit = browser.visit(container.base());
    }

    @AfterEach
    final void leave() throws IOException {
        visit.close();
    }
}
