package dev.sluice.servlet;

import dev.sluice.dialect.PassedHeaders;
import dev.sluice.relay.Head.Field;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The client's headers that go on to the provider. */
final class ClientHeaders {
    private ClientHeaders() {}

    static List<Field> passed(HttpServletRequest request, PassedHeaders headers) {
        List<Field> fields = new ArrayList<>(0);
        for (String name : headers.toUpstream()) {
            for (String value : Collections.list(request.getHeaders(name))) {
                fields.add(new Field(name, value));
            }
        }
        return fields;
    }
}
