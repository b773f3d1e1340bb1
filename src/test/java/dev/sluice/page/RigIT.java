package dev.sluice.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The tests of the page detect the violations that they watch for. Without this test, "no violation" would prove
 * nothing.
 */
final class RigIT extends PageTest {
    @Test
    void inlineStyleAndMarkup_areViolationsThatAreNoticed() {
        Visit visit = browser.visit(container.base());
        Page page = visit.open("/");
        page.evaluate("() => document.body.setAttribute('style', 'color: red')");
        assertThatThrownBy(() -> page.evaluate("() => { document.body.innerHTML = '<b>bold</b>'; }"))
                .isInstanceOf(PlaywrightException.class)
                .hasMessageContaining(engine == Engine.CHROMIUM ? "TrustedHTML" : "Sink type mismatch");
        assertThatThrownBy(visit::close)
                .hasMessageContaining("policy violated: style-src")
                .hasMessageContaining("policy violated: require-trusted-types-for");
    }

    @Test
    void requestElsewhere_isNoticed() {
        Visit visit = browser.visit(container.base());
        visit.open("/").evaluate("""
                async () => {
                  const told = new Promise((resolve) => addEventListener('securitypolicyviolation', resolve));
                  await fetch('http://127.0.0.1:1/').catch(() => told);
                }
                """);
        assertThatThrownBy(visit::close).hasMessageContaining("127.0.0.1:1");
    }

    @Test
    void errorThatNobodyCatches_isNoticed() {
        Visit visit = browser.visit(container.base());
        Page page = visit.open("/");
        page.evaluate("() => new Promise(done => setTimeout(() => { done(); throw new Error('lost'); }))");
        page.evaluate("() => new Promise(requestAnimationFrame)");
        assertThatThrownBy(visit::close).hasMessageContaining("lost");
    }

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    void visitorOfAKind_seesThePageAsThatKindDoes(ColorScheme scheme) throws IOException {
        ReducedMotion motion = scheme == ColorScheme.DARK ? ReducedMotion.REDUCE : ReducedMotion.NO_PREFERENCE;
        NewContextOptions kind = new NewContextOptions()
                .setColorScheme(scheme)
                .setReducedMotion(motion)
                .setViewportSize(390, 780)
                .setLocale("de-DE");
        try (Visit visit = browser.visit(container.base(), kind)) {
            Object seen = visit.open("/").evaluate("""
                    () => [matchMedia('(prefers-color-scheme: dark)').matches,
                      matchMedia('(prefers-reduced-motion: reduce)').matches, innerWidth, innerHeight, navigator.language]
                    """);
            boolean dark = scheme == ColorScheme.DARK;
            assertThat(seen).isEqualTo(List.of(dark, dark, 390, 780, "de-DE"));
        }
    }

    @Test
    void imageWithoutWords_isFoundByAxe() throws IOException {
        try (Visit visit = browser.visit(container.base())) {
            visit.open("/").evaluate("() => document.body.append(document.createElement('button'))");
            assertThat(visit.axeViolations()).anyMatch(violation -> violation.startsWith("button-name"));
        }
    }
}
