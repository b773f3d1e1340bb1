package dev.sluice.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.sluice.it.Completion;
import dev.sluice.it.Eventually;
import dev.sluice.it.Exchange;
import dev.sluice.it.ScriptedUpstream;
import dev.sluice.it.Scripts;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A user's conversation, with an upstream that the test controls. */
final class ChatIT extends ChatTest {
    // ---- Turns.

    @Test
    void tokens_areShownOneByOne() throws IOException {
        chat.ask("hi");
        Exchange exchange = upstream.next();
        exchange.stream().token("One");
        chat.awaitText("One");
        exchange.token(", two");
        chat.awaitText("One, two");
        chat.awaitState("streaming");
        exchange.token(", **three**.");
        chat.awaitText("One, two, three.");
        assertThat(chat.lastText().locator("strong")).hasText("three");
        exchange.finish();
        chat.awaitState("done");
        assertThat(chat.prompt()).hasValue("");
    }

    @Test
    void secondTurn_carriesTheFirst() throws IOException {
        answer("hi", "hello");
        chat.ask("and now?");
        JsonNode asked = upstream.next().json();
        assertThat(asked.get("messages").toString())
                .isEqualTo("[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":\"hello\"},"
                        + "{\"role\":\"user\",\"content\":\"and now?\"}]");
        assertThat(asked.get("model").asString()).isEqualTo("test");
        assertThat(asked.get("stream").asBoolean()).isTrue();
        chat.stop();
    }

    @Test
    void stop_cancelsUpstreamAndKeepsWhatHadCome() throws IOException {
        chat.ask("hi");
        Exchange exchange = upstream.next();
        exchange.stream().token("half an ");
        chat.awaitText("half an");
        chat.stop();
        chat.awaitState("stopped");
        exchange.awaitClosed(SOON);
        assertThat(chat.lastText()).hasText("half an");
        container.awaitIdle();
    }

    @Test
    void stop_beforeTheFirstToken_cancelsUpstream() {
        chat.ask("hi");
        Exchange exchange = upstream.next();
        chat.awaitState("waiting");
        chat.page().keyboard().press("Escape");
        chat.awaitState("stopped");
        exchange.awaitClosed(SOON);
    }

    @Test
    void answerStoppedHalfWay_isContinuedInItsPlace() throws IOException {
        chat.ask("count");
        upstream.next().stream().token("one, tw");
        chat.awaitText("one, tw");
        chat.stop();
        chat.awaitState("stopped");
        chat.button("Continue").click();
        Exchange again = upstream.next();
        JsonNode messages = again.json().get("messages");
        assertThat(messages.get(1).get("content").asString()).isEqualTo("one, tw");
        assertThat(messages.get(2).get("role").asString()).isEqualTo("user");
        again.stream().token("o, three");
        again.finish();
        chat.awaitState("done");
        chat.awaitText("one, two, three");
        assertThat(chat.answers()).hasCount(1);
    }

    // ---- Branches.

    @Test
    void editedQuestion_isABranch_andTheOldOneStays() throws IOException {
        answer("first", "to the first");
        answer("second", "to the second");
        Locator first = chat.page().locator("li.question").first();
        first.getByLabel("Edit").click();
        first.getByRole(AriaRole.TEXTBOX).fill("first, but better");
        chat.button("Ask this instead").click();
        Exchange exchange = upstream.next();
        assertThat(exchange.json().get("messages").toString())
                .isEqualTo("[{\"role\":\"user\",\"content\":\"first, but better\"}]");
        exchange.stream().token("to the better");
        exchange.finish();
        chat.awaitState("done");
        chat.awaitQuestions("first, but better");
        chat.awaitVersion(chat.page().locator("li.question").first(), "2 of 2");
        chat.button("Earlier version").click();
        chat.awaitQuestions("first", "second");
        chat.awaitText("to the second");
        chat.button("Later version").click();
        chat.awaitText("to the better");
    }

    @Test
    void answerOnceMore_isAnotherVersion() throws IOException {
        answer("hi", "hello");
        chat.page().keyboard().press("Control+Shift+E");
        Exchange exchange = upstream.next();
        assertThat(exchange.json().get("messages")).hasSize(1);
        exchange.stream().token("good day");
        exchange.finish();
        chat.awaitState("done");
        chat.awaitText("good day");
        chat.awaitVersion(chat.answers().last(), "2 of 2");
        chat.button("Earlier version").click();
        chat.awaitText("hello");
    }

    @Test
    void lastQuestion_isEditedFromTheEmptyPrompt() throws IOException {
        answer("hi", "hello");
        chat.prompt().press("ArrowUp");
        chat.page().keyboard().type("!");
        chat.page().keyboard().press("Control+Enter");
        assertThat(upstream.next().prompt()).isEqualTo("hi!");
        chat.stop();
    }

    // ---- States.

    @Test
    void states_areToldApart() throws IOException {
        chat.ask("hi");
        Exchange exchange = upstream.next();
        chat.awaitState("waiting");
        exchange.stream().chunk(Completion.role() + Completion.empty());
        exchange.chunk(Completion.reasoning("Let me think"));
        chat.awaitState("thinking");
        assertThat(chat.answers().last().locator(".thoughts .text")).hasText("Let me think");
        exchange.token("so");
        chat.awaitState("streaming");
        chat.awaitState("stalled"); // five seconds later
        exchange.token(" it is");
        chat.awaitState("streaming");
        exchange.chunk(Completion.finish("stop") + Completion.usage(7, 11) + Completion.DONE);
        exchange.end();
        chat.awaitState("done");
        Locator answer = chat.answers().last();
        assertThat(answer.locator("summary")).containsText("Thought for");
        assertThat(answer.locator(".figures")).containsText("first token after");
        assertThat(answer.locator(".figures")).containsText("tokens: 7 in, 11 out");
        assertThat(answer.locator(".figures")).containsText("tokens/s");
    }

    @Test
    void toolCall_isShown() throws IOException {
        chat.ask("weather?");
        Exchange exchange = upstream.next();
        exchange.stream()
                .event("{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"type\":"
                        + "\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"\"}}]}}]}")
                .event("{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":"
                        + "\"{\\\"city\\\":\"}}]}}]}")
                .event("{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":"
                        + "\"\\\"Bern\\\"}\"}}]}}]}");
        exchange.chunk(Completion.finish("tool_calls") + Completion.DONE);
        exchange.end();
        chat.awaitState("done");
        assertThat(chat.page().locator(".tool summary")).hasText("Calls the tool weather");
        assertThat(chat.page().locator(".tool pre")).hasText("{\"city\":\"Bern\"}");
    }

    // ---- Failures.

    @Test
    void refusal_isToldInTheServersWords_andAskedAgain() throws IOException {
        upstream.script(Scripts.answer(429, "{\"error\":{\"message\":\"slow down\",\"type\":\"requests\"}}"));
        chat.ask("hi");
        chat.awaitState("failed");
        assertThat(chat.lastFailure()).containsText("slow down");
        assertThat(chat.lastFailure()).containsText("429");
        upstream.script(ScriptedUpstream.BY_HAND);
        chat.lastFailure().getByText("Answer once more").click();
        Exchange exchange = upstream.next();
        exchange.stream().token("hello");
        exchange.finish();
        chat.awaitState("done");
        chat.awaitText("hello");
    }

    @Test
    void brokenAnswer_keepsWhatHadCome_andIsContinued() throws IOException {
        chat.ask("count");
        Exchange exchange = upstream.next();
        exchange.stream().token("one, ");
        chat.awaitText("one,");
        exchange.abort();
        chat.awaitState("failed");
        assertThat(chat.lastText()).hasText("one,");
        visit.forgive("ERR_INCOMPLETE_CHUNKED_ENCODING"); // the browser's message for it
        chat.lastFailure().getByText("Continue").click();
        Exchange again = upstream.next();
        again.stream().token("two");
        again.finish();
        chat.awaitState("done");
        chat.awaitText("one, two");
        assertThat(chat.lastFailure()).isHidden();
    }

    @Test
    void serverGone_isSaid() throws IOException {
        visit.context().setOffline(true);
        chat.ask("hi");
        chat.awaitState("failed");
        assertThat(chat.lastFailure()).containsText("cannot be reached");
        visit.forgive("ERR_INTERNET_DISCONNECTED");
    }

    // ---- What is kept.

    @Test
    void conversation_isThereAfterAReload() throws IOException {
        answer("hi", "hello, **you**");
        String address = chat.page().url();
        chat.page().reload();
        chat.awaitReady();
        chat.awaitQuestions("hi");
        chat.awaitText("hello, you");
        assertThat(chat.page().url()).isEqualTo(address);
        assertThat(chat.page().title()).isEqualTo("hi · Sluice");
    }

    @Test
    void pageClosedHalfWay_keepsWhatHadCome() throws IOException {
        chat.ask("hi");
        Exchange exchange = upstream.next();
        exchange.stream().token("half");
        chat.awaitText("half");
        chat.page().reload();
        exchange.awaitClosed(SOON);
        chat.awaitReady();
        chat.awaitText("half");
        chat.awaitState("interrupted");
        assertThat(chat.lastFailure()).containsText("Continue");
    }

    @Test
    void draft_survivesAReload() {
        chat.prompt().fill("not yet sent");
        chat.page().reload();
        chat.awaitReady();
        assertThat(chat.prompt()).hasValue("not yet sent");
    }

    @Test
    void anotherConversation_doesNotStopTheAnswerOfThisOne() throws IOException {
        chat.ask("first");
        Exchange exchange = upstream.next();
        exchange.stream().token("one");
        chat.awaitText("one");
        String address = chat.page().url();
        chat.page().keyboard().press("Control+Shift+O");
        assertThat(chat.questions()).hasCount(0);
        exchange.token(" two");
        exchange.finish();
        chat.page().navigate(address);
        chat.awaitState("done");
        chat.awaitText("one two");
    }

    // ---- Directions.

    @Test
    void rightToLeftText_standsAtTheRight_andCodeWithinItAtTheLeft() throws IOException {
        answer(
                "\u0645\u0631\u062d\u0628\u0627",
                "\u0645\u0631\u062d\u0628\u0627\n\n- \u0623\n\n  ```\n  code\n  ```\n\nlatin");
        assertThat(chat.page().locator("li.answer pre")).isVisible();
        assertThat(chat.page().evaluate("""
                () => [...document.querySelectorAll('li.answer .markdown p, li.answer pre > code')].map((element) => {
                  const range = document.createRange();
                  range.selectNodeContents(element.querySelector('.lines')?.lastChild ?? element);
                  const [words, box] = [range.getBoundingClientRect(), element.getBoundingClientRect()];
                  return words.width > box.width / 2 ? 'wide' : words.left - box.left > box.right - words.right ? 'right' : 'left';
                })
                """)).isEqualTo(List.of("right", "right", "left", "left"));
        assertThat(chat.questions().last()).hasCSS("text-align", "start");
    }

    // ---- Scrolling.

    @Test
    void view_followsTheAnswer_untilTheReaderScrollsUp() throws IOException {
        chat.ask("hi");
        Exchange exchange = upstream.next();
        exchange.stream();
        lines(exchange, 0, 100);
        awaitAtEnd(true);
        chat.page().mouse().move(500, 300);
        chat.page().mouse().wheel(0, -300);
        awaitAtEnd(false);
        double top = scrollTop();
        lines(exchange, 100, 200);
        assertThat(scrollTop()).as("what the reader looks at stays").isEqualTo(top);
        chat.button("To the end").click();
        awaitAtEnd(true);
        lines(exchange, 200, 300);
        awaitAtEnd(true);
        exchange.finish();
        chat.awaitState("done");
    }

    private void lines(Exchange exchange, int from, int to) throws IOException {
        for (int line = from; line < to; line++) {
            exchange.token("line " + line + "\n\n");
        }
        assertThat(chat.lastText().locator("p")).hasCount(to);
    }

    private double scrollTop() {
        return ((Number) chat.page().evaluate("() => document.getElementById('scroller').scrollTop")).doubleValue();
    }

    private void awaitAtEnd(boolean wanted) {
        Page page = chat.page();
        Eventually.until("at the end: " + wanted, SOON, () -> {
            Object below = page.evaluate("() => { const s = document.getElementById('scroller');"
                    + " return s.scrollHeight - s.scrollTop - s.clientHeight; }");
            return (((Number) below).doubleValue() < 5) == wanted;
        });
    }
}
