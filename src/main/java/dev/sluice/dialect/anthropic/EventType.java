package dev.sluice.dialect.anthropic;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.dialect.Json;
import dev.sluice.dialect.JsonBytes;
import dev.sluice.sse.SseDecoder;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** The types of events of a streamed message that have a meaning here. */
enum EventType {
    /** The beginning, with the counts of the prompt. */
    MESSAGE_START,
    /** The beginning of a block of text, thinking, or a tool's input. */
    BLOCK_START,
    /** A piece of a block. */
    BLOCK_DELTA,
    /** The reason why the answer ends, and the counts so far. */
    MESSAGE_DELTA,
    /** The end of a whole answer. */
    MESSAGE_STOP,
    /** An error, after which nothing follows. */
    ERROR,
    /** Another type: the end of a block, a ping, and whatever comes in the future. */
    OTHER,
    /** The event names no type. */
    NONE;

    /** How nearly every event without {@code event:} begins that is a piece. */
    private static final byte[] DELTA_FIRST = "{\"type\":\"content_block_delta\"".getBytes(US_ASCII);

    /** That of the decoder's current event: its SSE type if that is known, else the {@code type} in its JSON. */
    static EventType of(SseDecoder event) {
        EventType named = event.isTyped() ? named(event.type()) : OTHER;
        if (named != OTHER) {
            return named;
        }
        byte[] data = event.data();
        int offset = event.dataOffset();
        int behind = offset + DELTA_FIRST.length;
        if (event.dataLength() > DELTA_FIRST.length && JsonBytes.is(DELTA_FIRST, data, offset, behind)) {
            return BLOCK_DELTA;
        }
        String within = typeIn(data, offset, event.dataLength());
        return within == null ? NONE : named(within);
    }

    private static EventType named(String type) {
        return switch (type) {
            case "message_start" -> MESSAGE_START;
            case "content_block_start" -> BLOCK_START;
            case "content_block_delta" -> BLOCK_DELTA;
            case "message_delta" -> MESSAGE_DELTA;
            case "message_stop" -> MESSAGE_STOP;
            case "error" -> ERROR;
            default -> OTHER;
        };
    }

    /** The member {@code type} of the outermost object; null if there is none, or if the JSON is malformed before it. */
    private static @Nullable String typeIn(byte[] data, int offset, int length) {
        try (JsonParser parser = Json.parser(data, offset, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                JsonToken value = parser.nextToken();
                if (name.equals("type") && value == JsonToken.VALUE_STRING) {
                    return parser.getString();
                }
                parser.skipChildren();
            }
        } catch (JacksonException malformed) {
            // It is no event that is known here.
        }
        return null;
    }
}
