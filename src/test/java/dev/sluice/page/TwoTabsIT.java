package dev.sluice.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import dev.sluice.it.Exchange;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** One conversation that is open in two tabs. Each tab shows the changes of the other, and neither overwrites them. */
final class TwoTabsIT extends ChatTest {
    @Test
    void answerInOneTab_isShownInTheOther_whereItCanBeStopped() throws IOException {
        ask(chat, "first", "hello");
        ChatWindow other = inAnotherTab();
        other.awaitQuestions("first");
        other.awaitText("hello");

        chat.ask("second");
        Exchange exchange = upstream.next();
        exchange.stream().token("half an ");
        other.awaitQuestions("first", "second");
        other.awaitText("half an");
        other.awaitState("elsewhere");
        assertThat(other.answers().last().locator(".name")).hasText("Answering in another tab…");

        other.stop();
        exchange.awaitClosed(SOON);
        chat.awaitState("stopped");
        other.awaitState("stopped");
    }

    @Test
    void turnsTakenInBothTabs_areAllKept() throws IOException {
        ask(chat, "first", "one");
        ChatWindow other = inAnotherTab();
        other.awaitText("one");
        ask(other, "second", "two");
        chat.awaitQuestions("first", "second");
        chat.awaitText("two");
        chat.awaitState("done");
        ask(chat, "third", "three");
        other.awaitQuestions("first", "second", "third");
        other.awaitText("three");
        other.page().reload();
        other.awaitReady();
        other.awaitQuestions("first", "second", "third");
        assertThat(other.answers().locator(".markdown")).hasText(new String[] {"one", "two", "three"});
    }

    @Test
    void answersInBothTabsAtOnce_areBothKept() throws IOException {
        ask(chat, "first", "one");
        ChatWindow other = inAnotherTab();
        other.awaitText("one");
        other.page().keyboard().press("Control+Shift+E");
        Exchange there = upstream.next();
        there.stream().token("another");
        chat.awaitText("another");
        chat.awaitState("elsewhere");
        chat.button("Earlier version").click();
        chat.awaitText("one");
        chat.ask("second");
        Exchange here = upstream.next();
        here.stream().token("two");
        chat.awaitText("two");
        there.token(" one");
        there.finish();
        other.awaitState("done");
        here.finish();
        chat.awaitState("done");
        chat.page().reload();
        chat.awaitReady();
        assertThat(Modules.in(visit).text("""
                        const store = await stores.openStore();
                        const { messages } = await store.get((await store.list())[0].id);
                        return Object.values(messages).map(({ content, state }) => `${content} ${state ?? ''}`.trim())
                          .sort().join('|');
                        """)).isEqualTo("another one done|first|one done|second|two done");
    }

    @Test
    void questionThatIsEdited_isEditedOn_whateverTheOtherTabAsks() throws IOException {
        ask(chat, "first", "one");
        ask(chat, "second", "two");
        ChatWindow other = inAnotherTab();
        other.awaitText("two");
        Locator editedHere = chat.page().locator("li.question").first();
        editedHere.getByLabel("Edit").click();
        chat.page().keyboard().type(", half written");

        Locator editedThere = other.page().locator("li.question").first();
        editedThere.getByLabel("Edit").click();
        editedThere.getByRole(AriaRole.TEXTBOX).fill("first, but better");
        other.button("Ask this instead").click();
        answer(other, "better");
        other.button("Earlier version").click();
        other.awaitText("two");
        other.page().keyboard().press("Control+Shift+E");
        answer(other, "two again");

        chat.awaitVersion(chat.answers().last(), "1 of 2"); // so this tab has received all changes
        chat.page().bringToFront(); // in Firefox, a background tab has no focus
        chat.page().keyboard().type(" on");
        assertThat(editedHere.getByRole(AriaRole.TEXTBOX)).hasValue("first, half written on");
        chat.page().keyboard().press("Escape");
        chat.awaitVersion(editedHere, "1 of 2");
        assertThat(editedHere.getByLabel("Edit")).isFocused();
    }

    @Test
    void tabThatGoesInTheMiddleOfAnAnswer_leavesItInterruptedInTheOther() throws IOException {
        ChatWindow other = inAnotherTab();
        other.ask("first");
        Exchange exchange = upstream.next();
        exchange.stream().token("half");
        other.awaitText("half");
        chat.page().navigate(other.page().url());
        chat.awaitState("elsewhere");
        other.page().close();
        chat.awaitState("interrupted");
        chat.awaitText("half");
    }
}
