package dev.sluice.dialect.openai;

import dev.sluice.chat.CompletionListener;
import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ErrorJson;
import dev.sluice.dialect.PassingTranslator;
import dev.sluice.sse.SseEncoder;
import org.jspecify.annotations.Nullable;

/**
 * Passes the chunks of a completion on, byte for byte. {@link ChunkScanner} recognizes
 * most events. Only the others are parsed.
 *
 * <p>A {@code usage} that the client has not requested is removed. An answer that its provider ends with {@code [DONE]}
 * is passed on up to that, even if it is not complete; then {@link #lacks} tells why. Guarded by the stream's thread.
 */
public final class VerbatimTranslator extends PassingTranslator {
    private final ChunkScanner scanner;
    private final ChunkReader chunks;
    private final Choices choices;
    private final boolean wantsUsage;
    private final Listener listener = new Listener();
    private Meaning meaning = Meaning.LIFE; // of the current event
    private boolean complains; // the current event complains: it looks like an error but has no "error" field
    private @Nullable Failure lacks;

    /**
     * For chat completions.
     *
     * @param choices the number of choices in the request
     * @param wantsUsage whether the client has requested the usage
     */
    public VerbatimTranslator(AnswerContext context, int choices, boolean wantsUsage) {
        this(context, ChunkForm.CHAT, choices, wantsUsage);
    }

    /**
     * @param choices the number of choices in the request
     * @param wantsUsage whether the client has requested the usage
     */
    VerbatimTranslator(AnswerContext context, ChunkForm form, int choices, boolean wantsUsage) {
        super(context);
        this.scanner = new ChunkScanner(form);
        this.chunks = new ChunkReader(context.words(), form);
        this.choices = new Choices(choices);
        this.wantsUsage = wantsUsage;
    }

    @Override
    protected Meaning event(SseEncoder out) {
        ChunkScanner.Kind kind = scanner.kind(decoder.data(), decoder.dataOffset(), decoder.dataLength());
        if (kind == ChunkScanner.Kind.UNKNOWN || decoder.isTyped()) {
            return readAndPass(out);
        }
        pass(out);
        choice(0); // ChunkScanner recognizes only events of this choice
        return kind == ChunkScanner.Kind.LIFE ? Meaning.LIFE : Meaning.TOKEN;
    }

    @Override
    protected boolean isLastWord() {
        return decoder.dataIs(Choices.LAST_WORD);
    }

    @Override
    protected @Nullable Failure unterminatedLastWord(SseEncoder out) {
        pass(out);
        lacks = lackedAtLastWord();
        return null;
    }

    @Override
    public boolean isFinished() {
        return choices.areFinished();
    }

    @Override
    public @Nullable Failure lacks() {
        return lacks == null ? null : Choices.UNFINISHED;
    }

    @Override
    protected void tell(Failure reason, SseEncoder out) {
        out.event(ErrorJson.text(reason));
    }

    private void choice(int index) {
        read();
        choices.seen(index);
    }

    private @Nullable Failure lackedAtLastWord() {
        return choices.lackedAtLastWord(reasonGiven(), isUnread(), context());
    }

    private Meaning readAndPass(SseEncoder out) {
        meaning = Meaning.LIFE;
        complains = false;
        if (decoder.type().equals("error") && !isLastWord()) {
            meaning = fail(errorInEvent());
        } else {
            chunks.read(decoder.data(), decoder.dataOffset(), decoder.dataLength(), listener);
        }
        if (meaning == Meaning.FAILED) {
            return failWithEvent(failure());
        }
        if (meaning == Meaning.WHOLE) {
            passLast(out);
        } else if (complains && isSecret(decoder.text())) {
            aside(out);
            drop();
        } else {
            passWithoutUsage(out);
        }
        return meaning;
    }

    /**
     * Passes on the event with the usage. If the client has not requested the usage, it is removed, and so is an event
     * that contains nothing else.
     */
    private void passWithoutUsage(SseEncoder out) {
        UsageEvent usage =
                wantsUsage ? null : UsageEvent.read(decoder.data(), decoder.dataOffset(), decoder.dataLength());
        aside(out);
        if (usage == null) {
            passEvent(out);
        } else if (usage.isAlone()) {
            drop();
        } else if (decoder.data() == decoder.wire()) {
            int from = decoder.eventOffset();
            out.bytes(decoder.wire(), from, usage.from() - from);
            out.bytes(decoder.wire(), usage.to(), from + decoder.eventLength() - usage.to());
        } else { // the data has several lines, or was malformed UTF-8
            out.begin();
            line(decoder.dataOffset(), usage.from(), out);
            line(usage.to(), decoder.dataOffset() + decoder.dataLength(), out);
            out.end();
        }
    }

    /** Writes this part of the data. It may have line breaks as white space of the JSON. */
    private void line(int from, int to, SseEncoder out) {
        int start = from;
        for (int at = from; at < to; at++) {
            if (decoder.data()[at] == '\n') {
                out.bytes(decoder.data(), start, at - start);
                out.lineBreak();
                start = at + 1;
            }
        }
        out.bytes(decoder.data(), start, to - start);
    }

    /** Keeps what decides how the answer ends. The event itself is passed on unchanged. */
    private final class Listener implements CompletionListener {
        @Override
        public void content(char[] text, int offset, int length) {
            meaning = Meaning.TOKEN;
        }

        @Override
        public void reasoning(char[] text, int offset, int length) {
            meaning = Meaning.TOKEN;
        }

        @Override
        public void toolCall() {
            meaning = Meaning.TOKEN;
        }

        @Override
        public void choice(int index) {
            VerbatimTranslator.this.choice(index);
        }

        @Override
        public void finished(int choice, String reason) {
            choices.finished(choice);
        }

        @Override
        public void usage(Usage used) {
            VerbatimTranslator.this.usage(used);
        }

        @Override
        public void done() {
            lacks = lackedAtLastWord();
            meaning = Meaning.WHOLE;
        }

        @Override
        public void failed(Failure reason) {
            meaning = fail(reason);
        }

        /**
         * Before the first piece of the answer, this is a failure. Later, the event is passed on, and counts only if
         * the answer does not become complete.
         */
        @Override
        public void complained(Failure reason) {
            complains = true;
            if (isUnread() || choices.anySeen()) {
                VerbatimTranslator.this.complained(reason);
            } else {
                meaning = fail(reason);
                sayAgain();
            }
        }

        @Override
        public void unreadable(Failure reason) {
            // An unreadable event is passed on like any other.
        }
    }
}
