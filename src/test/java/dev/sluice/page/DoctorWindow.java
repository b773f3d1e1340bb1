package dev.sluice.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The stream doctor's page, used as its user does. Each method waits for the element that it needs. */
final class DoctorWindow {
    /** Twice the duration of the longest stream of the tests on a busy machine. */
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

    /** The doctor that is open in a window, or that is being opened. */
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

    /** Starts a test with this number of events at this interval. */
    void begin(int events, int interval) {
        type(page.getByLabel("Events", new Page.GetByLabelOptions().setExact(true)), events);
        type(page.getByLabel("Pace in ms"), interval);
        page.locator(".doctor-form button[type=submit]").click();
    }

    /**
     * Runs a test and waits for the verdict. If the server or the browser was blocked, as may happen while other tests
     * use both cores, it runs the test again, as the doctor advises.
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

    /** Tests streams with pauses of so many seconds, and waits for the verdict. */
    void testSilences(String seconds) {
        page.getByLabel("Lengths in seconds").fill(seconds);
        button("Test silences").click();
        awaitIn(silenceVerdict());
    }

    /** The element with the verdict. */
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

    /** The result of each pause, in order. */
    List<String> silences() {
        return page.locator(".doctor-silences tbody tr").allInnerTexts().stream()
                .map(row -> row.replaceAll("\\s+", " "))
                .toList();
    }

    /** The proxies that were detected by headers, each with the evidence. */
    List<String> culprits() {
        return page.locator(".doctor-evidence li").allInnerTexts();
    }

    /** The proxies whose settings are visible without a click. */
    List<String> opened() {
        return page.locator(".doctor-advice > .doctor-fix[open] > summary").allInnerTexts();
    }

    /** The recommended settings that are visible without a click. */
    String settings() {
        return String.join(
                "\n", page.locator(".doctor-advice > .doctor-fix[open] pre").allInnerTexts());
    }

    String report() {
        return page.locator("#doctor-report").inputValue();
    }

    /** Types the number with keys. In Firefox, Playwright's {@code fill} appends to a number field. */
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
