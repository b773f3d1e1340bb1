package dev.sluice.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The pages that tell people how to use Sluice, of which tests run what they say. */
public final class Documents {
    private static final Path PAGES = Path.of("src", "site", "markdown");

    private Documents() {}

    /** The text of one page, such as {@code deploy/jetty.md}. */
    public static String page(String name) throws IOException {
        return Files.readString(PAGES.resolve(name));
    }
}
