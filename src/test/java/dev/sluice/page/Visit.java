package dev.sluice.page;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.options.ScreenshotCaret;
import dev.sluice.it.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

/**
 * One visitor's browser window. It records what must never happen: a violation of the content security policy or of
 * Trusted Types, an uncaught error, a dialog, a request to another server. Closing it fails if something was recorded.
 */
final class Visit implements AutoCloseable {
    /** Runs before any script of the page. It reports by the console, which works even if the page breaks. */
    private static final String WATCH = "addEventListener('securitypolicyviolation', event => console.error("
            + "`policy violated: ${event.effectiveDirective} by ${event.blockedURI} ${event.sample}`"
            + " + ` at ${event.sourceFile}:${event.lineNumber}`));";

    /** The browser's message for an error status, which tests cause on purpose. */
    private static final String STATUS_NOTED = "Failed to load resource: the server responded with a status of";

    private static final Pattern TOOLS_OWN = Pattern.compile(
            "inline style violates|style-src-elem by inline|blocked an inline style \\(style-src-elem\\)");

    private final BrowserContext context;
    private final Engine engine;
    private final URI base;
    private final Page page;
    private final List<String> offences = new CopyOnWriteArrayList<>();

    /** Used only by the visit's thread. */
    private boolean toolsHaveStyled;

    Visit(BrowserContext context, Engine engine, URI base) {
        this.context = context;
        this.engine = engine;
        this.base = base;
        context.setDefaultTimeout(Browser.PATIENCE_MILLIS);
        context.addInitScript(WATCH);
        context.onRequest(this::watch);
        context.onDialog(dialog -> {
            offences.add("a dialog: " + dialog.message());
            dialog.dismiss();
        });
        context.onConsoleMessage(message -> {
            if (message.type().equals("error") && !message.text().startsWith(STATUS_NOTED)) {
                offences.add("console: " + message.text() + " (" + message.location() + ")");
            }
        });
        context.onWebError(error -> offences.add("uncaught: " + error.error()));
        this.page = context.newPage();
    }

    /** The browser's page, which is empty at first. */
    Page page() {
        return page;
    }

    BrowserContext context() {
        return context;
    }

    /** Opens the page, or the path below it. */
    Page open(String path) {
        page.navigate(base.resolve(path).toString());
        return page;
    }

    /** What was recorded so far. */
    List<String> offences() {
        return List.copyOf(offences);
    }

    /** Removes recorded offences that contain this text, for a test that causes them. */
    void forgive(String text) {
        offences.removeIf(offence -> offence.contains(text));
    }

    /** The violations that axe finds in the page's current state, each with its places. */
    List<String> axeViolations() {
        toolsHaveStyled = true;
        List<String> before = offences();
        // Otherwise axe would evaluate its results in a tab of its own, which matters for frames of other origins only.
        List<String> found = new AxeBuilder(page)
                .setLegacyMode(true).analyze().getViolations().stream()
                        .map(Visit::told)
                        .toList();
        // Axe tries to add a style sheet to the page, which the policy blocks.
        offences.removeIf(offence ->
                !before.contains(offence) && TOOLS_OWN.matcher(offence).find());
        return found;
    }

    /** A screenshot. */
    byte[] pixels() {
        toolsHaveStyled = true;
        return page.screenshot(new Page.ScreenshotOptions().setCaret(ScreenshotCaret.INITIAL));
    }

    /** Writes {@code target/screenshots/<browser>/<name>.png}. */
    void screenshot(String name) {
        toolsHaveStyled = true;
        page.screenshot(new Page.ScreenshotOptions()
                .setCaret(ScreenshotCaret.INITIAL) // hiding the caret would need an inline style
                .setPath(Path.of(
                        ServerProcess.property("test.screenshots"),
                        engine.toString().toLowerCase(Locale.ROOT),
                        name + ".png")));
    }

    @Override
    public void close() throws IOException {
        context.close();
        if (toolsHaveStyled) {
            // Axe and, in Firefox, screenshots try to add a style to the page, which the policy blocks. Firefox reports
            // that late.
            offences.removeIf(offence -> TOOLS_OWN.matcher(offence).find());
        }
        if (!offences.isEmpty()) {
            throw new AssertionError("In the browser:\n" + String.join("\n", offences));
        }
    }

    private void watch(Request request) {
        URI target = URI.create(request.url());
        boolean own = target.getScheme().equals("data")
                || target.getScheme().equals("blob")
                || (base.getHost().equals(target.getHost()) && base.getPort() == target.getPort());
        if (!own) {
            offences.add("a request to " + request.url());
        }
    }

    private static String told(Rule rule) {
        return rule.getId() + " (" + rule.getImpact() + "): " + rule.getHelp() + " at "
                + rule.getNodes().stream()
                        .map(node -> node.getTarget() + " " + node.getFailureSummary())
                        .toList();
    }
}
