package dev.sluice.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.sluice.it.Completion;
import dev.sluice.it.Exchange;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/**
 * Answers whose conversation is no longer shown, and endless answers. The first are stopped, and the others do not
 * block the page.
 */
final class UnseenAnswersIT extends ChatTest {
    @Test
    void questionEditedDuringTheAnswer_endsThatAnswersCall() throws IOException {
        Exchange replaced = begin("first", "one");
        chat.page().locator("li.question").first().getByLabel("Edit").click();
        chat.page().locator("li.question").first().getByRole(AriaRole.TEXTBOX).fill("better");
        chat.button("Ask this instead").click();
        replaced.awaitClosed(SOON);
        Exchange next = upstream.next();
        next.stream().token("two");
        next.finish();
        chat.awaitState("done");
        chat.awaitText("two");
    }

    @Test
    void earlierAnswerAskedForAgain_endsTheCallOfTheOneThatFollowed() throws IOException {
        Exchange whole = begin("first", "one");
        whole.finish();
        chat.awaitState("done");
        Exchange replaced = begin("second", "one");
        chat.answers().first().locator("[data-action=again]").click();
        replaced.awaitClosed(SOON);
        upstream.next().stream();
        chat.stop();
    }

    @Test
    void conversationDeleted_endsItsAnswersCall() throws IOException {
        Exchange exchange = begin("first", "one");
        entry().hover();
        entry().locator(".side-more").click();
        item("Delete").click();
        exchange.awaitClosed(SOON);
        container.awaitIdle();
    }

    @Test
    void answerOfAnotherConversation_isToldOfInTheList_andStoppedFromThere() throws IOException {
        Exchange exchange = begin("first", "one");
        chat.page().keyboard().press("Control+Shift+O");
        assertThat(chat.questions()).hasCount(0);
        assertThat(entry().locator(".side-busy")).isVisible();
        assertThat(visit.axeViolations()).isEmpty();
        entry().hover();
        entry().locator(".side-more").click();
        item("Stop the answer").click();
        exchange.awaitClosed(SOON);
        assertThat(entry().locator(".side-busy")).isHidden();
    }

    @Test
    void answerWithoutEnd_leavesThePageUsable_untilItIsStopped() throws IOException {
        upstream.script(exchange -> {
            exchange.stream();
            String batch = Completion.token("word ".repeat(12) + "\n\n").repeat(64);
            while (true) {
                exchange.chunk(batch);
            }
        });
        chat.ask("go on for ever");
        Exchange exchange = upstream.next();
        assertThat(chat.lastText().locator("p").nth(3000)).isAttached();
        chat.stop();
        exchange.awaitClosed(SOON);
        chat.awaitState("stopped");
    }

    @Test
    void answerLongerThanThePageShows_isEnded_andWhatHadComeIsKept() throws IOException {
        upstream.script(exchange -> {
            exchange.stream();
            String thoughts = Completion.reasoning("x".repeat(100_000));
            while (true) {
                exchange.chunk(thoughts);
            }
        });
        chat.ask("think for ever");
        Exchange exchange = upstream.next();
        chat.awaitState("failed");
        assertThat(chat.lastFailure()).containsText("longer than this page can show");
        exchange.awaitClosed(SOON);
    }

    private Locator entry() {
        return chat.page().locator(".side-entry").first();
    }

    private Locator item(String name) {
        return chat.page()
                .getByRole(
                        AriaRole.MENUITEM,
                        new Page.GetByRoleOptions().setName(name).setExact(true));
    }
}
