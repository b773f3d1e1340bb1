package dev.sluice.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.it.Completion;
import dev.sluice.it.Container;
import dev.sluice.it.ScriptedUpstream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Answers that end with an {@code error} event, after which the server aborts the connection. Chromium then discards
 * what it has received but not yet passed to the page: the event, and the text before it.
 *
 * <p>The server waits 250 ms before it aborts. If the page was blocked in that time, because other tests use both
 * cores, an incomplete answer proves nothing and is requested again.
 */
final class BrokenAnswerIT extends BrowserTest {
    private static final int TIMES = 12;

    /** The limit of all requests, with those that are repeated. */
    private static final int MOST_TIMES = 3 * TIMES;

    private static final String MESSAGE = "The upstream broke off the connection.";

    /** The least pause of the page, in milliseconds, that takes too much of the server's waiting time. */
    private static final int STILL = 150;

    /** Defines {@code stoodStill()}: the longest time that the page was blocked since the last call. */
    private static final String PULSE = """
            () => {
              let last = performance.now();
              let longest = 0;
              const beat = () => {
                longest = Math.max(longest, performance.now() - last);
                last = performance.now();
              };
              setInterval(beat, 5);
              window.stoodStill = () => {
                beat();
                const worst = longest;
                longest = 0;
                return worst;
              };
            }
            """;

    /** Reads an answer of {@code /chat}. */
    private static final String READ_CHAT = """
            async () => {
              const response = await fetch('/chat', { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: 'hi' });
              const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
              let text = '';
              try {
                for (let next = await reader.read(); !next.done; next = await reader.read()) {
                  text += next.value;
                }
              } catch {
                // The break. What counts is what was read before.
              }
              return text;
            }
            """;

    /** Makes the page draw slowly: longer than the server waits. */
    private static final String DRAW_SLOWLY = """
            async () => {
              const { complete } = await import('/js/server/api.js');
              let length = 0;
              const told = await complete(
                { model: 'test', messages: [{ role: 'user', content: 'hi' }] },
                null,
                new AbortController().signal,
                {
                  begun() {},
                  reasoning() {},
                  toolCall() {},
                  usage() {},
                  text: (text) => (length += text.length),
                  drawn: () => new Promise((resolve) => setTimeout(resolve, 400)),
                },
              ).catch((failure) => failure);
              return { length, told: String(told.message) };
            }
            """;

    @ParameterizedTest
    @EnumSource(Container.Kind.class)
    void errorBeforeTheBreak_isRead_andTheTextBeforeIt_everyTime(Container.Kind kind) throws IOException {
        try (ScriptedUpstream upstream = ScriptedUpstream.start();
                Container container = start(kind, upstream);
                Visit visit = browser.visit(container.base())) {
            upstream.script(exchange -> exchange.stream().token("half of it").close());
            ChatWindow chat = ChatWindow.open(visit);
            chat.page().evaluate(PULSE);
            everyTime(chat, List.of("half of it", MESSAGE), time -> {
                chat.ask("question " + time);
                assertThat(chat.answers()).hasCount(time);
                chat.awaitState("failed");
                return chat.answers().last().innerText();
            });
            everyTime(chat, List.of("data: half of it", "event: error", MESSAGE), time ->
                    (String) chat.page().evaluate(READ_CHAT));
            visit.forgive("ERR_INCOMPLETE_CHUNKED_ENCODING"); // Chromium's message for it
        }
    }

    @Test
    void errorBeforeTheBreak_ofAnAnswerThatIsDrawnSlowly_isRead_andAllTextBeforeIt() throws IOException {
        int tokens = 4000;
        String word = "word ".repeat(10);
        try (ScriptedUpstream upstream = ScriptedUpstream.start();
                Container container = start(Container.Kind.JETTY, upstream);
                Visit visit = browser.visit(container.base())) {
            upstream.script(exchange -> exchange.stream()
                    .chunk(Completion.token(word).repeat(tokens))
                    .close());
            visit.open("/");
            assertThat(visit.page().evaluate(DRAW_SLOWLY))
                    .isEqualTo(Map.of("length", tokens * word.length(), "told", MESSAGE));
            visit.forgive("ERR_INCOMPLETE_CHUNKED_ENCODING");
        }
    }

    private static Container start(Container.Kind kind, ScriptedUpstream upstream) throws IOException {
        return kind.start(ChatTest.launch(upstream));
    }

    /**
     * Reads this number of answers. Asserts that each one contains all of these texts, unless the page was blocked
     * meanwhile.
     */
    private static void everyTime(ChatWindow chat, List<String> all, IntFunction<String> read) {
        int whole = 0;
        for (int time = 1; time <= MOST_TIMES && whole < TIMES; time++) {
            stoodStill(chat);
            String text = read.apply(time);
            double still = stoodStill(chat);
            if (still < STILL) {
                assertThat(text).as("answer %d", time).contains(all);
            }
            whole += all.stream().allMatch(text::contains) ? 1 : 0;
        }
        assertThat(whole).as("whole answers").isEqualTo(TIMES);
    }

    /** The longest time in milliseconds that the page was blocked since the last call. */
    private static double stoodStill(ChatWindow chat) {
        return ((Number) chat.page().evaluate("() => window.stoodStill()")).doubleValue();
    }
}
