package dev.sluice.dialect;

import dev.sluice.chat.Failure;
import dev.sluice.sse.SseEncoder;
import org.jspecify.annotations.Nullable;

/**
 * From a provider's events to the plain events of {@code /chat}, whatever its dialect: what clients of {@code /chat} get
 * is written here, and a dialect reads its events for it. Guarded by the stream's thread, as its caller promises.
 */
public abstract class TextTranslator extends EventTranslator {
    private static final String REASONING = "reasoning";

    private final boolean wantsReasoning;
    private final TextSeam contentSeam = new TextSeam();
    private final TextSeam reasoningSeam = new TextSeam();
    private @Nullable String finishReason;

    /** @param wantsReasoning whether the client is to hear what the model thinks */
    protected TextTranslator(AnswerContext context, boolean wantsReasoning) {
        super(context, false);
        this.wantsReasoning = wantsReasoning;
    }

    // ---- The stream.

    @Override
    protected final void aside(SseEncoder out) {}

    @Override
    protected final void piece(SseEncoder out) {
        throw new IllegalStateException("an event that is too long is the end here");
    }

    @Override
    public final void done(SseEncoder out) {
        char[] rest = contentSeam.rest();
        if (rest.length > 0) {
            out.event(rest, 0, rest.length);
        }
        out.event("done", ChatEvents.done(finishReason, usage()));
    }

    @Override
    public final void brokenOff(Failure reason, SseEncoder out) {
        out.event("error", ChatEvents.error(reason));
    }

    // ---- For dialects.

    /** Writes a piece of the answer, which is not empty. */
    protected final void content(char[] text, int offset, int length, SseEncoder out) {
        char[] mended = contentSeam.mend(text, offset, length);
        if (mended == null) {
            out.event(text, offset, length);
        } else if (mended.length > 0) {
            out.event(mended, 0, mended.length);
        }
    }

    /** Writes a piece of what the model thinks, which is not empty, if the client wants to hear it. */
    protected final void reasoning(char[] text, int offset, int length, SseEncoder out) {
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

    /**
     * Writes a piece of the answer straight from the event's JSON.
     *
     * @param from where in the decoder's data the text begins, behind its quote
     * @param to where it ends, at its quote
     * @return false if it must be read to be told, and {@link #content} is to tell it
     */
    protected final boolean contentAsItLies(int from, int to, SseEncoder out) {
        if (!passesUncut(contentSeam, from, to)) {
            return false;
        }
        out.begin();
        JsonText.write(decoder.data(), from, to, out);
        out.end();
        return true;
    }

    /** The same for a piece of what the model thinks, if the client wants to hear it; else {@link #reasoning} tells it. */
    protected final boolean reasoningAsItLies(int from, int to, SseEncoder out) {
        if (!wantsReasoning) {
            return true;
        }
        if (!passesUncut(reasoningSeam, from, to)) {
            return false;
        }
        out.begin(REASONING);
        JsonText.write(decoder.data(), from, to, out);
        out.end();
        return true;
    }

    /** Why the answer ends, in the provider's word. */
    protected final void finished(String reason) {
        finishReason = reason;
    }

    /**
     * The model calls a tool, which a client of {@code /chat} could do nothing with.
     *
     * @param path where clients ask for it
     */
    protected final Meaning failForTool(String path) {
        return fail(new Failure(
                200, // the upstream did nothing wrong
                "unsupported",
                "tool_call",
                "The model called a tool, which /chat cannot pass on: use " + path + "."));
    }

    /** Whether the text is whole, and so was the one before. */
    private boolean passesUncut(TextSeam seam, int from, int to) {
        return seam.isClosed() && !JsonText.mayEndInHalf(decoder.data(), from, to);
    }
}
