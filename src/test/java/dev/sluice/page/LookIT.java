package dev.sluice.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import dev.sluice.it.Completion;
import dev.sluice.it.Container;
import dev.sluice.it.Exchange;
import dev.sluice.it.ScriptedUpstream;
import dev.sluice.it.Scripts;
import java.io.IOException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The look of the page in each of its states, on a desktop and a phone, light and dark: axe finds no violations, and a
 * screenshot of each state is written for reviewers.
 */
final class LookIT extends BrowserTest {
    private static final String ANSWER = """
            A *sluice* lets through as much water as the channel below can take.

            | | SSE | WebSocket |
            | --- | --- | --- |
            | direction | one way | both ways |
            | proxies | plain HTTP | need an upgrade |

            1. The output is ready.
            2. The next chunk is **demanded**.

            ```java
            void onWritePossible() {
                while (output.isReady() && relay.next()) { // never faster
                    relay.write(output);
                }
            }
            ```

            So \\(rate_{in} \\le rate_{out}\\), always.
            """;

    /** The visitor's device and colours. */
    enum Kind {
        DESKTOP_LIGHT(1200, 800, ColorScheme.LIGHT),
        DESKTOP_DARK(1200, 800, ColorScheme.DARK),
        PHONE_LIGHT(390, 780, ColorScheme.LIGHT),
        PHONE_DARK(390, 780, ColorScheme.DARK);

        private final int width;
        private final int height;
        private final ColorScheme colors;

        Kind(int width, int height, ColorScheme colors) {
            this.width = width;
            this.height = height;
            this.colors = colors;
        }

        NewContextOptions options() {
            return new NewContextOptions()
                    .setViewportSize(width, height)
                    .setColorScheme(colors)
                    .setReducedMotion(ReducedMotion.REDUCE);
        }

        boolean isPhone() {
            return this == PHONE_LIGHT || this == PHONE_DARK;
        }

        String file() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    @SuppressWarnings("NullAway.Init")
    private static ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static Container container;

    @BeforeAll
    static void start() throws IOException {
        upstream = ScriptedUpstream.start();
        container = Container.Kind.JETTY.start(ChatTest.launch(upstream));
    }

    @AfterAll
    static void stop() throws IOException {
        container.close();
        upstream.close();
    }

    @ParameterizedTest
    @EnumSource
    void states_areWithoutFault(Kind kind) throws IOException {
        upstream.script(ScriptedUpstream.BY_HAND);
        try (Visit visit = browser.visit(container.base(), kind.options())) {
            ChatWindow chat = ChatWindow.open(visit);
            look(visit, kind, "welcome");

            chat.ask("What is back-pressure?");
            chat.awaitState("waiting");
            look(visit, kind, "waiting");

            Exchange exchange = upstream.next();
            exchange.stream().chunk(Completion.reasoning("The reader wants a picture, and then the code."));
            chat.awaitState("thinking");
            look(visit, kind, "thinking");

            int middle = ANSWER.indexOf("while");
            exchange.token(ANSWER.substring(0, middle));
            chat.awaitState("streaming");
            assertThat(chat.lastText().locator("pre")).isVisible();
            look(visit, kind, "streaming");

            exchange.token(ANSWER.substring(middle));
            exchange.chunk(Completion.finish("stop") + Completion.usage(7, 131) + Completion.DONE);
            exchange.end();
            chat.awaitState("done");
            assertThat(chat.lastText().locator("math")).isAttached();
            look(visit, kind, "done");

            chat.page().locator("li.question").first().getByLabel("Edit").click();
            look(visit, kind, "editing");
            chat.button("Cancel").click();

            upstream.script(Scripts.answer(429, "{\"error\":{\"message\":\"Too many requests for this key.\"}}"));
            chat.ask("And now?");
            chat.awaitState("failed");
            look(visit, kind, "failed");

            chat.button("Settings").click();
            look(visit, kind, "settings");
            chat.page().keyboard().press("Escape");

            if (kind.isPhone()) {
                chat.button("Conversations").click();
                look(visit, kind, "conversations");
            } else {
                chat.button("Keyboard shortcuts").click();
                look(visit, kind, "help");
                chat.page().keyboard().press("Escape");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void doctor_isWithoutFault(Kind kind) throws IOException {
        try (Visit visit = browser.visit(container.base(), kind.options())) {
            DoctorWindow.open(visit);
            look(visit, kind, "doctor");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"de-DE", "fr-FR", "zh-CN"})
    void language_ofTheBrowser_isSpoken(String locale) throws IOException {
        try (Visit visit =
                browser.visit(container.base(), Kind.DESKTOP_LIGHT.options().setLocale(locale))) {
            new ChatWindow(visit.open("/")).awaitReady();
            String language = locale.substring(0, 2);
            assertThat(visit.page().locator("html")).hasAttribute("lang", Pattern.compile(language + ".*"));
            assertThat(visit.page().locator("#views a").last())
                    .hasText(
                            language.equals("de")
                                    ? "Stream-Doktor"
                                    : language.equals("fr") ? "Docteur des flux" : "流诊断");
            look(visit, Kind.DESKTOP_LIGHT, "welcome-" + language);
        }
    }

    private static void look(Visit visit, Kind kind, String state) {
        visit.screenshot(kind.file() + "-" + state);
        assertThat(visit.axeViolations()).as("%s, %s", kind, state).isEmpty();
        assertThat(visit.page().evaluate("() => document.documentElement.scrollWidth - innerWidth"))
                .as("wider than its window by, %s, %s", kind, state)
                .isEqualTo(0);
    }
}
