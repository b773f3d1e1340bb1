package dev.sluice.page;

import dev.sluice.it.LogsOnFailure;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;

/** Tests of the page that run once in each browser of this machine. */
@InEachBrowser
@ExtendWith(LogsOnFailure.class)
abstract class BrowserTest {
    /** The browser of the current run. All tests run in one thread, one after the other. */
    @SuppressWarnings("NullAway.Init")
    static Browser browser;

    @Parameter
    @SuppressWarnings("NullAway.Init")
    Engine engine;

    @BeforeParameterizedClassInvocation
    static void launchBrowser(Engine engine) {
        browser = Browser.launch(engine);
    }

    @AfterParameterizedClassInvocation
    static void closeBrowser() {
        browser.close();
    }
}
