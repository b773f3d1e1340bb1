package dev.sluice.jwt;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the values of claims. Stateless. */
final class Claims {
    private Claims() {}

    /**
     * The value of the claim with this name. If there is none, a dot in the name leads into an object: {@code a.b} is
     * {@code b} within {@code a}.
     *
     * @return null if there is no such claim, and if it is null
     */
    static @Nullable Object find(Map<?, ?> claims, String name) {
        Object found = claims.get(name);
        for (int dot = name.indexOf('.'); found == null && dot >= 0; dot = name.indexOf('.', dot + 1)) {
            if (claims.get(name.substring(0, dot)) instanceof Map<?, ?> inner) {
                found = find(inner, name.substring(dot + 1));
            }
        }
        return found;
    }

    /**
     * The texts of an array, or the words of one text, which blanks or commas separate. Without blanks around them and
     * without empty ones.
     *
     * @return null for a value of another type
     */
    static @Nullable Set<String> words(Object value) {
        Stream<?> all;
        if (value instanceof String text) {
            all = Stream.of(text.split("[\\s,]+"));
        } else if (value instanceof Collection<?> array) {
            all = array.stream();
        } else {
            return null;
        }
        Set<String> words = new TreeSet<>();
        for (Object each : all.toList()) {
            if (!(each instanceof String text)) {
                return null;
            }
            if (!text.isBlank()) {
                words.add(text.strip());
            }
        }
        return words;
    }

    /** Whether the value is one of these texts, or an array that has one of them. */
    static boolean hasOneOf(Set<String> texts, @Nullable Object value) {
        return value instanceof Collection<?> array
                ? array.stream().anyMatch(each -> each instanceof String text && texts.contains(text))
                : value instanceof String text && texts.contains(text);
    }
}
