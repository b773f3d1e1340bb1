package dev.sluice.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The pages of the documentation, whose commands and examples tests run. */
public final class Documents {
    private static final Path PAGES = Path.of("src", "site", "markdown");

    private Documents() {}

    /** The text of one page, such as {@code deploy/jetty.md}. */
    public static String page(String name) throws IOException {
        return Files.readString(PAGES.resolve(name));
    }
}
