package dev.sluice.page;

import dev.sluice.it.Container;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests of the page with a new visitor for each test. A test also fails if its visit has recorded an offence. */
abstract class VisitTest extends BrowserTest {
    /**
     * The container that serves the page. It is started once for all tests of a class, which run one after the other.
     */
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
