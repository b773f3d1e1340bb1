package dev.sluice.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The stream doctor as its user handles it. Waits for what it looks for. */
final class DoctorWindow {
    /** Twice what the longest stream of the tests takes, on a loaded machine. */
    private static final double PATIENCE_MILLIS = 40_000;

    private static final int MOST_TIMES = 4;

    private final Page page;

    DoctorWindow(Page page) {
        this.page = page;
    }

    static DoctorWindow open(Visit visit) {
        visit.open("/#/doctor");
        return of(visit);
    }

    /** The one that is open in a window, or will be in a moment. */
    static DoctorWindow of(Visit visit) {
        DoctorWindow window = new DoctorWindow(visit.page());
        assertThat(window.button("Examine")).isVisible();
        return window;
    }

    Page page() {
        return page;
    }

    Locator button(String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    /** Begins an examination by so many events at this pace. */
    void begin(int events, int interval) {
        type(page.getByLabel("Events", new Page.GetByLabelOptions().setExact(true)), events);
        type(page.getByLabel("Pace in ms"), interval);
        page.locator(".doctor-form button[type=submit]").click();
    }

    /**
     * Examines the way, and waits for the verdict. Once more, as the doctor advises, if the server or the browser stood
     * still, as they may while other tests keep both cores busy.
     */
    void examine(int events, int interval) {
        int times = 0;
        do {
            begin(events, interval);
            awaitVerdict();
        } while (++times < MOST_TIMES && verdict().innerText().contains("itself stood still"));
    }

    void awaitVerdict() {
        awaitIn(verdict());
    }

    /** Plays streams that fall silent for so many seconds, and waits for the verdict. */
    void testSilences(String seconds) {
        page.getByLabel("Lengths in seconds").fill(seconds);
        button("Test silences").click();
        awaitIn(silenceVerdict());
    }

    /** The box that says how the stream came. */
    Locator verdict() {
        return page.locator(".doctor > .doctor-verdict");
    }

    Locator silenceVerdict() {
        return page.locator(".doctor-silences > .doctor-verdict");
    }

    /** The verdict's kind; null while there is none. */
    @Nullable
    String kind() {
        return verdict().getAttribute("data-verdict");
    }

    @Nullable
    String silenceKind() {
        return silenceVerdict().getAttribute("data-verdict");
    }

    /** What became of each silence, in order. */
    List<String> silences() {
        return page.locator(".doctor-silences tbody tr").allInnerTexts().stream()
                .map(row -> row.replaceAll("\\s+", " "))
                .toList();
    }

    /** Those that headers tell of, each with its evidence. */
    List<String> culprits() {
        return page.locator(".doctor-evidence li").allInnerTexts();
    }

    /** The proxies whose settings are shown without a click. */
    List<String> opened() {
        return page.locator(".doctor-advice > .doctor-fix[open] > summary").allInnerTexts();
    }

    /** What is to be set, as far as it is shown without a click. */
    String settings() {
        return String.join(
                "\n", page.locator(".doctor-advice > .doctor-fix[open] pre").allInnerTexts());
    }

    String report() {
        return page.locator("#doctor-report").inputValue();
    }

    /** By key: in Firefox, Playwright's {@code fill} adds to what a field for numbers holds. */
    private static void type(Locator field, int number) {
        field.press("ControlOrMeta+a");
        field.pressSequentially(String.valueOf(number));
        assertThat(field).hasValue(String.valueOf(number));
    }

    private static void awaitIn(Locator verdict) {
        assertThat(verdict)
                .hasAttribute(
                        "data-verdict",
                        Pattern.compile(".+"),
                        new LocatorAssertions.HasAttributeOptions().setTimeout(PATIENCE_MILLIS));
    }
}
