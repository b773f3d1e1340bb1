package dev.sluice.page;

import com.microsoft.playwright.Page;
import java.net.URI;
import java.util.Map;

/** The page's modules in a browser without the page, so that nothing else runs there. */
final class Modules {
    /** A file of the server that contains no script. */
    private static final String QUIET = "/i18n/en.json";

    private static final String NAMES = "const [conversations, stores, exchange, files, imported, words, search] ="
            + " await Promise.all(['conversations/conversation', 'conversations/store', 'conversations/exchange',"
            + " 'conversations/conversations-file', 'conversations/imported', 'base/language', 'conversations/search']"
            + ".map(name => import(`/js/${name}.js`))); await words.loadLanguage('en');";

    private final Page page;

    private Modules(Page page) {
        this.page = page;
    }

    static Modules in(Visit visit) {
        visit.open(QUIET);
        return new Modules(visit.page());
    }

    /** The modules in another tab of the same visitor. */
    static Modules inAnotherTab(Visit visit) {
        Page page = visit.context().newPage();
        page.navigate(URI.create(visit.page().url()).resolve(QUIET).toString());
        return new Modules(page);
    }

    Page page() {
        return page;
    }

    /**
     * Runs the body of an async function.
     *
     * @param script may use the modules' names above, {@code argument}, and what it has stored in {@code window}
     */
    Object run(String script, Object argument) {
        return page.evaluate("async argument => {" + NAMES + script + "}", argument);
    }

    Object run(String script) {
        return run(script, Map.of());
    }

    String text(String script, Object argument) {
        return String.valueOf(run(script, argument));
    }

    String text(String script) {
        return text(script, Map.of());
    }
}
