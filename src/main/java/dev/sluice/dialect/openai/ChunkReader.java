package dev.sluice.dialect.openai;

import dev.sluice.chat.CompletionListener;
import dev.sluice.chat.Failure;
import dev.sluice.dialect.ErrorBody;
import dev.sluice.dialect.Json;
import dev.sluice.dialect.ProviderError;
import dev.sluice.dialect.ProviderWords;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Parses the events of one streamed completion (OpenAI's {@code chat.completion.chunk}, and the variants of compatible
 * providers) and passes their contents to a listener. An event is parsed to its end before the first call of the
 * listener. So the listener gets nothing of a malformed event except the report that it is malformed, and the order of
 * the JSON keys does not matter. The order of the calls is: choices, reasoning, content, tool calls, finish reasons,
 * usage, error.
 *
 * <p>{@code /chat} requests one answer, so the listener gets only the text of the choice with index 0.
 *
 * <p>One reader serves one stream. Two threads must not use it at once. Another thread may read a later event if there
 * is a happens-before relation between the two.
 */
public final class ChunkReader {
    private static final byte[] DONE = {'[', 'D', 'O', 'N', 'E', ']'};

    private final ProviderWords words;
    private final ChunkForm form;

    /** Guarded by the one thread that runs the stream; empty between events. */
    private final Chunk chunk = new Chunk();

    /** The error in the event. Guarded like {@code chunk}, and null between events. */
    private @Nullable ProviderError error;

    /** Whether the event has a list of choices. Guarded likewise. */
    private boolean inAnswer;

    /**
     * For events of chat completions.
     *
     * @param words removes keys from failures
     */
    public ChunkReader(ProviderWords words) {
        this(words, ChunkForm.CHAT);
    }

    /** @param words removes keys from failures */
    ChunkReader(ProviderWords words, ChunkForm form) {
        this.words = words;
        this.form = form;
    }

    /**
     * Parses one event.
     *
     * @param data has the event's {@code data} field as valid UTF-8; neither kept nor changed
     * @param offset the index of the field's first byte
     * @param length the field's length in bytes; an event of nothing but white space is ignored
     * @param listener gets the contents of the event before this method returns. If it throws an exception, that is
     *     passed to the caller, and the listener gets no more calls
     */
    public void read(byte[] data, int offset, int length, CompletionListener listener) {
        int start = offset;
        int end = offset + length;
        while (start < end && isWhitespace(data[start])) {
            start++;
        }
        while (start < end && isWhitespace(data[end - 1])) {
            end--;
        }
        if (start == end) {
            return;
        }
        if (isDone(data, start, end)) {
            listener.done();
            return;
        }
        try {
            if (parse(data, start, end - start)) {
                Failure failure = failure();
                chunk.tell(listener, failure);
                if (failure == null && error != null && error.isComplaint()) {
                    listener.complained(ErrorBody.inStream(error, words));
                }
            } else {
                listener.unreadable(unreadable(end - start));
            }
        } finally {
            chunk.clear();
            error = null;
            inAnswer = false;
        }
    }

    /** @return whether the event is well-formed; if not, its contents are discarded */
    private boolean parse(byte[] data, int start, int length) {
        try (JsonParser parser = Json.parser(data, start, length)) {
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                readObject(parser, data, start);
                return parser.nextToken() == null;
            }
            if (parser.currentToken() == JsonToken.START_ARRAY) {
                return readList(parser) && parser.nextToken() == null;
            }
        } catch (JacksonException e) {
            // The message of the exception quotes the event, so it must not be passed on.
        }
        return false;
    }

    private static Failure unreadable(int length) {
        return Failure.upstream(
                "bad_chunk", "The upstream sent an event of " + length + " bytes that is not a chat completion chunk.");
    }

    private @Nullable Failure failure() {
        if (error != null && inAnswer) {
            error.isInAnswer();
        }
        if (error != null && error.isReported()) {
            return ErrorBody.inStream(error, words);
        }
        if (chunk.endsInError()) {
            return Failure.upstream("upstream_error", "The upstream ended the answer with finish_reason \"error\".");
        }
        return null;
    }

    /** @return whether it is a list of errors; providers send no other lists */
    private boolean readList(JsonParser parser) {
        ProviderError listed = new ProviderError();
        listed.readList(parser);
        if (listed.isReported()) {
            listed.isOnlyComplaint();
            error = listed;
        }
        return error == listed;
    }

    private void readObject(JsonParser parser, byte[] data, int start) {
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            switch (name) {
                case "choices" -> readChoices(parser, data, start);
                case "usage" -> chunk.usage(UsageObject.read(parser, data, start));
                case "x_groq" -> readGroq(parser, data, start);
                // Errors are in "error". xAI puts their code, and old vLLM all their fields, beside the fields of the
                // chunk.
                case "error", "object", "code", "type", "message", "param", "detail", "error_type", "error_message" ->
                    error().readField(name, parser);
                default -> parser.skipChildren();
            }
        }
    }

    private void readChoices(JsonParser parser, byte[] data, int start) {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return;
        }
        inAnswer = true;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                readChoice(parser, data, start);
            } else {
                parser.skipChildren();
            }
        }
    }

    private void readChoice(JsonParser parser, byte[] data, int start) {
        int index = 0;
        String finishReason = null;
        chunk.beginChoice();
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            JsonToken token = parser.nextToken();
            switch (name) {
                case "index" -> {
                    if (token.isNumeric()) {
                        index = parser.getIntValue();
                    }
                    parser.skipChildren();
                }
                case "delta" -> {
                    if (form == ChunkForm.CHAT) {
                        readDelta(parser);
                    }
                    parser.skipChildren();
                }
                // Some providers have it in chat completions too, beside the same text in the delta.
                case "text" -> {
                    if (form == ChunkForm.TEXT && token == JsonToken.VALUE_STRING) {
                        chunk.say(parser);
                    }
                    parser.skipChildren();
                }
                case "finish_reason" -> {
                    // Some servers send "" until the choice is complete.
                    if (token == JsonToken.VALUE_STRING && parser.getStringLength() > 0) {
                        finishReason = parser.getString();
                    }
                    parser.skipChildren();
                }
                case "error" -> error().readField(name, parser);
                // Moonshot has it within the choice.
                case "usage" -> chunk.usageElsewhere(UsageObject.read(parser, data, start));
                default -> parser.skipChildren();
            }
        }
        chunk.endChoice(Math.max(0, index), finishReason);
    }

    private void readDelta(JsonParser parser) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            JsonToken token = parser.nextToken();
            switch (name) {
                case "content" -> readContent(parser);
                case "refusal" -> {
                    if (token == JsonToken.VALUE_STRING) {
                        chunk.say(parser);
                    }
                    parser.skipChildren();
                }
                case "reasoning_content", "reasoning" -> {
                    if (token == JsonToken.VALUE_STRING) {
                        chunk.think(parser);
                    }
                    parser.skipChildren();
                }
                case "tool_calls" -> {
                    if (token == JsonToken.START_ARRAY && parser.nextToken() != JsonToken.END_ARRAY) {
                        chunk.callTool();
                        skipRestOfArray(parser);
                    }
                    parser.skipChildren();
                }
                case "function_call" -> {
                    if (token == JsonToken.START_OBJECT) {
                        chunk.callTool();
                    }
                    parser.skipChildren();
                }
                default -> parser.skipChildren();
            }
        }
    }

    /**
     * Reads content: a string, or Mistral's list of parts. Each part has a {@code text}, or a list of parts such as
     * {@code thinking}.
     */
    private void readContent(JsonParser parser) {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            chunk.say(parser);
        } else if (parser.currentToken() == JsonToken.START_ARRAY) {
            readParts(parser, false);
        } else {
            parser.skipChildren();
        }
    }

    private void readParts(JsonParser parser, boolean thought) {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                parser.skipChildren();
                continue;
            }
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                JsonToken token = parser.nextToken();
                if (name.equals("text") && token == JsonToken.VALUE_STRING) {
                    if (thought) {
                        chunk.thinkOn(parser);
                    } else {
                        chunk.say(parser);
                    }
                } else if (name.equals("thinking") && token == JsonToken.START_ARRAY && !thought) {
                    readParts(parser, true);
                } else {
                    parser.skipChildren();
                }
            }
        }
    }

    private void readGroq(JsonParser parser, byte[] data, int start) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            if (name.equals("usage")) {
                chunk.usageElsewhere(UsageObject.read(parser, data, start));
            } else {
                parser.skipChildren();
            }
        }
    }

    /** Skips an array from its first element to its end. */
    private static void skipRestOfArray(JsonParser parser) {
        do {
            parser.skipChildren();
        } while (parser.nextToken() != JsonToken.END_ARRAY);
    }

    private ProviderError error() {
        ProviderError known = error == null ? new ProviderError() : error;
        error = known;
        return known;
    }

    private static boolean isDone(byte[] data, int start, int end) {
        return end - start == DONE.length && Arrays.equals(data, start, end, DONE, 0, DONE.length);
    }

    private static boolean isWhitespace(byte b) {
        return b == ' ' || b == '\t' || b == '\n' || b == '\r';
    }
}
