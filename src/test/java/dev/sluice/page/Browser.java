package dev.sluice.page;

import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/**
 * The machine's own browser, without a window. Belongs to the thread that launched it, as do its visits (Playwright asks
 * for that). A test that uses it is a {@link BrowserTest}, or carries {@code @Needs(program = "chromium")}.
 */
final class Browser implements AutoCloseable {
    /** No sandbox: CI may run as root, and the pages are ours. The rest keeps the browser off the network. */
    private static final List<String> CHROMIUM_SWITCHES = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    /** How long is waited for what a page should show or do: the machine may be busy with other tests. */
    static final double PATIENCE_MILLIS = 20_000;

    private final Engine engine;
    private final Playwright playwright;
    private final com.microsoft.playwright.Browser browser;

    private Browser(Engine engine, Playwright playwright, com.microsoft.playwright.Browser browser) {
        this.engine = engine;
        this.playwright = playwright;
        this.browser = browser;
    }

    static Browser launch() {
        return launch(Engine.CHROMIUM);
    }

    static Browser launch(Engine engine) {
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
        Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        BrowserType.LaunchOptions options = new BrowserType.LaunchOptions().setExecutablePath(engine.executable());
        return new Browser(
                engine,
                playwright,
                switch (engine) {
                    case CHROMIUM -> playwright.chromium().launch(options.setArgs(CHROMIUM_SWITCHES));
                    case FIREFOX -> playwright.firefox().launch(options.setChannel("moz-firefox"));
                });
    }

    /** Leaves the test out in all others, and says why. */
    void only(Engine wanted, String reason) {
        Assumptions.assumeTrue(engine == wanted, () -> "Not in " + engine + ": " + reason);
    }

    /** A visitor of the default kind: a desktop's window, English, light. */
    Visit visit(URI base) {
        return visit(base, new com.microsoft.playwright.Browser.NewContextOptions());
    }

    /** A visitor of a kind: a phone's window, another language, dark. Nothing is left of any earlier visitor. */
    Visit visit(URI base, com.microsoft.playwright.Browser.NewContextOptions kind) {
        if (engine == Engine.FIREFOX) {
            // It knows no permission by such a name, and lets tests use the clipboard without.
            kind.permissions = null;
        }
        if (kind.locale == null) {
            kind.setLocale("en-US");
        }
        return new Visit(browser.newContext(kind), base);
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
