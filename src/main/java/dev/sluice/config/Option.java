package dev.sluice.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One setting.
 *
 * @param fallback its default, as an operator would write it; null for none, or for one that depends on others
 * @param meaning what the value is for, in the words that follow "for"
 */
record Option<T>(String name, @Nullable String fallback, Type<T> type, String meaning) {
    /** The environment variable for it: {@code SLUICE_UPSTREAM_MAX_STREAMS} for {@code sluice.upstream.max-streams}. */
    String variable() {
        return name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    boolean accepts(String text) {
        return fault(text) == null;
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

    /** What logs and faults may tell of the text. */
    String shown(String text) {
        String shown = type.show().apply(text);
        return shown.length() <= 200 ? shown : shown.substring(0, 200) + "...";
    }
}
