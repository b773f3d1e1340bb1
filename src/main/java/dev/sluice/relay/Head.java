package dev.sluice.relay;

import java.util.List;

/**
 * What is passed on of the head of a provider's answer.
 *
 * @param length of its body in bytes, -1 if it is not known
 * @param fields the headers that are passed on
 */
public record Head(long length, List<Field> fields) {
    /** The head of an answer that has not begun. */
    public static final Head NONE = new Head(-1, List.of());

    public Head {
        fields = List.copyOf(fields);
    }

    /** One header. */
    public record Field(String name, String value) {}
}
