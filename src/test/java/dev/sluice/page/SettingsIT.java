package dev.sluice.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The settings dialog, used as its user does. */
final class SettingsIT extends PageTest {
    @SuppressWarnings("NullAway.Init")
    private ChatWindow chat;

    @SuppressWarnings("NullAway.Init")
    private Page page;

    @BeforeEach
    void begin() {
        chat = ChatWindow.open(visit);
        page = chat.page();
    }

    @Test
    void defaults_holdForNewConversations_andNotForOnesThatAreThere() {
        open();
        conversation("Temperature").fill("0,3");
        save();
        chat.ask("a question");
        open();
        assertThat(conversation("Temperature")).hasValue("0.3");
        defaults("Temperature").fill("1.5");
        defaults("System prompt").fill("Be brief.");
        defaults("Token limit").fill("200");
        save();
        open();
        assertThat(conversation("Temperature")).hasValue("0.3");
        assertThat(conversation("System prompt")).hasValue("");
        page.keyboard().press("Escape");
        assertThat(dialog()).isHidden();

        button("New chat").click();
        open();
        assertThat(conversation("Temperature")).hasValue("1.5");
        assertThat(conversation("System prompt")).hasValue("Be brief.");
        assertThat(conversation("Token limit")).hasValue("200");
    }

    @Test
    void defaultsChangedBeforeTheFirstQuestion_holdForIt() {
        open();
        defaults("System prompt").fill("Be brief.");
        save();
        open();
        assertThat(conversation("System prompt")).hasValue("Be brief.");
    }

    @Test
    void conversationsOwnSettings_areThereAfterAReload() {
        chat.ask("a question");
        open();
        conversation("System prompt").fill("You are a poet.");
        conversation("Token limit").fill("99");
        save();
        page.reload();
        chat.awaitReady();
        open();
        assertThat(conversation("System prompt")).hasValue("You are a poet.");
        assertThat(conversation("Token limit")).hasValue("99");
        assertThat(defaults("Token limit")).hasValue("");
    }

    @ParameterizedTest
    @CsvSource({
        "Temperature, 2.1, A number from 0 to 2",
        "Temperature, -1, A number from 0 to 2",
        "Temperature, warm, A number from 0 to 2",
        "Token limit, 0, A whole number from 1 to",
        "Token limit, 1.5, A whole number from 1 to",
        "Token limit, 1e3, A whole number from 1 to"
    })
    void valueOutOfBounds_isNotSaved_andItsFieldSaysWhyAndHasTheFocus(String label, String value, String why) {
        open();
        defaults(label).fill(value);
        page.keyboard().press("Enter");
        assertThat(dialog()).isVisible();
        assertThat(defaults(label)).isFocused();
        assertThat(defaults(label)).hasAttribute("aria-invalid", "true");
        assertThat(defaults(label)).hasAccessibleDescription(Pattern.compile(why));
        Object inSight = dialog().locator(".field-fault:not(:empty)").evaluate("""
                fault => {
                  const { left, bottom } = fault.getBoundingClientRect();
                  return document.elementFromPoint(left + 2, bottom - 2) === fault;
                }
                """);
        assertThat(inSight).as("whether the words stand in sight").isEqualTo(true);
        defaults(label).fill("");
        page.keyboard().press("Enter");
        assertThat(dialog()).isHidden();
    }

    @Test
    void leftByEscapeOrCancel_changesNothing_andTheFocusGoesBack() {
        for (String way : new String[] {"Escape", "Cancel", "Close"}) {
            button("Settings").focus();
            page.keyboard().press("Enter");
            defaults("Temperature").fill("1");
            dialog().getByText("Dark", new Locator.GetByTextOptions().setExact(true))
                    .click();
            if (way.equals("Escape")) {
                page.keyboard().press(way);
            } else {
                dialogButton(way).click();
            }
            assertThat(dialog()).isHidden();
            assertThat(button("Settings")).isFocused();
        }
        open();
        assertThat(defaults("Temperature")).hasValue("");
        assertThat(page.locator("html")).not().hasAttribute("data-theme", "dark");
    }

    @Test
    void appearanceAndLanguage_holdAtOnceAndAfterAReload() {
        open();
        dialog().getByLabel("Dark").check();
        save();
        assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
        open();
        dialog().getByLabel("Language").selectOption("de");
        save();
        assertThat(page.locator("html")).hasAttribute("lang", "de");
        assertThat(button("Neue Unterhaltung")).isVisible();
        page.reload();
        assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
        assertThat(page.locator("html")).hasAttribute("lang", "de");
    }

    @Test
    void accessKey_isKeptForTheSessionOnly_andForgottenOnDemand() {
        open();
        assertThat(dialog()).containsText("No key was entered.");
        dialog().getByLabel("Key", new Locator.GetByLabelOptions().setExact(true))
                .fill(" secret ");
        page.keyboard().press("Enter");
        assertThat(dialog()).containsText("A key is in use.");
        assertThat(dialog()).isVisible();
        assertThat(page.evaluate("() => Object.values(sessionStorage)")).isEqualTo(List.of("secret"));
        assertThat(page.evaluate("() => JSON.stringify({ ...localStorage })"))
                .asString()
                .doesNotContain("secret");
        dialogButton("Forget").click();
        assertThat(dialog()).containsText("No key was entered.");
        assertThat(dialog().getByLabel("Key", new Locator.GetByLabelOptions().setExact(true)))
                .isFocused();
        assertThat(page.evaluate("() => JSON.stringify({ ...sessionStorage })"))
                .asString()
                .doesNotContain("secret");
    }

    @Test
    void allDataDeleted_nothingIsLeft() {
        chat.ask("a question");
        assertThat(page.locator("#sidebar .side-entry")).hasCount(1);
        open();
        dialog().getByLabel("Dark").check();
        dialog().getByLabel("Key", new Locator.GetByLabelOptions().setExact(true))
                .fill("secret");
        dialogButton("Use").click();
        save();
        open();
        dialogButton("Delete all data…").click();
        assertThat(button("Cancel").last()).isFocused();
        page.keyboard().press("Escape");
        assertThat(page.locator("#sidebar .side-entry")).hasCount(1);
        dialogButton("Delete all data…").click();
        button("Delete all data").click();
        assertThat(dialog()).isHidden();
        assertThat(page.locator("#sidebar .side-entry")).hasCount(0);
        assertThat(page.locator("html")).not().hasAttribute("data-theme", "dark");
        assertThat(page.evaluate("() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }])"))
                .asString()
                .doesNotContain("secret", "dark");
        page.reload();
        chat.awaitReady();
        assertThat(page.locator("#sidebar .side-entry")).hasCount(0);
    }

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    void dialog_isWithoutFaultsForAxe(ColorScheme scheme) {
        browser.only(Engine.CHROMIUM, SAME_FOR_AXE);
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
        open();
        assertThat(visit.axeViolations()).as("as it opens").isEmpty();
        defaults("Temperature").fill("9");
        page.keyboard().press("Enter");
        assertThat(visit.axeViolations()).as("with a fault").isEmpty();
        visit.screenshot("settings-" + scheme.name().toLowerCase(Locale.ROOT));
        dialogButton("Delete all data…").click();
        assertThat(visit.axeViolations()).as("question").isEmpty();
    }

    private void open() {
        button("Settings").click();
        assertThat(dialog()).isVisible();
    }

    private void save() {
        dialogButton("Save").click();
        assertThat(dialog()).isHidden();
    }

    private Locator dialog() {
        return page.locator("#settings");
    }

    private Locator conversation(String label) {
        return group("This conversation").getByLabel(label);
    }

    private Locator defaults(String label) {
        return group("New conversations").getByLabel(label);
    }

    private Locator group(String legend) {
        return dialog().getByRole(
                        AriaRole.GROUP,
                        new Locator.GetByRoleOptions().setName(legend).setExact(true));
    }

    private Locator button(String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private Locator dialogButton(String name) {
        return dialog().getByRole(
                        AriaRole.BUTTON,
                        new Locator.GetByRoleOptions().setName(name).setExact(true));
    }
}
