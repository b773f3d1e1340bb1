package dev.sluice.dialect.anthropic;

import dev.sluice.dialect.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Parses one event of a streamed message. What it finds counts until the next event is parsed. Guarded by the stream's
 * thread.
 */
final class EventReader {
    private final MessageUsage usage = new MessageUsage();
    private String text = "";
    private String thinking = "";
    private @Nullable String blockType;
    private @Nullable String stopReason;
    private @Nullable String explanation;

    /**
     * Parses an event. The counts in it are taken over even if it turns out to be malformed behind them.
     *
     * @return whether it is one JSON object
     */
    boolean read(byte[] data, int offset, int length) {
        text = "";
        thinking = "";
        blockType = null;
        stopReason = null;
        explanation = null;
        try (JsonParser parser = Json.parser(data, offset, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                parser.nextToken();
                switch (name) {
                    case "message" -> readMessage(parser);
                    case "content_block", "delta" -> readPiece(parser);
                    case "usage" -> usage.update(parser);
                    default -> parser.skipChildren();
                }
            }
            return parser.nextToken() == null;
        } catch (JacksonException e) {
            return false; // the message of the exception quotes the event, so it must not be passed on
        }
    }

    /** The counts of all events so far. */
    MessageUsage usage() {
        return usage;
    }

    /** The event's piece of the answer; may be empty. */
    String text() {
        return text;
    }

    /** The event's piece of the model's thinking; may be empty. */
    String thinking() {
        return thinking;
    }

    /** The type of the block that the event begins; null if it names none. */
    @Nullable
    String blockType() {
        return blockType;
    }

    /** Why the answer ends; null if the event does not tell. */
    @Nullable
    String stopReason() {
        return stopReason;
    }

    /** What the provider says of its refusal; null if it says nothing. */
    @Nullable
    String explanation() {
        return explanation;
    }

    private void readMessage(JsonParser parser) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            if (name.equals("usage")) {
                usage.update(parser);
            } else {
                parser.skipChildren();
            }
        }
    }

    /** Reads a {@code content_block} or a {@code delta}. */
    private void readPiece(JsonParser parser) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            boolean isText = parser.nextToken() == JsonToken.VALUE_STRING;
            switch (name) {
                case "type" -> blockType = isText ? parser.getString() : null;
                case "text" -> text = isText ? parser.getString() : "";
                case "thinking" -> thinking = isText ? parser.getString() : "";
                case "stop_reason" -> stopReason = isText ? parser.getString() : null;
                case "stop_details" -> readDetails(parser);
                default -> {}
            }
            parser.skipChildren();
        }
    }

    private void readDetails(JsonParser parser) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            return;
        }
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            boolean isText = parser.nextToken() == JsonToken.VALUE_STRING;
            if (name.equals("explanation") && isText) {
                explanation = parser.getString();
            }
            parser.skipChildren();
        }
    }
}
