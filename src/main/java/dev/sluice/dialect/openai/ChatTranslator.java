package dev.sluice.dialect.openai;

import dev.sluice.chat.CompletionListener;
import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.dialect.JsonText;
import dev.sluice.sse.SseEncoder;
import org.jspecify.annotations.Nullable;

/**
 * From the provider's chunks to the plain events of {@code /chat}. The text of an ordinary token goes straight from the
 * provider's bytes to the client's; only what is out of the ordinary is read. Guarded by the stream's thread, as its
 * caller promises.
 */
public final class ChatTranslator extends EventTranslator {
    private static final String REASONING = "reasoning";

    private final EventGlance glance = new EventGlance();
    private final boolean wantsReasoning;
    private final Listener listener = new Listener();
    private final TextSeam contentSeam = new TextSeam();
    private final TextSeam reasoningSeam = new TextSeam();

    private @Nullable String finishReason;
    private Meaning meaning = Meaning.LIFE;
    private SseEncoder out = new SseEncoder();

    /** @param wantsReasoning whether the client is to hear what the model thinks */
    public ChatTranslator(ChunkReader chunks, Asked asked, boolean wantsReasoning) {
        super(chunks, asked, false);
        this.wantsReasoning = wantsReasoning;
    }

    @Override
    Meaning event(SseEncoder out) {
        return switch (glance.at(decoder.data(), decoder.dataOffset(), decoder.dataLength())) {
            case CONTENT -> passesUncut(contentSeam) ? content(out) : read(out);
            case REASONING -> !wantsReasoning || passesUncut(reasoningSeam) ? reasoning(out) : read(out);
            case LIFE, TOKEN, CLOSER -> read(out);
        };
    }

    /** Whether the text that was seen is whole, and so was the one before. */
    private boolean passesUncut(TextSeam seam) {
        return seam.isClosed() && !JsonText.mayEndInHalf(decoder.data(), glance.textOffset(), glance.textEnd());
    }

    private Meaning content(SseEncoder out) {
        choice(0); // a glance is sure of no other
        out.begin();
        JsonText.write(decoder.data(), glance.textOffset(), glance.textEnd(), out);
        out.end();
        return Meaning.TOKEN;
    }

    private Meaning reasoning(SseEncoder out) {
        choice(0);
        if (wantsReasoning) {
            out.begin(REASONING);
            JsonText.write(decoder.data(), glance.textOffset(), glance.textEnd(), out);
            out.end();
        }
        return Meaning.TOKEN;
    }

    private Meaning read(SseEncoder out) {
        this.out = out;
        meaning = Meaning.LIFE;
        if (decoder.type().equals("error") && !isLastWord()) {
            return fail(chunks.readError(decoder.data(), decoder.dataOffset(), decoder.dataLength()));
        }
        chunks.read(decoder.data(), decoder.dataOffset(), decoder.dataLength(), listener);
        return meaning;
    }

    @Override
    void aside(SseEncoder out) {}

    @Override
    void piece(SseEncoder out) {
        throw new IllegalStateException("an event that is too long is the end here");
    }

    @Override
    @Nullable
    Failure unterminatedLastWord(SseEncoder out) {
        return lackedAtLastWord();
    }

    @Override
    public void done(SseEncoder out) {
        char[] rest = contentSeam.rest();
        if (rest.length > 0) {
            out.event(rest, 0, rest.length);
        }
        out.event("done", ChatEvents.done(finishReason, usage()));
    }

    @Override
    public void brokenOff(Failure reason, SseEncoder out) {
        out.event("error", ChatEvents.error(reason));
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
                out.event(REASONING, text, offset, length);
            } else if (mended.length > 0) {
                out.event(REASONING, mended, 0, mended.length);
            }
        }

        @Override
        public void toolCall() {
            meaning = fail(new Failure(
                    200, // the upstream did nothing wrong
                    "unsupported",
                    "tool_call",
                    "The model called a tool, which /chat cannot pass on: use /v1/chat/completions."));
        }

        @Override
        public void choice(int index) {
            ChatTranslator.this.choice(index);
        }

        @Override
        public void finished(int choice, String reason) {
            ChatTranslator.this.finished(choice);
            if (choice == 0) {
                finishReason = reason;
            }
        }

        @Override
        public void usage(Usage used) {
            ChatTranslator.this.usage(used);
        }

        @Override
        public void done() {
            Failure lacked = lackedAtLastWord();
            meaning = lacked == null ? Meaning.WHOLE : fail(lacked);
        }

        @Override
        public void failed(Failure reason) {
            meaning = fail(reason);
        }

        /** Before there is any answer it is a failure; within one its end tells what it meant. */
        @Override
        public void complained(Failure reason) {
            if (hasBegun()) {
                ChatTranslator.this.complained(reason);
            } else {
                meaning = fail(reason);
            }
        }

        @Override
        public void unreadable(Failure reason) {
            meaning = fail(reason);
        }
    }
}
