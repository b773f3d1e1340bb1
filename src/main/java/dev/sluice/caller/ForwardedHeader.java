package dev.sluice.caller;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header {@code Forwarded} (RFC 7239, section 4). Stricter than that where leniency would let a client hide
 * what a proxy has written behind it: an empty element is ill-formed.
 */
final class ForwardedHeader {
    private static final String PUNCTUATION_OF_TOKENS = "!#$%&'*+-.^_`|~";

    private final String line;
    private int at;

    private ForwardedHeader(String line) {
        this.line = line;
    }

    /**
     * What each proxy said, the client's side first: parameters by their names in lower case, quotes taken off.
     *
     * @param lines the values of all headers of that name, in order
     * @return null if any of them is ill-formed, for then nothing in them can be told apart
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
        // The same name twice must not occur in an element.
        return element.putIfAbsent(name.toLowerCase(Locale.ROOT), value) == null;
    }

    private String token() {
        int begin = at;
        while (at < line.length() && isOfTokens(line.charAt(at))) {
            at++;
        }
        return line.substring(begin, at);
    }

    /** Null if the quote is never closed. */
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
