package dev.sluice.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.util.List;

/**
 * The chat page, used as its user does: elements are found by their labels. Each method waits for the element that it
 * needs.
 */
final class ChatWindow {
    private final Page page;

    ChatWindow(Page page) {
        this.page = page;
    }

    /** Opens the page, and waits until it is ready. */
    static ChatWindow open(Visit visit) {
        ChatWindow window = new ChatWindow(visit.open("/"));
        window.awaitReady();
        return window;
    }

    void awaitReady() {
        assertThat(prompt()).isVisible();
        assertThat(page.locator("#model option").first()).isAttached();
    }

    Page page() {
        return page;
    }

    Locator prompt() {
        return page.locator("#prompt");
    }

    void ask(String text) {
        prompt().fill(text);
        prompt().press("Enter");
    }

    void stop() {
        button("Stop the answer").click();
    }

    Locator button(String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    Locator questions() {
        return page.locator(".question .said");
    }

    Locator answers() {
        return page.locator("li.answer");
    }

    /** The text of the last answer. */
    Locator lastText() {
        return answers().last().locator(".markdown");
    }

    /** The error message of the last answer. */
    Locator lastFailure() {
        return answers().last().locator(".failure");
    }

    /** Waits until the last answer is in this state. */
    void awaitState(String state) {
        assertThat(answers().last()).hasAttribute("data-state", state);
    }

    void awaitText(String text) {
        assertThat(lastText()).hasText(text);
    }

    void awaitQuestions(String... texts) {
        assertThat(questions()).hasText(texts);
    }

    /** Waits until the switch between versions shows this text, such as {@code 2 of 3}. */
    void awaitVersion(Locator message, String which) {
        assertThat(message.locator(".branches")).containsText(which);
    }

    List<String> titlesInTheSidebar() {
        return page.locator("#sidebar").getByRole(AriaRole.LISTITEM).allInnerTexts();
    }
}
