package dev.sluice.upstream;

import dev.sluice.dialect.Dialect;
import dev.sluice.relay.Head.Field;
import java.util.List;

/**
 * One request, whoever answers it.
 *
 * @param fields the client's headers that pass to the provider
 * @param streams whether events are asked for, or one JSON object
 */
record UpstreamRequest(Dialect dialect, HeldBody body, List<Field> fields, boolean streams) {
    UpstreamRequest {
        fields = List.copyOf(fields);
    }

    /** Whether the provider would know a second attempt for one, and not answer twice. */
    boolean isIdempotent() {
        return fields.stream().anyMatch(field -> field.name().equalsIgnoreCase("Idempotency-Key"));
    }
}
