package dev.sluice.dialect.openai;

import dev.sluice.dialect.Json;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The event that {@code stream_options.include_usage} adds to a stream. It has the {@code usage} and no choices. A
 * client that has not requested it gets the event without the {@code usage}, or does not get it if it contains nothing
 * else.
 *
 * @param from the index in the event's data where the part begins that the client does not get: the member {@code
 *     usage} and one comma
 * @param to the index after that part
 * @param isAlone whether the event contains nothing else
 */
public record UsageEvent(int from, int to, boolean isAlone) {
    /** The fields that every event of a stream has, and padding. */
    private static final Set<String> OF_EVERY_EVENT = Set.of(
            "id",
            "object",
            "created",
            "model",
            "system_fingerprint",
            "service_tier",
            "provider",
            "obfuscation",
            "choices");

    /**
     * Parses an event: one JSON object whose {@code choices} is an empty list, and whose {@code usage} is not null. An
     * event that repeats one of these with another value is not such an event, and neither is a malformed one.
     *
     * @param data has the event's {@code data} field as valid UTF-8; neither kept nor changed
     * @param offset the index of the field's first byte
     * @param length the field's length in bytes
     * @return null if it is another event
     */
    public static @Nullable UsageEvent read(byte[] data, int offset, int length) {
        try (JsonParser parser = Json.parser(data, offset, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            UsageEvent event = readMembers(parser, data, offset);
            return parser.nextToken() == null ? event : null;
        } catch (JacksonException e) {
            return null;
        }
    }

    /** Parses the object to its end, or to the member that shows that it is another event. */
    private static @Nullable UsageEvent readMembers(JsonParser parser, byte[] data, int start) {
        boolean choices = false;
        boolean alone = true;
        int from = -1;
        int to = -1;
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            int nameStart = start + (int) parser.currentTokenLocation().getByteOffset();
            JsonToken token = parser.nextToken();
            if (name.equals("choices")) {
                if (token != JsonToken.START_ARRAY || parser.nextToken() != JsonToken.END_ARRAY) {
                    return null;
                }
                choices = true;
            } else if (name.equals("usage")) {
                if (token == JsonToken.VALUE_NULL || from >= 0) {
                    return null;
                }
                skip(token, parser);
                from = nameStart;
                to = start + (int) parser.currentLocation().getByteOffset();
            } else {
                boolean silent = !skip(token, parser);
                alone &= silent || OF_EVERY_EVENT.contains(name);
            }
        }
        return choices && from >= 0 ? withComma(data, from, to, alone) : null;
    }

    /** Skips a value. @return whether the value is not empty */
    private static boolean skip(JsonToken token, JsonParser parser) {
        return switch (token) {
            case VALUE_NULL -> false;
            case VALUE_STRING -> parser.getStringLength() > 0; // this call parses the string to its end
            case START_OBJECT, START_ARRAY -> {
                long opened = parser.currentLocation().getByteOffset();
                parser.skipChildren();
                yield parser.currentLocation().getByteOffset() - opened > 1;
            }
            default -> true;
        };
    }

    /** The range includes the comma before the member. If the member is the first, it includes the comma after it. */
    private static UsageEvent withComma(byte[] data, int from, int to, boolean alone) {
        int before = from - 1;
        while (isBlank(data[before])) {
            before--;
        }
        if (data[before] == ',') {
            return new UsageEvent(before, to, alone);
        }
        int behind = to;
        while (isBlank(data[behind])) {
            behind++;
        }
        return new UsageEvent(from, data[behind] == ',' ? behind + 1 : to, alone);
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t' || b == '\n' || b == '\r';
    }
}
