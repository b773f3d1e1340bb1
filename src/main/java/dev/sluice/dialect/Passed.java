package dev.sluice.dialect;

import dev.sluice.relay.Head.Field;
import java.util.List;

/**
 * What is passed on of a client's request beside its body. Immutable.
 *
 * @param headers those that the dialect {@linkplain Dialect#headers names}
 * @param query the parameters that the dialect {@linkplain Dialect#parameters names}, as they were sent, with the question
 *     mark before them; empty if there are none
 */
public record Passed(List<Field> headers, String query) {
    /** Nothing. */
    public static final Passed NONE = new Passed(List.of(), "");

    public Passed {
        headers = List.copyOf(headers);
    }
}
