package dev.sluice.page;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;

/**
 * A browser that is installed on this machine, without a window. Only the thread that has launched it may use it and
 * its visits, as Playwright requires. A test that uses it is a {@link BrowserTest}. The test classes that run in one JVM
 * share it; each visit has its own data.
 */
final class Browser implements AutoCloseable {
    /**
     * The sandbox is off, because CI may run as root and the pages are trusted. The other switches keep the browser off
     * the network.
     */
    private static final List<String> CHROMIUM_SWITCHES = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    /** How long a test waits for something on a page. The machine may be busy with other tests. */
    static final double PATIENCE_MILLIS = 20_000;

    private final Engine engine;
    private final Playwright playwright;

    /** The running browsers by their preferences. Chromium needs only one. */
    private final Map<Map<String, Object>, com.microsoft.playwright.Browser> running = new HashMap<>();

    private Browser(Engine engine, Playwright playwright) {
        this.engine = engine;
        this.playwright = playwright;
    }

    /** The browser of the tests that run in one JVM. It is launched at the first call, and closed after the last test. */
    static Browser shared(Engine engine, ExtensionContext context) {
        return context.getStore(StoreScope.LAUNCHER_SESSION, Namespace.create(Browser.class))
                .computeIfAbsent(engine, Browser::launch, Browser.class);
    }

    private static Browser launch(Engine engine) {
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
        return new Browser(
                engine,
                Playwright.create(
                        new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))));
    }

    /** Skips the test in all other browsers, with this reason. */
    void only(Engine wanted, String reason) {
        Assumptions.assumeTrue(engine == wanted, () -> "Not in " + engine + ": " + reason);
    }

    /** A visitor with the default settings: a desktop window, English, light colours. */
    Visit visit(URI base) {
        return visit(base, new NewContextOptions());
    }

    /**
     * A visitor with other settings, such as a phone's window, another language or dark colours. It has no data of
     * earlier visitors.
     */
    Visit visit(URI base, NewContextOptions kind) {
        if (engine == Engine.FIREFOX) {
            // Firefox does not have these permissions, and lets tests use the clipboard without them.
            kind.permissions = null;
        }
        if (kind.locale == null) {
            kind.setLocale("en-US");
        }
        running.values().removeIf(browser -> !browser.isConnected()); // one that has crashed in an earlier test
        return new Visit(running.computeIfAbsent(preferences(kind), this::run).newContext(kind), engine, base);
    }

    /** Closes the browsers with preferences that few tests need. */
    void keepTheUsualOne() {
        Map<String, Object> usual = preferences(new NewContextOptions());
        running.forEach((preferences, browser) -> {
            if (!preferences.equals(usual)) {
                browser.close();
            }
        });
        running.keySet().retainAll(Set.of(usual));
    }

    @Override
    public void close() {
        running.values().forEach(com.microsoft.playwright.Browser::close);
        playwright.close();
    }

    /**
     * With WebDriver BiDi, Playwright emulates neither the colour scheme nor reduced motion. Firefox gets them as
     * preferences.
     */
    private Map<String, Object> preferences(NewContextOptions kind) {
        return switch (engine) {
            case CHROMIUM -> Map.of();
            case FIREFOX ->
                Map.of(
                        "layout.css.prefers-color-scheme.content-override",
                        Optional.of(ColorScheme.DARK).equals(kind.colorScheme) ? 0 : 1,
                        "ui.prefersReducedMotion",
                        Optional.of(ReducedMotion.REDUCE).equals(kind.reducedMotion) ? 1 : 0);
        };
    }

    private com.microsoft.playwright.Browser run(Map<String, Object> preferences) {
        BrowserType.LaunchOptions options = new BrowserType.LaunchOptions().setExecutablePath(engine.executable());
        return switch (engine) {
            case CHROMIUM -> playwright.chromium().launch(options.setArgs(CHROMIUM_SWITCHES));
            case FIREFOX ->
                playwright.firefox().launch(options.setChannel("moz-firefox").setFirefoxUserPrefs(preferences));
        };
    }
}
