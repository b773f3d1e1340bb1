package dev.sluice.upstream;

import dev.sluice.dialect.Dialect;
import dev.sluice.relay.Head.Field;
import java.util.List;

/**
 * One request, for any of the providers.
 *
 * @param body the request body, which differs by target
 * @param fields the client's headers that are passed to the provider
 * @param streams whether the answer is an event stream instead of one JSON object
 */
record UpstreamRequest(Dialect dialect, HeldBody body, List<Field> fields, boolean streams) {
    UpstreamRequest {
        fields = List.copyOf(fields);
    }

    /** Whether the provider can recognize a repeated request by its {@code Idempotency-Key}. */
    boolean isIdempotent() {
        return fields.stream().anyMatch(field -> field.name().equalsIgnoreCase("Idempotency-Key"));
    }
}
