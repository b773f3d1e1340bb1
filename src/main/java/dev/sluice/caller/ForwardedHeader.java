package dev.sluice.caller;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parses the header {@code Forwarded} (RFC 7239, section 4). It is stricter than the RFC where a lenient parser would let a
 * client hide what a proxy has added behind it: an empty element is ill-formed. Stateless.
 */
final class ForwardedHeader {
    private static final String PUNCTUATION_OF_TOKENS = "!#$%&'*+-.^_`|~";

    private final String line;
    private int at;

    private ForwardedHeader(String line) {
        this.line = line;
    }

    /**
     * The elements of all proxies, the one nearest to the client first: the parameters by their names in lower case, without
     * quotes.
     *
     * @param lines the values of all headers of that name, in order
     * @return null if any of them is ill-formed, because then no element can be trusted
     */
    static @Nullable List<Map<String, String>> elements(List<String> lines) {
        List<Map<String, String>> all = new ArrayList<>();
        for (String line : lines) {
            if (!new ForwardedHeader(line).read(all)) {
                return null;
            }
        }
        return all;
    }

    private boolean read(List<Map<String, String>> elements) {
        do {
            Map<String, String> element = new HashMap<>();
            do {
                skipBlanks();
                if (!readPair(element)) {
                    return false;
                }
                skipBlanks();
            } while (skip(';'));
            elements.add(element);
        } while (skip(','));
        return at == line.length();
    }

    private boolean readPair(Map<String, String> element) {
        String name = token();
        if (name.isEmpty() || !skip('=')) {
            return false;
        }
        boolean quoted = skip('"');
        String value = quoted ? restOfQuoted() : token();
        if (value == null || (value.isEmpty() && !quoted)) {
            return false;
        }
        // RFC 7239: a parameter must not occur more than once in an element.
        return element.putIfAbsent(name.toLowerCase(Locale.ROOT), value) == null;
    }

    private String token() {
        int begin = at;
        while (at < line.length() && isOfTokens(line.charAt(at))) {
            at++;
        }
        return line.substring(begin, at);
    }

    /** The text of a quoted string; null if it is not closed. */
    private @Nullable String restOfQuoted() {
        StringBuilder text = new StringBuilder();
        while (at < line.length()) {
            char c = line.charAt(at++);
            if (c == '"') {
                return text.toString();
            }
            if (c == '\\') {
                if (at == line.length()) {
                    return null;
                }
                c = line.charAt(at++);
            }
            text.append(c);
        }
        return null;
    }

    private void skipBlanks() {
        while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
            at++;
        }
    }

    private boolean skip(char expected) {
        boolean there = at < line.length() && line.charAt(at) == expected;
        if (there) {
            at++;
        }
        return there;
    }

    private static boolean isOfTokens(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || PUNCTUATION_OF_TOKENS.indexOf(c) >= 0;
    }
}
