package dev.sluice.openai;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The one event that {@code stream_options.include_usage} adds to a stream: no choices, and what the answer cost. It is
 * kept back from a client that had not asked for it.
 */
public final class UsageEvent {
    private UsageEvent() {}

    /**
     * Whether an event says what the answer cost, and nothing else that a client waits for: one JSON object whose
     * {@code choices} is an empty list, whose {@code usage} is not null, and which reports no error. An event that says
     * one of these twice, in two ways, is another one, as is an ill-formed one.
     *
     * @param data holds the event's {@code data} field as valid UTF-8; not kept, not changed
     * @param offset where the field begins
     * @param length its length in bytes
     */
    public static boolean isUsageOnly(byte[] data, int offset, int length) {
        try (JsonParser parser = Json.parser(data, offset, length)) {
            return parser.nextToken() == JsonToken.START_OBJECT && saysUsageOnly(parser) && parser.nextToken() == null;
        } catch (JacksonException e) {
            return false;
        }
    }

    private static boolean saysUsageOnly(JsonParser parser) {
        ProviderError error = new ProviderError();
        boolean choices = false;
        boolean usage = false;
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            JsonToken token = parser.nextToken();
            switch (name) {
                case "choices" -> {
                    if (token != JsonToken.START_ARRAY || parser.nextToken() != JsonToken.END_ARRAY) {
                        return false;
                    }
                    choices = true;
                }
                case "usage" -> {
                    if (token == JsonToken.VALUE_NULL) {
                        return false;
                    }
                    usage = true;
                    parser.skipChildren();
                }
                case "error", "object" -> error.readField(name, parser);
                default -> parser.skipChildren();
            }
        }
        return choices && usage && !error.isReported();
    }
}
