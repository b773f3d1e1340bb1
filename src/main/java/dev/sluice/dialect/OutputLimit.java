package dev.sluice.dialect;

import org.jspecify.annotations.Nullable;

/**
 * The longest answer that a request may get. Immutable.
 *
 * @param names the fields for it
 * @param tokens those of one answer, 1 or more
 * @param isSaid whether the client's request names its own, which is no longer
 * @param field the field to write if neither the request nor a default names one
 * @param none the place of a null that the request has for that field; null if there is none
 */
public record OutputLimit(
        OutputFields.Names names,
        long tokens,
        boolean isSaid,
        String field,
        @Nullable Span none) {
    /** Whether an operator's default may be added to the request: it must not make the answer longer. */
    boolean permits(String name, RequestDefaults defaults) {
        if (names.answers().contains(name)) {
            return defaults.number(name) == 1;
        }
        if (names.longest().contains(name) || names.alsoLongest().contains(name)) {
            long number = defaults.number(name);
            return number >= 1 && number <= tokens;
        }
        return true;
    }

    /** Writes it into the request. */
    void write(Edits edits) {
        if (none == null) {
            edits.add("\"" + field + "\":" + tokens);
        } else {
            edits.replace(none, String.valueOf(tokens));
        }
    }
}
