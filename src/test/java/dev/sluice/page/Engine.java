package dev.sluice.page;

import dev.sluice.it.NeededPrograms;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The browsers that the pages are tested in: the machine's own, as its users have them. */
enum Engine {
    CHROMIUM,

    /** A stock Firefox, by WebDriver BiDi: Playwright's older way asks for a Firefox that it has patched. */
    FIREFOX;

    /** Its programs on the {@code PATH}, each as good as the others. The first is its name in {@code test.mandatory}. */
    List<String> programs() {
        return switch (this) {
            case CHROMIUM -> List.of("chromium");
            case FIREFOX -> List.of("firefox", "firefox-esr");
        };
    }

    Path executable() {
        return programs().stream()
                .map(NeededPrograms::onPath)
                .flatMap(Optional::stream)
                .findFirst()
                .orElseThrow(() -> new AssertionError("None on the PATH of " + programs()));
    }

    @Override
    public String toString() {
        return switch (this) {
            case CHROMIUM -> "Chromium";
            case FIREFOX -> "Firefox";
        };
    }
}
