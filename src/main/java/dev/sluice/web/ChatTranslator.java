package dev.sluice.web;

import dev.sluice.chat.CompletionListener;
import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.openai.ChunkReader;
import dev.sluice.relay.Translator;
import dev.sluice.sse.SseDecoder;
import dev.sluice.sse.SseEncoder;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * From the provider's chunks to the plain events of {@code /chat}. Guarded by the stream's thread, as its caller
 * promises.
 */
final class ChatTranslator implements Translator {
    private static final String LAST_WORD = "[DONE]";
    private static final int MOST_CHOICES = 128;

    private final ChunkReader chunks;
    private final Listener listener = new Listener();
    private final TextSeam contentSeam = new TextSeam();
    private final TextSeam reasoningSeam = new TextSeam();

    private final BitSet choices = new BitSet();
    private final BitSet finished = new BitSet();
    private @Nullable String finishReason;
    private @Nullable Usage usage;

    private Meaning meaning = Meaning.LIFE;
    private @Nullable Failure failure;
    private SseEncoder out = new SseEncoder();
    private boolean wantsReasoning;

    ChatTranslator(ChunkReader chunks) {
        this.chunks = chunks;
    }

    /** The client wants to hear what the model thinks. Called before the stream is opened, or not at all. */
    void passReasoning() {
        wantsReasoning = true;
    }

    @Override
    public Meaning translate(SseDecoder event, SseEncoder out) {
        this.out = out;
        meaning = Meaning.LIFE;
        chunks.read(event.data(), event.dataOffset(), event.dataLength(), listener);
        if (meaning == Meaning.LIFE && event.type().equals("error")) {
            fail(Failure.upstream("upstream_error", "The upstream reported an error."));
        }
        return meaning;
    }

    @Override
    public Failure failure() {
        return failure == null ? Failure.upstream("upstream_error", "The upstream reported an error.") : failure;
    }

    @Override
    public boolean isLastWord(SseDecoder event) {
        return event.dataIs(LAST_WORD);
    }

    @Override
    public boolean isWhole() {
        return !choices.isEmpty() && choices.equals(finished);
    }

    @Override
    public void done(SseEncoder out) {
        char[] rest = contentSeam.rest();
        if (rest.length > 0) {
            out.event(rest, 0, rest.length);
        }
        out.event("done", ChatEvents.done(finishReason, usage));
    }

    @Override
    public void brokenOff(Failure reason, SseEncoder out) {
        out.event("error", ChatEvents.error(reason));
    }

    private void fail(Failure reason) {
        failure = reason;
        meaning = Meaning.FAILED;
    }

    private final class Listener implements CompletionListener {
        @Override
        public void content(char[] text, int offset, int length) {
            meaning = Meaning.TOKEN;
            char[] mended = contentSeam.mend(text, offset, length);
            if (mended == null) {
                out.event(text, offset, length);
            } else if (mended.length > 0) {
                out.event(mended, 0, mended.length);
            }
        }

        @Override
        public void reasoning(char[] text, int offset, int length) {
            meaning = Meaning.TOKEN;
            if (!wantsReasoning) {
                return;
            }
            char[] mended = reasoningSeam.mend(text, offset, length);
            if (mended == null) {
                out.event("reasoning", text, offset, length);
            } else if (mended.length > 0) {
                out.event("reasoning", mended, 0, mended.length);
            }
        }

        @Override
        public void toolCall() {
            fail(new Failure(
                    200, // the upstream did nothing wrong
                    "unsupported",
                    "tool_call",
                    "The model called a tool, which /chat cannot pass on: use /v1/chat/completions."));
        }

        @Override
        public void choice(int index) {
            if (index < MOST_CHOICES) {
                choices.set(index);
            }
        }

        @Override
        public void finished(int choice, String reason) {
            if (choice < MOST_CHOICES) {
                finished.set(choice);
            }
            if (choice == 0) {
                finishReason = reason;
            }
        }

        @Override
        public void usage(Usage used) {
            usage = used;
        }

        @Override
        public void done() {
            meaning = Meaning.WHOLE;
        }

        @Override
        public void failed(Failure reason) {
            fail(reason);
        }

        @Override
        public void unreadable(Failure reason) {
            fail(reason);
        }
    }
}
