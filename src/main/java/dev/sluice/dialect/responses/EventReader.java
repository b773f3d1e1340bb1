package dev.sluice.dialect.responses;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.dialect.ErrorBody;
import dev.sluice.dialect.Json;
import dev.sluice.dialect.ProviderError;
import dev.sluice.dialect.ProviderWords;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Parses those events of a streamed response that {@link EventScanner} does not recognize. Immutable. */
final class EventReader {
    private final ProviderWords words;

    /** @param words removes keys from failures */
    EventReader(ProviderWords words) {
        this.words = words;
    }

    /**
     * Parses one event.
     *
     * @param data has the event's {@code data} field as valid UTF-8; neither kept nor changed
     * @param named the type in the event's {@code event} field, which counts if the data has none; empty for none
     */
    ResponseEvent read(byte[] data, int offset, int length, String named) {
        Reading reading = new Reading();
        boolean wellFormed;
        try (JsonParser parser = Json.parser(data, offset, length)) {
            wellFormed = parser.nextToken() == JsonToken.START_OBJECT;
            if (wellFormed) {
                reading.event(parser, data, offset);
                wellFormed = parser.nextToken() == null;
            }
        } catch (JacksonException e) {
            wellFormed = false; // the message of the exception quotes the event, so it must not be passed on
        }
        return wellFormed ? reading.result(named) : unreadable(data, offset, length, named);
    }

    /** An event that is no JSON object. It may be an error in another format. */
    private ResponseEvent unreadable(byte[] data, int offset, int length, String named) {
        Failure failure = named.equals(EventTypes.ERROR) ? ErrorBody.inEvent(data, offset, length, words) : null;
        return new ResponseEvent("", failure, null, "", "", null, 0, null);
    }

    /** The event that is being parsed. Used by one thread. */
    private final class Reading {
        private final ProviderError error = new ProviderError();
        private String type = "";
        private String status = "";
        private String reason = "";
        private String itemType = "";
        private @Nullable String delta;
        private int part;
        private @Nullable Usage usage;

        void event(JsonParser parser, byte[] data, int start) {
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                parser.nextToken();
                switch (name) {
                    case "type" -> type = text(parser, type);
                    case "delta" -> delta = parser.currentToken() == JsonToken.VALUE_STRING ? parser.getString() : null;
                    case "summary_index" ->
                        part = parser.currentToken() == JsonToken.VALUE_NUMBER_INT ? parser.getValueAsInt() : 0;
                    case "item" -> itemType = member("type", parser);
                    case "usage" -> usage(ResponseUsage.read(parser, data, start));
                    case "response" -> response(parser, data, start);
                    case "error", "code", "message", "param", "detail", "error_type", "error_message" ->
                        error.readField(name, parser);
                    default -> {}
                }
                parser.skipChildren();
            }
        }

        private void response(JsonParser parser, byte[] data, int start) {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                return;
            }
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                parser.nextToken();
                switch (name) {
                    case "status" -> status = text(parser, status);
                    case "incomplete_details" -> reason = member("reason", parser);
                    case "usage" -> usage(ResponseUsage.read(parser, data, start));
                    case "error" -> error.readField(name, parser);
                    default -> {}
                }
                parser.skipChildren();
            }
        }

        /** @param read null if it was no usage */
        private void usage(@Nullable Usage read) {
            usage = read == null ? usage : read;
        }

        ResponseEvent result(String named) {
            String meant = type.isEmpty() ? named : type;
            Failure failure = failure(meant);
            Failure complaint =
                    failure == null && meant.isEmpty() && error.isComplaint() ? ErrorBody.inStream(error, words) : null;
            return new ResponseEvent(meant, failure, complaint, finishReason(meant), itemType, delta, part, usage);
        }

        /** In the words of chat completions. */
        private String finishReason(String type) {
            boolean incomplete = type.equals(EventTypes.INCOMPLETE) || status.equals("incomplete");
            return switch (reason) {
                case "" -> incomplete ? "length" : "stop";
                case "max_output_tokens", "max_tokens" -> "length";
                default -> reason;
            };
        }

        private @Nullable Failure failure(String type) {
            boolean failed =
                    switch (type) {
                        case EventTypes.ERROR, EventTypes.FAILED, EventTypes.CANCELLED, EventTypes.RESPONSE_ERROR ->
                            true;
                        default -> EventTypes.isWhole(type) && (status.equals("failed") || status.equals("cancelled"));
                    };
            if (!failed && !error.isReported()) {
                return null;
            }
            boolean cancelled = type.equals(EventTypes.CANCELLED) || status.equals("cancelled");
            return cancelled && !error.isReported()
                    ? Failure.upstream("response_cancelled", "The upstream cancelled the response.")
                    : ErrorBody.inStream(error, words);
        }

        /** The text at the parser; what was there before if it is none. */
        private static String text(JsonParser parser, String before) {
            return parser.currentToken() == JsonToken.VALUE_STRING ? parser.getString() : before;
        }

        /** The text of a member of the object at the parser; empty if there is none. */
        private static String member(String name, JsonParser parser) {
            String found = "";
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                for (String each = parser.nextName(); each != null; each = parser.nextName()) {
                    parser.nextToken();
                    found = each.equals(name) ? text(parser, found) : found;
                    parser.skipChildren();
                }
            }
            return found;
        }
    }
}
