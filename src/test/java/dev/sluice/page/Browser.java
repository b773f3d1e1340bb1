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
import org.junit.jupiter.api.Assumptions;

/**
 * The machine's own browser, without a window. Belongs to the thread that launched it, as do its visits (Playwright asks
 * for that). A test that uses it is a {@link BrowserTest}.
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

    /** The running browsers by their preferences. Chromium needs one only, which has none. */
    private final Map<Map<String, Object>, com.microsoft.playwright.Browser> running = new HashMap<>();

    private Browser(Engine engine, Playwright playwright) {
        this.engine = engine;
        this.playwright = playwright;
    }

    static Browser launch(Engine engine) {
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
        return new Browser(
                engine,
                Playwright.create(
                        new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))));
    }

    /** Leaves the test out in all others, and says why. */
    void only(Engine wanted, String reason) {
        Assumptions.assumeTrue(engine == wanted, () -> "Not in " + engine + ": " + reason);
    }

    /** A visitor of the default kind: a desktop's window, English, light. */
    Visit visit(URI base) {
        return visit(base, new NewContextOptions());
    }

    /** A visitor of a kind: a phone's window, another language, dark. Nothing is left of any earlier visitor. */
    Visit visit(URI base, NewContextOptions kind) {
        if (engine == Engine.FIREFOX) {
            // It knows no permission by such a name, and lets tests use the clipboard without.
            kind.permissions = null;
        }
        if (kind.locale == null) {
            kind.setLocale("en-US");
        }
        return new Visit(running.computeIfAbsent(preferences(kind), this::run).newContext(kind), engine, base);
    }

    @Override
    public void close() {
        running.values().forEach(com.microsoft.playwright.Browser::close);
        playwright.close();
    }

    /** By WebDriver BiDi, Playwright emulates neither colours nor reduced motion: a Firefox has them as preferences. */
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
