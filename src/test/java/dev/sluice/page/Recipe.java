package dev.sluice.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.it.Documents;
import java.io.IOException;

/** The code that the documents' page for clients offers to copy. */
final class Recipe {
    private static final String CHAPTER = "\n## From your own code\n";

    private Recipe() {}

    /** The block of this kind in the chapter; {@code number} counts from 0. */
    static String block(String kind, int number) throws IOException {
        String page = Documents.page("clients.md");
        int at = page.indexOf(CHAPTER);
        assertThat(at).as("the place of the chapter").isPositive();
        String begin = "\n```" + kind + "\n";
        for (int i = 0; i <= number; i++) {
            at = page.indexOf(begin, at) + begin.length();
        }
        return page.substring(at, page.indexOf("\n```", at) + 1);
    }
}
