package dev.sluice.page;

import dev.sluice.it.Container;
import dev.sluice.it.Launch;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Tests of the page at a server with default settings, where the simulator answers. */
abstract class PageTest extends VisitTest {
    @BeforeAll
    static void start() throws IOException {
        container = Container.Kind.JETTY.start(Launch.plain());
    }

    @AfterAll
    static void stop() {
        container.close();
    }
}
