package dev.sluice.upstream;

import dev.sluice.relay.Head.Field;
import java.util.List;

/**
 * How a provider's models are requested. Immutable.
 *
 * @param query the query, with its question mark; empty for none
 * @param fields further headers
 */
public record ListRequest(String query, List<Field> fields) {
    /** Of OpenAI's API, which has neither. */
    public static final ListRequest PLAIN = new ListRequest("", List.of());

    public ListRequest {
        fields = List.copyOf(fields);
    }
}
