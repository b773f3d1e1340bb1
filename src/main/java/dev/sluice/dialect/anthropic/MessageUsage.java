package dev.sluice.dialect.anthropic;

import dev.sluice.chat.Usage;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The token counts of one message. A stream reports them several times: {@code message_start} has those of the prompt,
 * {@code message_delta} those of the answer so far, and perhaps those of the prompt again. Each count replaces the one
 * before of the same name; a count that is missing, or no number, replaces none.
 *
 * <p>Anthropic counts the parts of a prompt that were written to or read from its cache apart from the rest. The tokens of
 * a prompt are the sum of all three here, because that is what the model has read. Guarded by the stream's thread.
 */
final class MessageUsage {
    private long input;
    private long cacheCreation;
    private long cacheRead;
    private long output;
    private boolean seen;

    /** The usage of a whole answer. The parser is at its value before, and at the value's end after. */
    static @Nullable Usage read(JsonParser parser, byte[] data, int start) {
        MessageUsage usage = new MessageUsage();
        usage.update(parser);
        return usage.counts();
    }

    /** Takes over the counts of the parser's current value, to its end. A value that is no object changes nothing. */
    void update(JsonParser parser) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        seen = true;
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            switch (name) {
                case "input_tokens" -> input = count(parser, input);
                case "cache_creation_input_tokens" -> cacheCreation = count(parser, cacheCreation);
                case "cache_read_input_tokens" -> cacheRead = count(parser, cacheRead);
                case "output_tokens" -> output = count(parser, output);
                default -> parser.skipChildren();
            }
        }
    }

    /** The counts so far; null if there were none. Their JSON is as chat completions have it, for {@code /chat}. */
    @Nullable
    Usage counts() {
        if (!seen) {
            return null;
        }
        long prompt = input + cacheCreation + cacheRead;
        long total = prompt + output;
        String json = "{\"prompt_tokens\":" + prompt + ",\"completion_tokens\":" + output + ",\"total_tokens\":" + total
                + ",\"prompt_tokens_details\":{\"cached_tokens\":" + cacheRead + "}}";
        return new Usage(prompt, output, 0, total, json);
    }

    private static long count(JsonParser parser, long before) {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            return Math.max(0, parser.getLongValue());
        }
        parser.skipChildren();
        return before;
    }
}
