package dev.sluice.dialect.openai;

import dev.sluice.chat.CompletionListener;
import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.TextTranslator;
import dev.sluice.sse.SseEncoder;
import org.jspecify.annotations.Nullable;

/**
 * Translates the provider's chunks to the plain events of {@code /chat}. The text of an ordinary token is copied from
 * the provider's bytes to the client's. Only other events are parsed. Guarded by the stream's thread.
 */
public final class ChatTranslator extends TextTranslator {
    private final ChunkScanner scanner = new ChunkScanner();
    private final ChunkReader chunks;
    private final Choices choices;
    private final Listener listener = new Listener();

    private Meaning meaning = Meaning.LIFE;
    private SseEncoder out = new SseEncoder();

    /**
     * @param choices the number of choices in the request; only the text of the first one is passed on
     * @param wantsReasoning whether the client gets the model's reasoning
     */
    public ChatTranslator(AnswerContext context, int choices, boolean wantsReasoning) {
        super(context, wantsReasoning);
        this.choices = new Choices(choices);
        this.chunks = new ChunkReader(context.words());
    }

    @Override
    protected Meaning event(SseEncoder out) {
        boolean told =
                switch (scanner.kind(decoder.data(), decoder.dataOffset(), decoder.dataLength())) {
                    case CONTENT -> contentAsItLies(scanner.textOffset(), scanner.textEnd(), out);
                    case REASONING -> reasoningAsItLies(scanner.textOffset(), scanner.textEnd(), out);
                    case LIFE, TOKEN, UNKNOWN -> false;
                };
        if (!told) {
            return readEvent(out);
        }
        choice(0); // ChunkScanner recognizes only events of this choice
        return Meaning.TOKEN;
    }

    @Override
    protected boolean isLastWord() {
        return decoder.dataIs(Choices.LAST_WORD);
    }

    @Override
    protected @Nullable Failure unterminatedLastWord(SseEncoder out) {
        return lackedAtLastWord();
    }

    @Override
    public boolean isFinished() {
        return choices.areFinished();
    }

    private Meaning readEvent(SseEncoder out) {
        this.out = out;
        meaning = Meaning.LIFE;
        if (decoder.type().equals("error") && !isLastWord()) {
            return fail(errorInEvent());
        }
        chunks.read(decoder.data(), decoder.dataOffset(), decoder.dataLength(), listener);
        return meaning;
    }

    private void choice(int index) {
        read();
        choices.seen(index);
    }

    private @Nullable Failure lackedAtLastWord() {
        return choices.lackedAtLastWord(reasonGiven(), isUnread(), context());
    }

    private final class Listener implements CompletionListener {
        @Override
        public void content(char[] text, int offset, int length) {
            meaning = Meaning.TOKEN;
            ChatTranslator.this.content(text, offset, length, out);
        }

        @Override
        public void reasoning(char[] text, int offset, int length) {
            meaning = Meaning.TOKEN;
            ChatTranslator.this.reasoning(text, offset, length, out);
        }

        @Override
        public void toolCall() {
            meaning = failForTool("/v1" + ChatCompletions.PATH);
        }

        @Override
        public void choice(int index) {
            ChatTranslator.this.choice(index);
        }

        @Override
        public void finished(int choice, String reason) {
            choices.finished(choice);
            if (choice == 0) {
                ChatTranslator.this.finished(reason);
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

        /**
         * Before the first piece of the answer, this is a failure. Later, it counts only if the answer does not become
         * complete.
         */
        @Override
        public void complained(Failure reason) {
            if (isUnread() || choices.anySeen()) {
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
