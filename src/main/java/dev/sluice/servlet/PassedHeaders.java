package dev.sluice.servlet;

import dev.sluice.relay.Head.Field;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The client's headers that go on to the provider; its {@code Authorization} is none of them. */
final class PassedHeaders {
    private static final List<String> NAMES = List.of("Idempotency-Key", "X-Request-Id", "traceparent", "tracestate");

    private PassedHeaders() {}

    static List<Field> of(HttpServletRequest request) {
        List<Field> fields = new ArrayList<>(0);
        for (String name : NAMES) {
            for (String value : Collections.list(request.getHeaders(name))) {
                fields.add(new Field(name, value));
            }
        }
        return fields;
    }
}
