package dev.sluice.dialect.responses;

import dev.sluice.chat.Usage;
import dev.sluice.dialect.Json;
import dev.sluice.dialect.UsageReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectWriteContext;

/** Parses the {@code usage} of a response: the numbers that all providers send, and a copy of its bytes for all else. */
final class ResponseUsage {
    private ResponseUsage() {}

    /** As {@link UsageReader#read}. */
    static @Nullable Usage read(JsonParser parser, byte[] data, int start) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return null;
        }
        int from = start + (int) parser.currentTokenLocation().getByteOffset();
        long input = 0;
        long output = 0;
        long reasoning = 0;
        long total = 0;
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            switch (name) {
                case "input_tokens" -> input = UsageReader.count(parser);
                case "output_tokens" -> output = UsageReader.count(parser);
                case "total_tokens" -> total = UsageReader.count(parser);
                case "output_tokens_details" -> reasoning = UsageReader.countIn("reasoning_tokens", parser);
                default -> parser.skipChildren();
            }
        }
        int to = start + (int) parser.currentLocation().getByteOffset();
        return new Usage(input, output, reasoning, total, new String(data, from, to - from, StandardCharsets.UTF_8));
    }

    /** The same numbers, by the names that chat completions have for them. */
    static Usage asOfChatCompletions(Usage usage) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeNumberProperty("prompt_tokens", usage.promptTokens());
            json.writeNumberProperty("completion_tokens", usage.completionTokens());
            json.writeNumberProperty("total_tokens", usage.totalTokens());
            json.writeObjectPropertyStart("prompt_tokens_details");
            json.writeNumberProperty("cached_tokens", cachedTokens(usage));
            json.writeEndObject();
            json.writeObjectPropertyStart("completion_tokens_details");
            json.writeNumberProperty("reasoning_tokens", usage.reasoningTokens());
            json.writeEndObject();
            json.writeEndObject();
        }
        return new Usage(
                usage.promptTokens(),
                usage.completionTokens(),
                usage.reasoningTokens(),
                usage.totalTokens(),
                text.toString());
    }

    private static long cachedTokens(Usage usage) {
        try (JsonParser parser = Json.parser(usage.json())) {
            parser.nextToken();
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                parser.nextToken();
                if (name.equals("input_tokens_details")) {
                    return UsageReader.countIn("cached_tokens", parser);
                }
                parser.skipChildren();
            }
            return 0;
        }
    }
}
