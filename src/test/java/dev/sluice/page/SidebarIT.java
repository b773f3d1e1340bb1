package dev.sluice.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.FileChooser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import dev.sluice.it.Eventually;
import dev.sluice.it.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** The list of conversations, used as its user does, mostly with the keyboard. */
final class SidebarIT extends PageTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String NO_DOWNLOADS = "Playwright does not see the downloads of a stock Firefox";
    private static final long HOUR = Duration.ofHours(1).toMillis();

    @SuppressWarnings("NullAway.Init")
    private Page page;

    @BeforeEach
    void begin() {
        page = visit.page();
    }

    // ---- The list.

    @Test
    void conversations_standUnderTheirDays_newestFirst() {
        open("now", 0, "an hour before midnight", hoursSinceMidnight() + 1, "last week", 24 * 6, "long ago", 24 * 40);
        assertThat(sidebar().locator("h2")).hasText(new String[] {"Today", "Yesterday", "Previous 7 days", "Older"});
        assertThat(titles()).hasText(new String[] {"now", "an hour before midnight", "last week", "long ago"});
    }

    @Test
    void arrowsHomeAndEnd_moveThroughTheList_whichIsOneStopForTheTabKey() {
        open("one", 1, "two", 2, "three", 3);
        search().focus();
        assertThat(focusedAfter("ArrowDown")).isEqualTo("one");
        assertThat(focusedAfter("ArrowDown")).isEqualTo("two");
        assertThat(focusedAfter("End")).isEqualTo("three");
        assertThat(focusedAfter("ArrowDown")).isEqualTo("three");
        assertThat(focusedAfter("Home")).isEqualTo("one");
        assertThat(focusedAfter("Tab")).isEqualTo("Actions for one");
        assertThat(focusedAfter("Tab")).isEqualTo("Import");
        assertThat(focusedAfter("Shift+Tab")).isEqualTo("Actions for one");
        assertThat(focusedAfter("Shift+Tab")).isEqualTo("one");
        assertThat(focusedAfter("ArrowUp")).isEqualTo("Search conversations");
    }

    @Test
    void entryOpened_isTheCurrentOne_alsoAfterAReload() {
        open("one", 1, "two", 2);
        assertThat(current()).hasCount(0);
        entry("two").click();
        assertThat(current()).hasText("two");
        page.reload();
        assertThat(current()).hasText("two");
    }

    @Test
    void rename_byF2_isKeptByEnter_andLeftByEscape_andTheEntryHasTheFocusAgain() {
        open("one", 1, "two", 2);
        entry("two").click();
        entry("two").press("F2");
        page.keyboard().type("zwei");
        assertThat(focusedAfter("Escape")).isEqualTo("two");
        page.keyboard().press("F2");
        page.keyboard().type("  deux   trois ");
        page.keyboard().press("Enter");
        assertThat(titles()).hasText(new String[] {"one", "deux trois"});
        assertThat(focused()).isEqualTo("deux trois");
        assertThat(page.locator("#title")).hasText("deux trois");
        page.keyboard().press("F2");
        page.keyboard().press("Control+a");
        page.keyboard().press("Delete");
        assertThat(focusedAfter("Enter")).as("after an empty title").isEqualTo("deux trois");
        page.reload();
        assertThat(titles()).hasText(new String[] {"one", "deux trois"});
    }

    @Test
    void menu_isOpenedAndLeftByKeys_andLeadsToItsActions() {
        open("one", 1, "two", 2);
        entry("two").focus();
        page.keyboard().press("Tab");
        assertThat(focusedAfter("Enter")).isEqualTo("Rename");
        assertThat(focusedAfter("ArrowUp")).isEqualTo("Delete");
        assertThat(focusedAfter("Home")).isEqualTo("Rename");
        assertThat(focusedAfter("ArrowDown")).isEqualTo("Export as JSON");
        assertThat(focusedAfter("Escape")).isEqualTo("Actions for two");
        assertThat(page.getByRole(AriaRole.MENU)).hasCount(0);
        page.keyboard().press("Enter");
        assertThat(focusedAfter("Enter")).isEqualTo("New title");
        page.keyboard().type("renamed");
        page.keyboard().press("Enter");
        assertThat(titles()).hasText(new String[] {"one", "renamed"});
    }

    @Test
    void deleted_theNextHasTheFocus_andUndoBringsAllBackWhereTheyWere() {
        open("one", 1, "two", 2, "three", 3);
        entry("two").click();
        assertThat(current()).hasText("two");
        entry("two").press("Delete");
        assertThat(titles()).hasText(new String[] {"one", "three"});
        assertThat(focused()).isEqualTo("three");
        assertThat(current()).hasCount(0);
        assertThat(page.locator(".undo")).containsText("“two” deleted");
        page.keyboard().press("Delete");
        assertThat(titles()).hasText(new String[] {"one"});
        assertThat(focused()).isEqualTo("one");
        assertThat(page.locator(".undo")).containsText("2 conversations deleted");
        page.keyboard().press("Control+z");
        assertThat(titles()).hasText(new String[] {"one", "two", "three"});
        assertThat(focused()).isEqualTo("three");
        assertThat(current()).hasText("two");
        assertThat(page.locator(".undo")).isHidden();
        page.reload();
        assertThat(titles()).hasText(new String[] {"one", "two", "three"});
    }

    @Test
    void lastOneDeleted_leavesTheFocusAtNewChat_andItIsGoneOnceTheOfferIs() {
        page.clock().install();
        open("one", 1);
        page.clock().pauseAt(System.currentTimeMillis() + HOUR);
        entry("one").press("Delete");
        assertThat(titles()).hasCount(0);
        assertThat(focused()).isEqualTo("New chat");
        assertThat(sidebar()).containsText("No conversations yet");
        assertThat(page.locator(".undo")).isVisible();
        page.clock().runFor(7000);
        page.getByRole(AriaRole.BUTTON, named("Undo")).focus();
        page.clock().runFor(20_000);
        assertThat(page.locator(".undo")).isVisible(); // as long as it has the focus
        search().focus();
        page.clock().runFor(7900);
        assertThat(page.locator(".undo")).isVisible();
        page.clock().runFor(200);
        assertThat(page.locator(".undo")).isHidden();
    }

    @Test
    void anotherTabsChanges_appearHere_withoutTakingTheFocus() {
        open("one", 1, "two", 2);
        entry("two").focus();
        Modules other = Modules.inAnotherTab(visit);
        other.run(SEED, seeds("newest", 0));
        other.run("const store = await stores.openStore(); const list = await store.list();"
                + " await store.rename(list.find(({ title }) => title === 'one').id, 'first');");
        page.bringToFront();
        assertThat(titles()).hasText(new String[] {"newest", "first", "two"});
        assertThat(focused()).isEqualTo("two");
        other.run("const store = await stores.openStore(); const it = await store.get((await store.list()).at(-1).id);"
                + " it.updated = Date.now() + 1000; await store.put(it);");
        assertThat(titles()).hasText(new String[] {"two", "newest", "first"});
        assertThat(focused()).isEqualTo("two");
    }

    @Test
    void threeThousandConversations_areShownAtOnce_asFarAsTheyAreLookedAt() {
        seed("many ", 3000);
        Number millis = (Number) visit.open("/").evaluate("""
                        () => new Promise(resolve => {
                          const look = () => document.querySelector('.side-entry')
                              ? resolve(performance.now()) : requestAnimationFrame(look);
                          look();
                        })
                        """);
        System.out.println(
                "measured: 3,000 conversations in the sidebar after " + Math.round(millis.doubleValue()) + " ms");
        awaitReady();
        assertThat(titles().count()).isLessThan(500);
        entry("many 0").focus();
        assertThat(focusedAfter("End")).isEqualTo("many 2999");
        assertThat(focusedAfter("Home")).isEqualTo("many 0");
        search().fill("2777");
        assertThat(titles()).hasText(new String[] {"many 2777"});
    }

    // ---- Search.

    @Test
    void search_showsWhatWasFoundWithItsPlace_andEscapeShowsAllAgain() {
        open("Crème brûlée", 1, "Streams", 2);
        search().fill("CREME answer");
        assertThat(titles()).hasText(new String[] {"Crème brûlée"});
        assertThat(sidebar().locator(".side-status")).hasText("1 found");
        search().fill("answer about streams");
        assertThat(titles()).hasText(new String[] {"Streams"});
        assertThat(sidebar().locator(".side-snippet")).containsText("The answer about Streams");
        search().fill("nowhere");
        assertThat(titles()).hasCount(0);
        assertThat(sidebar().locator(".side-status")).hasText("0 found");
        search().press("Escape");
        assertThat(titles()).hasCount(2);
        assertThat(search()).isFocused();
    }

    // ---- Files.

    @Test
    void exportedAndDeleted_canBeImportedAgain_andTwice() throws IOException {
        browser.only(Engine.CHROMIUM, NO_DOWNLOADS);
        open("one", 1, "two", 2);
        Download all = page.waitForDownload(() -> button("Export all").click());
        assertThat(all.suggestedFilename()).matches("sluice-conversations-\\d{4}-\\d\\d-\\d\\d\\.json");
        JsonNode file = Json.read(Files.readAllBytes(all.path()));
        assertThat(file.get("format").asString()).isEqualTo("sluice-conversations");
        assertThat(file.get("conversations").size()).isEqualTo(2);

        button("Delete all…").click();
        assertThat(button("Cancel")).isFocused();
        page.getByRole(AriaRole.BUTTON, named("Delete all")).click();
        assertThat(titles()).hasCount(0);
        assertThat(button("Export all")).isDisabled();

        chooseFile(new FilePayload("all.json", "application/json", Files.readAllBytes(all.path())));
        assertThat(titles()).hasText(new String[] {"one", "two"});
        assertThat(sidebar().locator(".side-status")).hasText("2 conversations imported");
        chooseFile(new FilePayload("all.json", "application/json", Files.readAllBytes(all.path())));
        assertThat(titles()).hasText(new String[] {"one", "one", "two", "two"});
        assertThat(button("Import")).isFocused();
    }

    @Test
    void oneConversation_isExportedAsJsonOrMarkdown_fromItsMenu() throws IOException {
        browser.only(Engine.CHROMIUM, NO_DOWNLOADS);
        open("Größe: a/b?", 1);
        button("Actions for Größe: a/b?").click();
        Download json = page.waitForDownload(() -> menuItem("Export as JSON").click());
        assertThat(json.suggestedFilename()).matches("größe-a-b-[-\\d]+\\.json");
        button("Actions for Größe: a/b?").click();
        Download markdown =
                page.waitForDownload(() -> menuItem("Export as Markdown").click());
        assertThat(markdown.suggestedFilename()).matches("größe-a-b-[-\\d]+\\.md");
        assertThat(Files.readString(markdown.path())).contains("# Größe: a/b?", "## You", "The answer about Größe");
    }

    @Test
    void brokenFile_isRefusedInWords_andTheListStays() {
        open("one", 1);
        chooseFile(new FilePayload("x.json", "application/json", "{\"format\":1}".getBytes(StandardCharsets.UTF_8)));
        assertThat(sidebar().getByRole(AriaRole.ALERT)).containsText("does not hold conversations exported here");
        assertThat(titles()).hasCount(1);
        assertThat(button("Import")).isFocused();
    }

    // ---- For everyone.

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    void everyState_isWithoutFaultsForAxe(ColorScheme scheme) {
        browser.only(Engine.CHROMIUM, SAME_FOR_AXE);
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
        open("one", 1, "two", 30, "مرحبا", 300);
        entry("two").click();
        assertThat(visit.axeViolations()).as("list").isEmpty();
        entry("two").press("F2");
        assertThat(visit.axeViolations()).as("renaming").isEmpty();
        page.keyboard().press("Escape");
        button("Actions for two").click();
        assertThat(visit.axeViolations()).as("menu").isEmpty();
        page.keyboard().press("Escape");
        search().fill("answer");
        assertThat(sidebar().locator(".side-status")).hasText("3 found");
        assertThat(visit.axeViolations()).as("search").isEmpty();
        entry("one").press("Delete");
        assertThat(page.locator(".undo")).isVisible();
        assertThat(visit.axeViolations()).as("undo").isEmpty();
        button("Delete all…").click();
        assertThat(visit.axeViolations()).as("question").isEmpty();
        visit.screenshot("sidebar-" + scheme.name().toLowerCase(Locale.ROOT));
    }

    // ---- How it is handled.

    private static final String SEED = """
            const store = await stores.openStore();
            await Promise.all(Object.entries(argument).map(([title, updated]) => {
              const it = conversations.newConversation();
              const asked = conversations.addMessage(it, null, { role: 'user', content: 'a question' });
              conversations.addMessage(it, asked.id, { role: 'assistant', content: `The answer about ${title}`, state: 'done' });
              return store.put(Object.assign(it, { title, updated }));
            }));
            """;

    private static Map<String, Object> seeds(Object... titlesAndHoursAgo) {
        Map<String, Object> seeds = new LinkedHashMap<>();
        for (int at = 0; at < titlesAndHoursAgo.length; at += 2) {
            long ago = ((Number) titlesAndHoursAgo[at + 1]).longValue() * HOUR;
            seeds.put((String) titlesAndHoursAgo[at], (double) (System.currentTimeMillis() - ago));
        }
        return seeds;
    }

    private void seed(String title, int count) {
        Modules.in(visit)
                .run(
                        "argument = Object.fromEntries(Array.from({ length: argument[1] },"
                                + " (_, at) => [argument[0] + at, Date.now() - at * 60_000]));" + SEED,
                        List.of(title, count));
    }

    /** Opens the page with these conversations, each last changed this number of hours ago. */
    private void open(Object... titlesAndHoursAgo) {
        Modules.in(visit).run(SEED, seeds(titlesAndHoursAgo));
        visit.open("/");
        assertThat(titles()).hasCount(titlesAndHoursAgo.length / 2);
        awaitReady();
    }

    /** Waits until the page has given the focus to the prompt. The list is there before, but cannot have the focus yet. */
    private void awaitReady() {
        assertThat(page.locator("#prompt")).isFocused();
    }

    private static int hoursSinceMidnight() {
        return LocalTime.now(ZoneId.systemDefault()).getHour();
    }

    private Locator sidebar() {
        return page.locator("#sidebar");
    }

    private Locator search() {
        return page.getByRole(AriaRole.SEARCHBOX);
    }

    private Locator titles() {
        return sidebar().locator(".side-title");
    }

    private Locator current() {
        return sidebar().locator("[aria-current]");
    }

    private Locator entry(String title) {
        return sidebar()
                .locator(".side-open")
                .filter(new Locator.FilterOptions()
                        .setHas(page.getByText(title, new Page.GetByTextOptions().setExact(true))));
    }

    private Locator button(String name) {
        return page.getByRole(AriaRole.BUTTON, named(name));
    }

    private Locator menuItem(String name) {
        return page.getByRole(AriaRole.MENUITEM, named(name));
    }

    private static Page.GetByRoleOptions named(String name) {
        return new Page.GetByRoleOptions().setName(name).setExact(true);
    }

    private void chooseFile(FilePayload file) {
        FileChooser chooser = page.waitForFileChooser(() -> button("Import").click());
        chooser.setFiles(file);
    }

    private String focusedAfter(String key) {
        page.keyboard().press(key);
        return focused();
    }

    /** The name of the focused element. Waits until there is one. */
    private String focused() {
        return Eventually.until(
                "something has the focus",
                SOON,
                () -> String.valueOf(page.evaluate("""
                        () => {
                          const { activeElement: it, body } = document;
                          return it === body ? '' : it.getAttribute('aria-label') ?? (it.querySelector('.side-title') ?? it).textContent.trim();
                        }
                        """)),
                Pattern.compile("^.{1,100}$").asMatchPredicate());
    }
}
