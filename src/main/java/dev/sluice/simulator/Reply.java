package dev.sluice.simulator;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole answer in JSON.
 *
 * @param headers beside the content's type and length
 */
record Reply(int status, Map<String, String> headers, String body) {
    /** An error in OpenAI's shape. */
    static Reply error(int status, String type, String code, @Nullable String param, String message) {
        return new Reply(status, Map.of(), Dialect.error(type, code, param, message));
    }

    Reply with(String header, String value) {
        Map<String, String> more = new HashMap<>(headers);
        more.put(header, value);
        return new Reply(status, Map.copyOf(more), body);
    }
}
