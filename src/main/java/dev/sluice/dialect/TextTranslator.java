package dev.sluice.dialect;

import dev.sluice.chat.Failure;
import dev.sluice.sse.SseEncoder;
import org.jspecify.annotations.Nullable;

/**
 * Translates a provider's events to the plain events of {@code /chat}. This class writes the client's events; its
 * subclass for a dialect parses the provider's. Guarded by the stream's thread.
 */
public abstract class TextTranslator extends EventTranslator {
    private static final String REASONING = "reasoning";

    private final boolean wantsReasoning;
    private final TextSeam contentSeam = new TextSeam();
    private final TextSeam reasoningSeam = new TextSeam();
    private @Nullable String finishReason;

    /** @param wantsReasoning whether the client gets the model's reasoning */
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

    /** Writes a piece of the answer. It must not be empty. */
    protected final void content(char[] text, int offset, int length, SseEncoder out) {
        char[] mended = contentSeam.mend(text, offset, length);
        if (mended == null) {
            out.event(text, offset, length);
        } else if (mended.length > 0) {
            out.event(mended, 0, mended.length);
        }
    }

    /** Writes a piece of the model's reasoning if the client wants it. It must not be empty. */
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
     * Writes a piece of the answer directly from the event's JSON.
     *
     * @param from the index in the decoder's data of the text's first byte, after the opening quote
     * @param to the index of the closing quote
     * @return false if nothing was written, because the text has to be parsed and passed to {@link #content}
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

    /**
     * The same for a piece of the model's reasoning, if the client wants it. After a false it has to be passed to
     * {@link #reasoning}.
     */
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

    /** Sets the {@code finish_reason} of the provider. */
    protected final void finished(String reason) {
        finishReason = reason;
    }

    /**
     * Fails because the model calls a tool, which is not supported on {@code /chat}.
     *
     * @param path the clients' path for requests with tools
     */
    protected final Meaning failForTool(String path) {
        return fail(new Failure(
                200, // the upstream has made no mistake
                "unsupported",
                "tool_call",
                "The model called a tool, which /chat cannot pass on: use " + path + "."));
    }

    /** Whether neither this text nor the one before was split within a line break or a character. */
    private boolean passesUncut(TextSeam seam, int from, int to) {
        return seam.isClosed() && !JsonText.mayEndInHalf(decoder.data(), from, to);
    }
}
