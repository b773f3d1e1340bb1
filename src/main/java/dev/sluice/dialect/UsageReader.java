package dev.sluice.dialect;

import dev.sluice.chat.Usage;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Parses the {@code usage} of one dialect. Any thread may call it. */
@FunctionalInterface
public interface UsageReader {
    /**
     * Parses the parser's current value, to its end.
     *
     * @param data the bytes that the parser reads
     * @param start the index in {@code data} at which the parser has begun
     * @return null if the value is no {@code usage}
     */
    @Nullable
    Usage read(JsonParser parser, byte[] data, int start);

    /**
     * The count at the parser. A number that does not fit a long, and any other value, is ignored, because it must not end
     * the stream.
     */
    static long count(JsonParser parser) {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            return Math.max(0, parser.getLongValue());
        }
        parser.skipChildren();
        return 0;
    }

    /** The count of this name in the object at the parser, which is read to its end; 0 if there is none. */
    static long countIn(String name, JsonParser parser) {
        long count = 0;
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            for (String each = parser.nextName(); each != null; each = parser.nextName()) {
                parser.nextToken();
                if (each.equals(name)) {
                    count = count(parser);
                } else {
                    parser.skipChildren();
                }
            }
        } else {
            parser.skipChildren();
        }
        return count;
    }
}
