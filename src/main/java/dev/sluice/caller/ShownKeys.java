package dev.sluice.caller;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The keys and tokens that a request brings: as OpenAI's clients send them, and as Anthropic's do. */
final class ShownKeys {
    private static final String BEARER = "Bearer ";

    private ShownKeys() {}

    /** Each once, without those that are empty; none if the request brings no key. */
    static Set<String> of(HttpServletRequest request) {
        Set<String> keys = bearers(request);
        lines(request, "x-api-key").forEach(line -> keys.add(line.strip()));
        keys.remove("");
        return keys;
    }

    /** Those that were sent as {@code Authorization: Bearer}, as tokens are too. */
    static Set<String> bearers(HttpServletRequest request) {
        Set<String> keys = new LinkedHashSet<>();
        for (String line : lines(request, "Authorization")) {
            if (line.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
                keys.add(line.substring(BEARER.length()).strip());
            }
        }
        return keys;
    }

    private static List<String> lines(HttpServletRequest request, String name) {
        Enumeration<String> lines = request.getHeaders(name);
        return lines == null ? List.of() : Collections.list(lines);
    }
}
