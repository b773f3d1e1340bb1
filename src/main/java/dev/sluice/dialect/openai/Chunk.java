package dev.sluice.dialect.openai;

import dev.sluice.chat.CompletionListener;
import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;

/**
 * The contents of one event, collected until the event has been parsed to its end. The parser reuses its array of
 * characters for the next token. So they are copied to buffers here, which are reused for every event of a stream.
 * Guarded, with all its fields, by the one thread that runs the stream.
 */
final class Chunk {
    /** The index of the choice whose text is passed on. */
    private static final int TOLD = 0;

    /** The size up to which the list of choices is kept for the next event. */
    private static final int USUAL_CHOICES = 8;

    private final Text said = new Text();
    private final Text thought = new Text();
    private List<Choice> choices = new ArrayList<>(1);
    private boolean toolCalled;
    private @Nullable Usage usage;
    private @Nullable Usage usageElsewhere;

    /** The length before the current choice. If the choice turns out to be another one, its text is removed again. */
    private int saidBefore;

    private int thoughtBefore;

    void beginChoice() {
        saidBefore = said.length;
        thoughtBefore = thought.length;
    }

    void endChoice(int index, @Nullable String finishReason) {
        if (index != TOLD) {
            said.length = saidBefore;
            thought.length = thoughtBefore;
        }
        choices.add(new Choice(index, finishReason));
    }

    void say(JsonParser parser) {
        said.append(parser);
    }

    /**
     * Appends a piece of the reasoning. Some providers send each piece twice, in {@code reasoning} and in {@code
     * reasoning_content}; the second one is ignored.
     */
    void think(JsonParser parser) {
        if (!thought.endsWith(thoughtBefore, parser)) {
            thought.append(parser);
        }
    }

    /** Appends the next part of a piece of reasoning that comes in several parts. */
    void thinkOn(JsonParser parser) {
        thought.append(parser);
    }

    void callTool() {
        toolCalled = true;
    }

    /** @param read null if the field was not a usage object */
    void usage(@Nullable Usage read) {
        usage = read;
    }

    /**
     * Sets the usage from a non-standard field. It counts only if the standard field is missing. Null changes nothing.
     */
    void usageElsewhere(@Nullable Usage read) {
        if (read != null) {
            usageElsewhere = read;
        }
    }

    /** Whether a choice ends with an error. Such a choice is not complete, whatever else the event contains. */
    boolean endsInError() {
        for (Choice choice : choices) {
            if ("error".equals(choice.finishReason)) {
                return true;
            }
        }
        return false;
    }

    /** Passes the contents to the listener. With a failure, no choice is reported as complete. */
    void tell(CompletionListener listener, @Nullable Failure failure) {
        for (Choice choice : choices) {
            listener.choice(choice.index);
        }
        if (thought.length > 0) {
            listener.reasoning(thought.chars, 0, thought.length);
        }
        if (said.length > 0) {
            listener.content(said.chars, 0, said.length);
        }
        if (toolCalled) {
            listener.toolCall();
        }
        for (Choice choice : choices) {
            if (choice.finishReason != null && failure == null) {
                listener.finished(choice.index, choice.finishReason);
            }
        }
        Usage cost = usage != null ? usage : usageElsewhere;
        if (cost != null) {
            listener.usage(cost);
        }
        if (failure != null) {
            listener.failed(failure);
        }
    }

    void clear() {
        said.clear();
        thought.clear();
        if (choices.size() > USUAL_CHOICES) {
            choices = new ArrayList<>(1);
        }
        choices.clear();
        toolCalled = false;
        usage = null;
        usageElsewhere = null;
    }

    private record Choice(int index, @Nullable String finishReason) {}

    /** An array of characters that grows as needed and is dropped after a large event. */
    private static final class Text {
        private static final char[] NONE = {};
        private static final int FIRST = 64;

        /** The size up to which the array is kept. Tokens are short. */
        private static final int KEPT = 2048;

        private char[] chars = NONE;
        private int length;

        void append(JsonParser parser) {
            int added = parser.getStringLength();
            if (added == 0) {
                return;
            }
            if (length + added > chars.length) {
                chars = Arrays.copyOf(chars, Math.max(FIRST, Math.max(length + added, 2 * length)));
            }
            System.arraycopy(parser.getStringCharacters(), parser.getStringOffset(), chars, length, added);
            length += added;
        }

        /** Whether the characters from {@code start} on equal the parser's string. */
        boolean endsWith(int start, JsonParser parser) {
            int from = parser.getStringOffset();
            return length > start
                    && Arrays.equals(
                            chars, start, length, parser.getStringCharacters(), from, from + parser.getStringLength());
        }

        void clear() {
            length = 0;
            if (chars.length > KEPT) {
                chars = NONE;
            }
        }
    }
}
