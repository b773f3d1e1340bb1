package dev.sluice.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.options.ColorScheme;
import dev.sluice.it.Container;
import dev.sluice.it.Launch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The stream doctor, without a proxy and behind proxies that each disturb streams in one way. */
final class DoctorIT extends BrowserTest {
    private static final String KEY = "the-doctors-access-key";

    /** The browser's message for a connection that is aborted or refused. */
    private static final String CUT = "net::ERR_";

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @BeforeAll
    static void start() throws IOException {
        container = Container.Kind.JETTY.start(Launch.plain().with("sluice.access.open", "true"));
    }

    @AfterAll
    static void stop() {
        container.close();
    }

    // Without a proxy.

    @ParameterizedTest
    @EnumSource(Container.Kind.class)
    void stream_straightFromTheContainer_isLive(Container.Kind kind) throws IOException {
        try (Container own = kind.start(Launch.plain());
                Visit visit = browser.visit(own.base())) {
            DoctorWindow doctor = DoctorWindow.open(visit);
            doctor.examine(50, 40);
            assertThat(doctor.kind()).as(doctor.report()).isEqualTo("live");
            assertThat(doctor.verdict().innerText()).contains("All 50 events came one by one");
            assertThat(doctor.culprits()).isEmpty();
            assertThat(doctor.opened()).isEmpty();
            assertThat(doctor.page().locator(".doctor-table tbody tr")).hasCount(50);
        }
    }

    @Test
    void silence_straightFromTheContainer_holds() throws IOException {
        try (Visit visit = browser.visit(container.base())) {
            DoctorWindow doctor = DoctorWindow.open(visit);
            doctor.testSilences("1, 2");
            assertThat(doctor.silenceKind()).as("%s", doctor.silences()).isEqualTo("held");
            assertThat(doctor.silences()).hasSize(4).allMatch(row -> row.contains("Held"));
        }
    }

    @Test
    void stream_thatIsTooBrief_isNotJudged() throws IOException {
        try (Visit visit = browser.visit(container.base())) {
            DoctorWindow doctor = DoctorWindow.open(visit);
            doctor.examine(20, 0);
            assertThat(doctor.kind()).as(doctor.report()).isEqualTo("inconclusive");
        }
    }

    @Test
    void examination_thatIsStopped_endsAtOnceAndCanBeBegunAgain() throws IOException {
        try (Visit visit = browser.visit(container.base())) {
            DoctorWindow doctor = DoctorWindow.open(visit);
            doctor.begin(1000, 100);
            assertThat(doctor.page().locator(".doctor-progress")).containsText("of 1,000");
            doctor.button("Stop").press("Enter");
            doctor.awaitVerdict();
            assertThat(doctor.kind()).isEqualTo("stopped");
            assertThat(doctor.button("Examine again")).isFocused();
            container.awaitIdle();
            doctor.examine(20, 50);
            assertThat(doctor.kind()).as(doctor.report()).isEqualTo("live");
        }
    }

    @Test
    void chatsShortcutsAndRemovals_whereNoConversationWasOpened_areNoFault() throws IOException {
        try (Visit visit = browser.visit(container.base())) {
            DoctorWindow doctor = DoctorWindow.open(visit);
            Modules.inAnotherTab(visit).run("""
                    const store = await stores.openStore();
                    const it = conversations.newConversation();
                    it.title = 'short-lived';
                    await store.put(it);
                    await store.remove(it.id);
                    """);
            for (String keys : List.of("Escape", "Control+Shift+E", "Control+Shift+Y")) {
                doctor.page().keyboard().press(keys);
            }
            assertThat(doctor.page().locator("#announcer")).not().isEmpty(); // announces whether the text was copied
            assertThat(visit.offences()).isEmpty();
        }
    }

    @Test
    void server_withAKey_asksForItAndKeepsItOutOfTheReport() throws IOException {
        try (Container keyed = Container.Kind.JETTY.start(Launch.plain().with("sluice.access.keys", KEY));
                Visit visit = browser.visit(keyed.base())) {
            visit.open("/#/doctor");
            // The chat page has asked for the key already, to list the models. This test does not need it.
            visit.page().locator("#access[open]").press("Escape");
            DoctorWindow doctor = DoctorWindow.of(visit);
            doctor.begin(40, 50);
            visit.page().locator("#access-key").fill(KEY);
            visit.page().locator("#access-key").press("Enter");
            doctor.awaitVerdict();
            assertThat(doctor.kind()).as(doctor.report()).isEqualTo("live");
            assertThat(doctor.report()).contains("Stream doctor: Live").doesNotContain(KEY);
            assertThat(visit.page().content()).doesNotContain(KEY);
        }
    }

    // Behind a proxy.

    @Test
    void box_thatScansWholeAnswers_isFoundToBufferAndNamed() throws IOException {
        try (Middlebox box = Middlebox.scanner(container.base());
                Visit visit = browser.visit(box.uri())) {
            DoctorWindow doctor = DoctorWindow.open(visit);
            doctor.examine(40, 50);
            assertThat(doctor.kind()).as(doctor.report()).isEqualTo("buffered");
            assertThat(doctor.culprits()).singleElement().asString().contains("via: 1.1 office (squid/6.1)");
            assertThat(doctor.opened()).containsExactly("A company’s proxy or a virus scanner");
        }
    }

    @Test
    void box_thatCollects_isFoundToSendInBursts() throws IOException {
        try (Middlebox box = Middlebox.collecting(container.base(), Duration.ofMillis(600));
                Visit visit = browser.visit(box.uri())) {
            DoctorWindow doctor = DoctorWindow.open(visit);
            doctor.examine(60, 50);
            assertThat(doctor.kind()).as(doctor.report()).isEqualTo("bursty");
            assertThat(doctor.culprits()).isEmpty();
        }
    }

    @Test
    void box_thatCutsSilences_isFound() throws IOException {
        try (Middlebox box = Middlebox.impatient(container.base(), Duration.ofMillis(1500))) {
            Visit visit = browser.visit(box.uri());
            DoctorWindow doctor = DoctorWindow.open(visit);
            doctor.testSilences("1 3");
            assertThat(doctor.silenceKind()).as("%s", doctor.silences()).isEqualTo("sparse");
            assertThat(doctor.silences().subList(0, 2)).allMatch(row -> row.contains("Held"));
            assertThat(doctor.silences().subList(2, 4))
                    .allMatch(row -> row.matches(".* Cut after (1\\.[2-9]|2\\.[0-4]) s of silence"));
            visit.forgive(CUT);
            visit.close();
        }
    }

    @Test
    void box_thatCutsAnswersShort_isFound() throws IOException {
        try (Middlebox box = Middlebox.limiting(container.base(), 1500)) {
            Visit visit = browser.visit(box.uri());
            DoctorWindow doctor = DoctorWindow.open(visit);
            doctor.examine(100, 20);
            assertThat(doctor.kind()).as(doctor.report()).isEqualTo("cut");
            assertThat(doctor.verdict().innerText()).contains("broke off", "of 100 events");
            visit.forgive(CUT);
            visit.close();
        }
    }

    @Test
    void box_withALoginPage_isFoundToBlock() throws IOException {
        try (Middlebox box = Middlebox.asking(container.base());
                Visit visit = browser.visit(box.uri())) {
            DoctorWindow doctor = DoctorWindow.open(visit);
            doctor.examine(20, 50);
            assertThat(doctor.kind()).isEqualTo("blocked");
            assertThat(doctor.verdict().innerText()).contains("A web page came instead of events");
        }
    }

    @Test
    void box_thatSendsPeopleElsewhere_isFoundToBlockAndNotFollowed() throws IOException {
        try (ServerSocket login = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                Middlebox box = Middlebox.redirecting(
                        container.base(), URI.create("http://127.0.0.1:" + login.getLocalPort() + "/login"))) {
            Visit visit = browser.visit(box.uri());
            DoctorWindow doctor = DoctorWindow.open(visit);
            doctor.examine(20, 50);
            assertThat(doctor.kind()).isEqualTo("blocked");
            assertThat(doctor.verdict().innerText()).contains("redirected elsewhere");
            // The browser's driver reports a request that the browser does not make.
            login.setSoTimeout(500);
            assertThatThrownBy(login::accept).isInstanceOf(SocketTimeoutException.class);
            visit.forgive("a request to http://127.0.0.1:" + login.getLocalPort());
            visit.close();
        }
    }

    @Test
    void box_thatFails_isFoundToBlockAndNamed() throws IOException {
        try (Middlebox box = Middlebox.failing(container.base());
                Visit visit = browser.visit(box.uri())) {
            DoctorWindow doctor = DoctorWindow.open(visit);
            doctor.examine(20, 50);
            assertThat(doctor.kind()).isEqualTo("blocked");
            assertThat(doctor.verdict().innerText()).contains("status 502");
            assertThat(doctor.culprits()).singleElement().asString().contains("Cloudflare: server: cloudflare");
        }
    }

    @Test
    void box_thatHangsUp_isFoundToBlock() throws IOException {
        try (Middlebox box = Middlebox.refusing(container.base())) {
            Visit visit = browser.visit(box.uri());
            DoctorWindow doctor = DoctorWindow.open(visit);
            doctor.examine(20, 50);
            assertThat(doctor.kind()).isEqualTo("blocked");
            assertThat(doctor.verdict().innerText()).contains("no answer at all");
            visit.forgive(CUT);
            visit.close();
        }
    }

    @Test
    void port_thatRefuses_isFoundToBlock() throws IOException {
        Middlebox box = Middlebox.refusing(container.base());
        Visit visit = browser.visit(box.uri());
        DoctorWindow doctor = DoctorWindow.open(visit);
        box.close();
        doctor.examine(20, 50);
        assertThat(doctor.kind()).isEqualTo("blocked");
        assertThat(doctor.verdict().innerText()).contains("refused");
        visit.forgive(CUT);
        visit.close();
    }

    // For everyone.

    @Test
    void verdict_isAnnouncedOnce() throws IOException {
        try (Visit visit = browser.visit(container.base())) {
            DoctorWindow doctor = DoctorWindow.open(visit);
            assertThat(doctor.verdict()).hasAttribute("role", "status");
            doctor.page().evaluate("""
                    () => {
                      window.announced = [];
                      const region = document.querySelector('.doctor > .doctor-verdict');
                      new MutationObserver(() => window.announced.push(region.textContent))
                          .observe(region, { childList: true, subtree: true, characterData: true });
                    }""");
            doctor.examine(20, 50);
            assertThat((List<?>) doctor.page().evaluate("() => window.announced.filter(Boolean)"))
                    .singleElement()
                    .asString()
                    .startsWith("Live");
        }
    }

    @Test
    void report_isCopied_orSelectedWhereThatIsForbidden() throws IOException {
        NewContextOptions kind = new NewContextOptions().setPermissions(List.of("clipboard-read", "clipboard-write"));
        try (Visit visit = browser.visit(container.base(), kind)) {
            DoctorWindow doctor = DoctorWindow.open(visit);
            doctor.examine(20, 50);
            doctor.page().getByText("Report for a ticket").click();
            doctor.button("Copy report").click();
            assertThat(doctor.page().getByText("Copied.")).isVisible();
            assertThat(doctor.page().evaluate("() => navigator.clipboard.readText()"))
                    .isEqualTo(doctor.report());
            assertThat(doctor.report())
                    .contains("Stream doctor: ", "content-type: text/event-stream", "Events arrived: 20 of 20");

            doctor.page().evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }");
            doctor.button("Copy report").click();
            assertThat(doctor.page().getByText("Selected: copy it with Ctrl+C."))
                    .isVisible();
            assertThat(doctor.page().evaluate("() => getSelection().toString()"))
                    .isEqualTo(doctor.report());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"light", "dark", "phone"})
    void everyState_isAccessible(String kind) throws IOException {
        browser.only(Engine.CHROMIUM, SAME_FOR_AXE);
        NewContextOptions window =
                new NewContextOptions().setColorScheme(kind.equals("dark") ? ColorScheme.DARK : ColorScheme.LIGHT);
        if (kind.equals("phone")) {
            window.setViewportSize(390, 844);
        }
        try (Middlebox box = Middlebox.collecting(container.base(), Duration.ofMillis(500));
                Visit visit = browser.visit(box.uri(), window)) {
            DoctorWindow doctor = DoctorWindow.open(visit);
            assertThat(visit.axeViolations()).as("at rest").isEmpty();
            doctor.begin(60, 50);
            assertThat(doctor.page().locator(".doctor-arrived").first()).isAttached();
            assertThat(visit.axeViolations()).as("while it runs").isEmpty();
            doctor.awaitVerdict();
            visit.screenshot("doctor-" + kind);
            doctor.testSilences("1");
            doctor.page()
                    .evaluate("() => document.querySelectorAll('#doctor details').forEach(d => { d.open = true; })");
            assertThat(visit.axeViolations()).as("with all that it says").isEmpty();
            assertThat(doctor.page().evaluate("() => document.documentElement.scrollWidth <= innerWidth"))
                    .as("fits the window")
                    .isEqualTo(true);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"de", "fr", "zh"})
    void everyWord_isThereInOtherLanguages(String language) throws IOException {
        browser.only(Engine.CHROMIUM, "The words of a language are the same in each browser");
        try (Visit visit = browser.visit(container.base(), new NewContextOptions().setLocale(language))) {
            visit.open("/#/doctor");
            visit.page().locator(".doctor-form button[type=submit]").click();
            visit.page().locator(".doctor > .doctor-verdict[data-verdict]").waitFor();
            assertThat(visit.page().locator("#doctor").textContent())
                    .doesNotContain("doctor.")
                    .doesNotContain("one by one", "Who stands in between");
        }
    }
}
