package dev.sluice.page;

import dev.sluice.it.LogsOnFailure;
import java.util.function.Function;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;

/** Tests of the page that run once in each browser of this machine. */
@InEachBrowser
@ExtendWith({LogsOnFailure.class, BrowserTest.Sharing.class})
abstract class BrowserTest {
    /** Why axe looks at a state in one browser only. {@link LookIT} has it look at the page in each. */
    static final String SAME_FOR_AXE = "Axe reads the document and its styles, which are the same in each browser";

    /** The browser of the current run. All tests run in one thread, one after the other. */
    @SuppressWarnings("NullAway.Init")
    static Browser browser;

    /** The browsers of this JVM. Set before the first test of each class. */
    @SuppressWarnings("NullAway.Init")
    private static Function<Engine, Browser> browsers;

    @Parameter
    @SuppressWarnings("NullAway.Init")
    Engine engine;

    @BeforeParameterizedClassInvocation
    static void enterBrowser(Engine engine) {
        browser = browsers.apply(engine);
    }

    @AfterParameterizedClassInvocation
    static void leaveBrowser() {
        browser.keepTheUsualOne();
    }

    /** Finds the browsers that all test classes share. */
    static final class Sharing implements BeforeAllCallback {
        @Override
        public void beforeAll(ExtensionContext context) {
            browsers = engine -> Browser.shared(engine, context);
        }
    }
}
