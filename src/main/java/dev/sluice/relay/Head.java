package dev.sluice.relay;

import java.util.List;

/**
 * What a provider's answer says of itself, as far as clients are to know.
 *
 * @param length of its body in bytes, -1 if it is not said
 * @param fields headers to pass on
 */
public record Head(long length, List<Field> fields) {
    /** Of an answer that has not begun. */
    public static final Head NONE = new Head(-1, List.of());

    public Head {
        fields = List.copyOf(fields);
    }

    /** One header. */
    public record Field(String name, String value) {}
}
