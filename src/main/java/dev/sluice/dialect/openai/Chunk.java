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
 * What one event says, held until it has been read whole. The parser's own characters are overwritten by its next
 * token, so they are copied here, into buffers that serve every event of a stream. Guarded, with all its fields, by the
 * one thread that runs the stream.
 */
final class Chunk {
    /** The choice whose text is told. */
    private static final int TOLD = 0;

    /** An event seldom has more; what has is not kept room for. */
    private static final int USUAL_CHOICES = 8;

    private final Text said = new Text();
    private final Text thought = new Text();
    private List<Choice> choices = new ArrayList<>(1);
    private boolean toolCalled;
    private @Nullable Usage usage;
    private @Nullable Usage usageElsewhere;

    /** Where the current choice's text begins: it is taken back if the choice turns out to be another one. */
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

    /** Some providers say each thought twice, in {@code reasoning} and in {@code reasoning_content}: hear it once. */
    void think(JsonParser parser) {
        if (!thought.endsWith(thoughtBefore, parser)) {
            thought.append(parser);
        }
    }

    /** The next part of a thought that comes in parts. */
    void thinkOn(JsonParser parser) {
        thought.append(parser);
    }

    void callTool() {
        toolCalled = true;
    }

    /** @param read null if there was none after all */
    void usage(@Nullable Usage read) {
        usage = read;
    }

    /** The same in another place, which counts only if there is none in the standard one; null takes nothing back. */
    void usageElsewhere(@Nullable Usage read) {
        if (read != null) {
            usageElsewhere = read;
        }
    }

    /** A choice that ends so is not whole, whatever else the event says. */
    boolean endsInError() {
        for (Choice choice : choices) {
            if ("error".equals(choice.finishReason)) {
                return true;
            }
        }
        return false;
    }

    /** Whatever was said before a failure is told; but then nothing is whole. */
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

    /** Characters that grow with an event and shrink after a big one. */
    private static final class Text {
        private static final char[] NONE = {};
        private static final int FIRST = 64;

        /** Tokens are short: a buffer beyond this is not kept. */
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

        /** Whether the parser's string is all there is from {@code start} on. */
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
