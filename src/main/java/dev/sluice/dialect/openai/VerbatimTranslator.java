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
 * The chunks of a completion as they came: {@code /v1/chat/completions}'. A glance tells what an event means; only what
 * is out of the ordinary is read.
 *
 * <p>The usage that a client has not asked for does not pass. An answer that its provider ends with {@code [DONE]} passes
 * to that word, but {@linkplain #lacks is known} not to be whole if it is not. Guarded by the stream's thread, as its
 * caller promises.
 */
public final class VerbatimTranslator extends PassingTranslator {
    private final EventGlance glance = new EventGlance();
    private final ChunkReader chunks;
    private final Choices choices;
    private final boolean wantsUsage;
    private final Listener listener = new Listener();
    private Meaning meaning = Meaning.LIFE; // of the event that is being read
    private boolean complains; // so does that event
    private @Nullable Failure lacks;

    /**
     * @param choices how many of them the client wants
     * @param wantsUsage whether it has asked for what the answer costs
     */
    public VerbatimTranslator(AnswerContext context, int choices, boolean wantsUsage) {
        super(context);
        this.chunks = new ChunkReader(context.words());
        this.choices = new Choices(choices);
        this.wantsUsage = wantsUsage;
    }

    @Override
    protected Meaning event(SseEncoder out) {
        EventGlance.Sight sight = glance.at(decoder.data(), decoder.dataOffset(), decoder.dataLength());
        if (sight == EventGlance.Sight.CLOSER || decoder.isTyped()) {
            return readAndPass(out);
        }
        pass(out);
        choice(0); // a glance is sure of no other
        return sight == EventGlance.Sight.LIFE ? Meaning.LIFE : Meaning.TOKEN;
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

    /** Unless the client wants it, the event that was added for the usage passes without it, if anything else is in it. */
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
        } else { // of several lines, or of malformed text
            out.begin();
            line(decoder.dataOffset(), usage.from(), out);
            line(usage.to(), decoder.dataOffset() + decoder.dataLength(), out);
            out.end();
        }
    }

    /** White space in JSON may be a line break. */
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

    /** Keeps what an answer comes to; what it says passes anyhow. */
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

        /** Before there is any answer it is a failure; within one it passes, and the answer's end tells what it meant. */
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
            // Not ours to judge: it passes, as whatever else a provider may say.
        }
    }
}
