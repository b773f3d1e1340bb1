package dev.sluice.servlet;

import dev.sluice.chat.InvalidRequestException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parses the query string of a URL. The containers' own parsers are not used, because one of them ignores ill-formed parameters
 * instead of reporting them. Stateless.
 */
final class QueryString {
    private QueryString() {}

    /**
     * The values by name, in the order of the query string.
     *
     * @throws InvalidRequestException if it is ill-formed
     */
    static Map<String, String[]> parameters(@Nullable String query) throws InvalidRequestException {
        Map<String, String[]> parameters = new LinkedHashMap<>();
        for (String part : (query == null ? "" : query).split("&", -1)) {
            if (!part.isEmpty()) {
                String[] sides = part.split("=", 2);
                String value = sides.length > 1 ? decode(sides[1]) : "";
                parameters.merge(decode(sides[0]), new String[] {value}, QueryString::joined);
            }
        }
        return parameters;
    }

    private static String[] joined(String[] values, String[] more) {
        String[] all = Arrays.copyOf(values, values.length + more.length);
        System.arraycopy(more, 0, all, values.length, more.length);
        return all;
    }

    private static String decode(String text) throws InvalidRequestException {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw InvalidRequestException.badRequest(
                    "malformed_query",
                    "The address is ill-formed: behind its question mark, a % is not followed by two hexadecimal digits.");
        }
    }
}
