package dev.sluice.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.it.Container;
import dev.sluice.it.Eventually;
import dev.sluice.it.Exchange;
import dev.sluice.it.Launch;
import dev.sluice.it.ScriptedUpstream;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The documents' code for a web page, run unchanged in a page. */
final class BrowserRecipesIT extends BrowserTest {
    @SuppressWarnings("NullAway.Init")
    private static String recipe;

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @BeforeAll
    static void start() throws IOException {
        recipe = Recipe.block("js", 0);
        upstream = ScriptedUpstream.start();
        container = Container.Kind.TOMCAT.start(Launch.at(upstream.url()));
    }

    @AfterAll
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    @Test
    void xmlHttpRequest_showsEachPieceAsItComes() throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        try (Visit visit = browser.visit(container.base())) {
            visit.open("/")
                    .evaluate("() => { " + recipe
                            + "; window.said = []; ask('Why?', text => window.said.push(text),"
                            + " (type) => window.said.push(type)); }");
            Exchange exchange = nextPrompt();
            assertThat(exchange.prompt()).isEqualTo("Why?");
            exchange.stream().token("a\nb");
            awaitSaid(visit, "[\"a\\nb\"]");
            exchange.token("ü");
            awaitSaid(visit, "[\"a\\nb\",\"ü\"]");
            exchange.finish();
            awaitSaid(visit, "[\"a\\nb\",\"ü\",\"done\"]");
        }
    }

    @Test
    void xmlHttpRequest_whereThePageHasATokenOfTheHost_sendsIt() throws IOException {
        upstream.script(exchange -> exchange.stream().token("a\nb").finish());
        try (Visit visit = browser.visit(container.base())) {
            visit.open("/");
            assertThat(headerSent(visit, "document.cookie = 'XSRF-TOKEN=a%2Fb'", "x-xsrf-token"))
                    .isEqualTo("a/b");
            nextPrompt(); // otherwise the next test would get this request
            assertThat(headerSent(visit, meta("_csrf", "c-d") + meta("_csrf_header", "X-Host"), "x-host"))
                    .isEqualTo("c-d");
            nextPrompt();
        }
    }

    /** The next request for an answer. The page's requests for the models are skipped. */
    private static Exchange nextPrompt() throws IOException {
        Exchange exchange = upstream.next();
        while (!exchange.head().startLine().startsWith("POST")) {
            exchange = upstream.next();
        }
        return exchange;
    }

    private static String meta(String name, String content) {
        return "var meta = document.createElement('meta'); meta.name = '" + name + "'; meta.content = '" + content
                + "'; document.head.appendChild(meta);";
    }

    /** The value of the header that the code sends, after the page has done something. */
    private static String headerSent(Visit visit, String done, String header) {
        return visit.page()
                .waitForRequest(request -> request.url().endsWith("/chat"), () -> visit.page()
                        .evaluate("() => { " + done + "; " + recipe + "; ask('Why?', () => {}, () => {}); }"))
                .headers()
                .getOrDefault(header, "not sent");
    }

    private static void awaitSaid(Visit visit, String all) {
        Eventually.until(
                "the page has got it",
                Duration.ofSeconds(20),
                () -> String.valueOf(visit.page().evaluate("() => JSON.stringify(window.said)")),
                all::equals);
    }
}
