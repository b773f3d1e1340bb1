package dev.sluice.page;

import dev.sluice.it.NeededPrograms;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The browsers in which the pages are tested: those that are installed on this machine, unmodified. */
enum Engine {
    CHROMIUM,

    /** An unmodified Firefox by WebDriver BiDi. Playwright's own protocol needs a patched Firefox. */
    FIREFOX;

    /** Its possible programs on the {@code PATH}. The first one is its name in {@code test.mandatory}. */
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
