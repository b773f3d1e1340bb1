package dev.sluice.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rendering of answers: correct in whatever pieces they are received, safe whatever they contain, and fast. */
final class MarkdownIT extends PageTest {
    private static final int TOKENS = 5000;
    private static final String NO_THREAD_TIME = "Firefox tells nobody how long a page's main thread has worked";

    /**
     * The limit for this number of tokens, in seconds of the page's main thread, without the time that empty frames
     * take.
     */
    private static final double LONGEST_RENDERING = 2;

    @ParameterizedTest
    @ValueSource(strings = {"rich.md", "hostile.md"})
    void anyChunking_ofAnAnswer_comesToTheSameAsOnePass(String name) throws IOException {
        try (Visit visit = browser.visit(container.base())) {
            Page page = viewsIn(visit);
            page.setDefaultTimeout(180_000);
            Object faults =
                    page.evaluate(resource("chunkings.js"), Map.of("text", resource(name), "runs", 36, "seed", 7));
            assertThat((List<?>) faults).isEmpty();
        }
    }

    @Test
    void finishedBlocks_whileMoreArrives_areNotTouched() throws IOException {
        try (Visit visit = browser.visit(container.base())) {
            Object seen = viewsIn(visit)
                    .evaluate("""
                    async ({ before, after }) => {
                      const { element, view } = window.newView();
                      view.append(before);
                      window.renderNow();
                      await view.settled();
                      const finished = [...element.children].slice(0, -1);
                      getSelection().selectAllChildren(element.querySelector('h3'));
                      const selected = getSelection().toString();
                      const changes = [];
                      const observer = new MutationObserver((records) => changes.push(...records));
                      finished.forEach((block) => observer.observe(block,
                          { subtree: true, childList: true, characterData: true, attributes: true }));
                      for (const character of after) {
                        view.append(character);
                        window.renderNow();
                      }
                      view.finish();
                      changes.push(...observer.takeRecords());
                      return [finished.length > 5, changes.length, finished.every((block) => block.isConnected),
                        selected !== '' && getSelection().toString() === selected];
                    }
                    """, Map.of("before", MixedMarkdown.of(3000), "after", MixedMarkdown.of(1000)));
            assertThat((List<?>) seen).isEqualTo(List.of(true, 0, true, true));
        }
    }

    @Test
    void listThatTurnsLoose_keepsItsItemsAndTheirSelection() throws IOException {
        try (Visit visit = browser.visit(container.base())) {
            Object seen = viewsIn(visit).evaluate("""
                    () => {
                      const { element, view } = window.newView();
                      view.append('- one\\n- two\\n- three');
                      window.renderNow();
                      const words = element.querySelector('li p').firstChild;
                      const tight = element.firstChild.className;
                      view.append('\\n\\n- four');
                      window.renderNow();
                      return [tight, element.firstChild.className, words.isConnected, element.textContent];
                    }
                    """);
            assertThat((List<?>) seen).isEqualTo(List.of("tight", "", true, "onetwothreefour"));
        }
    }

    @Test
    void openMarks_atTheEndOfWhatHasArrived_areNotShown() throws IOException {
        try (Visit visit = browser.visit(container.base())) {
            Object flashes = viewsIn(visit).evaluate("""
                    () => {
                      const { element, view } = window.newView();
                      const text = 'Some **bold words** and `code here`, *slanted*, a [link](https://example.org/a).\\n'
                        + '- item\\n- item\\n\\n| a | b |\\n|---|---|\\n| 1 | 2 |\\n\\n```js\\nx = 1;\\n```\\n\\n## Heading\\n';
                      const flashes = new Set();
                      for (const character of text) {
                        view.append(character);
                        window.renderNow();
                        const shown = element.textContent;
                        if (/[*`|#]|\\]\\(/.test(shown) || element.querySelector('h3.h2')?.textContent.startsWith('Some')) {
                          flashes.add(shown);
                        }
                      }
                      return [...flashes];
                    }
                    """);
            assertThat((List<?>) flashes).isEmpty();
        }
    }

    @Test
    void hostileAnswer_staysWithinWhatAnswersMayContain_andNothingRunsOrLeaves() throws IOException {
        try (Visit visit = browser.visit(container.base())) {
            Page page = viewsIn(visit);
            page.evaluate("async text => { await window.onePass(text); }", resource("hostile.md"));
            assertThat((List<?>) page.evaluate(resource("outside.js"))).isEmpty();
            assertThat(page.locator(".code .bidi").allTextContents()).contains("U+202E", "U+2066");
            assertThat(page.locator(".markdown").textContent())
                    .doesNotContain("\u202e")
                    .doesNotContain("\u202d");
            assertThat(page.locator(".markdown a").allTextContents())
                    .contains("https://bank.example (evil.example)", "bank.example/login (evil.example)");
            assertThat(page.locator(".markdown img").count()).isEqualTo(1);
            page.evaluate(
                    "text => { const { view } = window.newView();"
                            + " for (const c of text) { view.append(c); window.renderNow(); } view.finish(); }",
                    resource("hostile.md"));
            assertThat((List<?>) page.evaluate(resource("outside.js"))).isEmpty();
            page.evaluate("() => new Promise(resolve => setTimeout(resolve, 500))"); // for requests that might follow
        }
    }

    /**
     * Renders the same without CSS containment, in separate formatting contexts. Text that is clipped, or numbered in
     * another way, makes a difference.
     */
    @Test
    void numbersAndFocusRings_areWhole_andListsAreNumberedAsWritten() throws IOException {
        String text = "1. a\n2. b\n3. c\n\n[first](https://a.org/) word\n\n98. a\n99. b\n100. c\n\n- x\n\n"
                + "123456788. y\n   1. z\n   2. z\n123456789. y";
        try (Visit visit = browser.visit(container.base())) {
            Page page = viewsIn(visit);
            page.evaluate(
                    "async text => { await window.onePass(text); document.querySelector('main a').focus(); }", text);
            assertThat(page.locator("main > ol[start='98']")).hasClass(Pattern.compile("digits-3"));
            byte[] shown = visit.pixels();
            page.evaluate("() => document.querySelectorAll('main > *').forEach(({ style }) => {"
                    + " style.contain = 'none'; style.display = 'flow-root'; })");
            assertThat(Arrays.equals(shown, visit.pixels()))
                    .as("the same pixels")
                    .isTrue();
            // The comparison detects such a difference.
            page.evaluate("() => document.querySelectorAll('main > *').forEach(({ style }) => {"
                    + " style.contain = 'content'; })");
            assertThat(Arrays.equals(shown, visit.pixels()))
                    .as("the same pixels")
                    .isFalse();
        }
    }

    @Test
    void footnotes_areShownAsTheyWereWritten() throws IOException {
        String text =
                "a[^1] and[^2]\n[^1]: Text\n[^2]: https://x.example/\nlazy\n\n> [^3]: Quoted\n\n[a]: http://y.example\n[a]";
        try (Visit visit = browser.visit(container.base())) {
            Page page = viewsIn(visit);
            page.evaluate("async text => { await window.onePass(text); }", text);
            assertThat(page.locator("main p")).hasText(new String[] {
                "a[^1] and[^2]", "[^1]: Text", "[^2]: https://x.example/ lazy", "[^3]: Quoted", "a"
            });
            assertThat(page.locator("main a")).hasText(new String[] {"https://x.example/", "a"});
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {">", "[", "- ", "*a ", "**a", "`a``", "![", "((", "$", "\\(", "1) ", "|", "&", "<a:", "~~a_"})
    void manyOpeners_doNotHang(String opener) throws IOException {
        try (Visit visit = browser.visit(container.base())) {
            Object seen = viewsIn(visit).evaluate("""
                    async (opener) => {
                      const begin = performance.now();
                      const text = opener.repeat(10_000);
                      const { element, view } = window.newView();
                      for (let at = 0; at < text.length; at += text.length / 20) {
                        view.append(text.slice(at, at + text.length / 20));
                        window.renderNow();
                      }
                      view.finish();
                      await view.settled();
                      let depth = 0;
                      for (let node = element; node; node = node.lastElementChild) {
                        depth++;
                      }
                      return [depth, Math.round(performance.now() - begin)];
                    }
                    """, opener);
            List<?> numbers = (List<?>) seen;
            System.out.printf("10,000 times %s: depth %s, %s ms%n", opener, numbers.get(0), numbers.get(1));
            assertThat((Integer) numbers.get(0)).as("depth").isLessThan(100);
            assertThat((Integer) numbers.get(1)).as("milliseconds").isLessThan(10_000);
        }
    }

    @Test
    void code_copiedByItsButtonOrBySelecting_isTheCode() throws IOException {
        NewContextOptions kind = new NewContextOptions().setPermissions(List.of("clipboard-read", "clipboard-write"));
        try (Visit visit = browser.visit(container.base(), kind)) {
            Page page = viewsIn(visit);
            String code = "function f() {\n  return `a\n\n  b`;\n}\n".repeat(30).stripTrailing();
            page.evaluate("async text => { await window.onePass(text); }", "```js\n" + code + "\n```\n");
            page.locator(".code button").click();
            assertThat(page.locator(".code button")).hasText("Copied");
            assertThat(page.evaluate("() => navigator.clipboard.readText()")).isEqualTo(code);
            Object selected = page.evaluate("() => { getSelection().selectAllChildren(document.querySelector('pre'));"
                    + " return getSelection().toString(); }");
            assertThat(((String) selected).stripTrailing()).isEqualTo(code);
            assertThat(page.locator(".code .hljs-keyword").count()).isEqualTo(60);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LIGHT", "DARK"})
    void richAnswer_isAccessible(ColorScheme scheme) throws IOException {
        browser.only(Engine.CHROMIUM, SAME_FOR_AXE);
        try (Visit visit = browser.visit(container.base(), new NewContextOptions().setColorScheme(scheme))) {
            Page page = viewsIn(visit);
            page.evaluate(
                    "async text => { await window.onePass(text); const heading = document.createElement('h1');"
                            + " heading.textContent = 'Chat'; const second = document.createElement('h2');"
                            + " second.textContent = 'Answer'; document.querySelector('main').prepend(heading, second); }",
                    resource("rich.md"));
            assertThat(visit.axeViolations()).isEmpty();
            visit.screenshot("markdown-" + scheme.name().toLowerCase(Locale.ROOT));
        }
    }

    @Test
    void fiveThousandTokens_atAHundredASecond_costTwoSecondsAtMost() throws IOException {
        browser.only(Engine.CHROMIUM, NO_THREAD_TIME);
        String text = MixedMarkdown.of(20_000);
        try (Visit visit = browser.visit(container.base())) {
            Page page = viewsIn(visit);
            Cost frames = cost(page, "", TOKENS / 10, 1);
            Cost all = cost(page, text, TOKENS, 1);
            Cost slow = cost(page, text.substring(0, text.length() / 5), TOKENS / 5, 4);
            System.out.printf(
                    "5,000 tokens of mixed Markdown: %s%na tenth of the frames with nothing in them: %s%n"
                            + "the first 1,000 tokens on a CPU four times as slow: %s%n",
                    all, frames, slow);
            // Other processes can only lengthen a step, so the least time is the most exact.
            double least = all.render() - 10 * frames.render();
            for (int more = 0; more < 4 && least >= LONGEST_RENDERING; more++) {
                least = Math.min(least, cost(page, text, TOKENS, 1).render() - 10 * frames.render());
            }
            assertThat(least).as("seconds of rendering: %s", all).isLessThan(LONGEST_RENDERING);
        }
    }

    @Test
    void twentyKilobytesOfCode_onASlowCpu_areColouredInSmallSteps() throws IOException {
        browser.only(Engine.CHROMIUM, NO_THREAD_TIME);
        String code = "```java\n" + MarkdownIT.java().repeat(3).substring(0, 20_000) + "\n```\n";
        try (Visit visit = browser.visit(container.base())) {
            Page page = viewsIn(visit);
            System.out.printf("20 KB of code on a CPU four times as slow: %s%n", cost(page, code, TOKENS / 5, 4));
            assertThat(page.locator(".code .hljs-keyword").count()).isGreaterThan(100);
        }
    }

    private static String java() {
        return """
                /** Says how long it took.
                 * In more than one line. */
                public final class Clock implements AutoCloseable {
                    private final long start = System.nanoTime();
                    @Override
                    public void close() throws IOException {
                        // nothing to do
                        System.out.println("It took " + (System.nanoTime() - start) / 1_000_000 + " ms");
                    }
                }
                """.repeat(20);
    }

    /**
     * Streams a text of this number of tokens, 1.7 a frame. It measures thread time, so that a busy machine does not
     * matter.
     */
    private static Cost cost(Page page, String text, int tokens, int slowdown) {
        CDPSession session = page.context().newCDPSession(page);
        try {
            JsonObject rate = new JsonObject();
            rate.addProperty("rate", slowdown);
            session.send("Emulation.setCPUThrottlingRate", rate);
            JsonObject domain = new JsonObject();
            domain.addProperty("timeDomain", "threadTicks");
            session.send("Performance.enable", domain);
            Map<String, Double> before = metrics(session);
            Map<?, ?> run = (Map<?, ?>)
                    page.evaluate(resource("stream.js"), Map.of("text", text, "tokens", tokens, "perFrame", 1.7));
            Map<String, Double> after = metrics(session);
            before.forEach((name, value) -> after.merge(name, -value, Double::sum));
            return new Cost(after, run.toString());
        } finally {
            session.detach();
        }
    }

    private static Map<String, Double> metrics(CDPSession session) {
        Map<String, Double> metrics = new TreeMap<>();
        session.send("Performance.getMetrics")
                .getAsJsonArray("metrics")
                .forEach(metric -> metrics.put(
                        metric.getAsJsonObject().get("name").getAsString(),
                        metric.getAsJsonObject().get("value").getAsDouble()));
        return metrics;
    }

    private static Page viewsIn(Visit visit) {
        // The page's own script would look for the elements that are removed here.
        visit.page()
                .route(
                        "**/js/main.js",
                        route -> route.fulfill(new Route.FulfillOptions()
                                .setContentType("text/javascript")
                                .setBody("")));
        Page page = visit.open("/");
        page.evaluate(resource("views.js"));
        return page;
    }

    private static String resource(String name) {
        try (InputStream in = MarkdownIT.class.getResourceAsStream("/page/" + name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Cost(Map<String, Double> metrics, String run) {
        double render() {
            return seconds("ScriptDuration") + seconds("LayoutDuration") + seconds("RecalcStyleDuration");
        }

        double seconds(String name) {
            return Objects.requireNonNull(metrics.get(name), name);
        }

        @Override
        public String toString() {
            return "%.2f s of rendering (script %.2f, layout %.2f, style %.2f), %.2f s of tasks in all; %s"
                    .formatted(
                            render(),
                            seconds("ScriptDuration"),
                            seconds("LayoutDuration"),
                            seconds("RecalcStyleDuration"),
                            seconds("TaskDuration"),
                            run);
        }
    }
}
