package dev.sluice.dialect.openai;

import dev.sluice.chat.Usage;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Parses a {@code usage} object: the numbers that all providers send, and a copy of its bytes for all else. */
public final class UsageObject {
    private UsageObject() {}

    /**
     * Parses the parser's current value, to its end.
     *
     * @param data the bytes that the parser reads
     * @param start the index in {@code data} at which the parser has begun
     * @return null if the value is no object
     */
    public static @Nullable Usage read(JsonParser parser, byte[] data, int start) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return null;
        }
        int from = start + (int) parser.currentTokenLocation().getByteOffset();
        long prompt = 0;
        long completion = 0;
        long reasoning = 0;
        long total = 0;
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            switch (name) {
                case "prompt_tokens" -> prompt = count(parser);
                case "completion_tokens" -> completion = count(parser);
                case "total_tokens" -> total = count(parser);
                case "completion_tokens_details" -> reasoning = reasoningTokens(parser);
                default -> parser.skipChildren();
            }
        }
        int to = start + (int) parser.currentLocation().getByteOffset();
        return new Usage(
                prompt, completion, reasoning, total, new String(data, from, to - from, StandardCharsets.UTF_8));
    }

    private static long reasoningTokens(JsonParser parser) {
        long reasoning = 0;
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                parser.nextToken();
                if (name.equals("reasoning_tokens")) {
                    reasoning = count(parser);
                } else {
                    parser.skipChildren();
                }
            }
        } else {
            parser.skipChildren();
        }
        return reasoning;
    }

    /** A number. One that does not fit a long, and any other value, is ignored: it must not end the stream. */
    private static long count(JsonParser parser) {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            return Math.max(0, parser.getLongValue());
        }
        parser.skipChildren();
        return 0;
    }
}
