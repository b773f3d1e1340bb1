package dev.sluice.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One setting that an operator can make. Its texts are Markdown for the documents, with code and links at most.
 *
 * @param fallback its default value, as an operator would write it; null for none, or for one that depends on other
 *     settings
 * @param byDefault what holds while it is not set, for the documents
 * @param meaning what the value is, as a noun phrase: an error message puts it after "for", the documents begin a sentence
 *     with it
 * @param details further sentences for the documents; may be empty
 */
record Option<T>(
        String name, @Nullable String fallback, String byDefault, Type<T> type, String meaning, String details) {
    /** The environment variable for it: {@code SLUICE_UPSTREAM_MAX_STREAMS} for {@code sluice.upstream.max-streams}. */
    String variable() {
        return name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** The same option by another name. */
    Option<T> named(String other) {
        return new Option<>(other, fallback, byDefault, type, meaning, details);
    }

    /** What a well-formed value is and what it is for, in plain text: the end of an error message. */
    String expected() {
        return "expected " + type.expected() + ", for " + plain(meaning);
    }

    /** Null for a text that is accepted; else which part of it is at fault, or "" for the whole. Shows no secret. */
    @Nullable
    String fault(String text) {
        try {
            return !text.isEmpty() && type.parse().apply(text) != null ? null : "";
        } catch (EntryException illFormed) {
            return illFormed.getMessage();
        } catch (IllegalArgumentException illFormed) {
            return "";
        }
    }

    /** What logs and error messages may show of the text. */
    String shown(String text) {
        String shown = type.show().apply(text);
        return shown.length() <= 200 ? shown : shown.substring(0, 200) + "...";
    }

    /** Markdown as plain text: without the marks of code, and links without their targets. */
    static String plain(String markdown) {
        return markdown.replace("`", "").replaceAll("\\[([^\\]]*)]\\([^)]*\\)", "$1");
    }
}
