package dev.sluice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A Markdown file with a generated part between two comments. The rest of the file is kept. */
final class Document {
    private static final String BEGIN = "<!-- measured -->";
    private static final String END = "<!-- /measured -->";
    private static final String NEW = "# What Sluice costs, beside others\n\n" + BEGIN + "\n" + END + "\n";

    private Document() {}

    /** Replaces the generated part of the file, or creates the file. */
    static void write(Path file, String generated) throws IOException {
        String old = Files.exists(file) ? Files.readString(file) : NEW;
        try {
            Files.writeString(file, replaced(old, generated));
        } catch (IllegalArgumentException noMarks) {
            throw new IOException(file + ": " + noMarks.getMessage(), noMarks);
        }
    }

    /** @throws IllegalArgumentException if the two comments are missing or in the wrong order */
    static String replaced(String old, String generated) {
        int begin = old.indexOf(BEGIN);
        int end = old.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("the generated part goes between " + BEGIN + " and " + END
                    + ", which are not there; put them in, or remove the file");
        }
        return old.substring(0, begin) + BEGIN + "\n\n" + generated.strip() + "\n\n" + old.substring(end);
    }
}
