package dev.sluice.dialect.openai;

import dev.sluice.chat.Usage;
import dev.sluice.dialect.UsageReader;
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
                case "prompt_tokens" -> prompt = UsageReader.count(parser);
                case "completion_tokens" -> completion = UsageReader.count(parser);
                case "total_tokens" -> total = UsageReader.count(parser);
                case "completion_tokens_details" -> reasoning = UsageReader.countIn("reasoning_tokens", parser);
                default -> parser.skipChildren();
            }
        }
        int to = start + (int) parser.currentLocation().getByteOffset();
        return new Usage(
                prompt, completion, reasoning, total, new String(data, from, to - from, StandardCharsets.UTF_8));
    }
}
