package dev.sluice.page;

import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The machine's own Chromium, without a window. Belongs to the thread that launched it, as do its visits (Playwright
 * asks for that). A test that uses it carries {@code @Needs(program = "chromium")}.
 */
final class Browser implements AutoCloseable {
    /** How long is waited for what a page should show or do: the machine may be busy with other tests. */
    static final double PATIENCE_MILLIS = 20_000;

    private final Playwright playwright;
    private final com.microsoft.playwright.Browser chromium;

    private Browser(Playwright playwright, com.microsoft.playwright.Browser chromium) {
        this.playwright = playwright;
        this.chromium = chromium;
    }

    static Browser launch() {
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
        Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        BrowserType.LaunchOptions options = new BrowserType.LaunchOptions()
                .setExecutablePath(executable())
                // No sandbox: CI may run as root, and the pages are ours. The rest keeps the browser off the network.
                .setArgs(List.of(
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-quic",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync"));
        return new Browser(playwright, playwright.chromium().launch(options));
    }

    /** A visitor of the default kind: a desktop's window, English, light. */
    Visit visit(URI base) {
        return visit(base, new com.microsoft.playwright.Browser.NewContextOptions());
    }

    /** A visitor of a kind: a phone's window, another language, dark. Nothing is left of any earlier visitor. */
    Visit visit(URI base, com.microsoft.playwright.Browser.NewContextOptions kind) {
        if (kind.locale == null) {
            kind.setLocale("en-US");
        }
        return new Visit(chromium.newContext(kind), base);
    }

    @Override
    public void close() {
        chromium.close();
        playwright.close();
    }

    private static Path executable() {
        String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
        return Stream.of(path.split(Pattern.quote(File.pathSeparator), -1))
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, "chromium"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("No chromium on the PATH"));
    }
}
