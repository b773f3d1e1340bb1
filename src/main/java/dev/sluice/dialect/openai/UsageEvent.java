package dev.sluice.dialect.openai;

import dev.sluice.dialect.Json;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The one event that {@code stream_options.include_usage} adds to a stream: no choices, and what the answer cost. A client
 * that had not asked for that gets the event without it, or not at all if there is nothing else in it.
 *
 * @param from where in the event's data that begins which the client does not get: the member {@code usage}, and the comma
 *     that goes with it
 * @param to where it ends
 * @param isAlone whether the event has nothing else to say
 */
public record UsageEvent(int from, int to, boolean isAlone) {
    /** What every event of a stream says of itself, and padding. */
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
     * Reads an event: one JSON object whose {@code choices} is an empty list, and whose {@code usage} is not null. An event
     * that says one of these twice, in two ways, is another one, as is an ill-formed one.
     *
     * @param data holds the event's {@code data} field as valid UTF-8; not kept, not changed
     * @param offset where the field begins
     * @param length its length in bytes
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

    /** Reads the object to its end, or to what shows that it is another event. */
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

    /** Passes over a value, to its end. @return whether there is anything in it */
    private static boolean skip(JsonToken token, JsonParser parser) {
        return switch (token) {
            case VALUE_NULL -> false;
            case VALUE_STRING -> parser.getStringLength() > 0; // which reads it to its end
            case START_OBJECT, START_ARRAY -> {
                long opened = parser.currentLocation().getByteOffset();
                parser.skipChildren();
                yield parser.currentLocation().getByteOffset() - opened > 1;
            }
            default -> true;
        };
    }

    /** The comma before the member goes with it; if it is the first, the one behind it. */
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
