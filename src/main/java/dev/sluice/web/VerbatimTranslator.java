package dev.sluice.web;

import dev.sluice.chat.CompletionListener;
import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.openai.ChunkReader;
import dev.sluice.openai.EventGlance;
import dev.sluice.openai.ProviderWords;
import dev.sluice.openai.UsageEvent;
import dev.sluice.sse.SseEncoder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The provider's events as they came, byte for byte, comments included: {@code /v1}'s. A glance tells what an event
 * means; only what is out of the ordinary is read.
 *
 * <p>Two things do not pass: the event that tells the usage to a client that has not asked for it, and an error that shows
 * a key. Guarded by the stream's thread, as its caller promises.
 */
final class VerbatimTranslator extends EventTranslator {
    private static final byte[] LINE_FEED = {'\n'};

    private final EventGlance glance = new EventGlance();
    private final ChunkReader chunks;
    private final ProviderWords words;
    private final boolean wantsUsage;
    private final Listener listener = new Listener();
    private Meaning meaning = Meaning.LIFE; // of the event that is being read
    private boolean droppedToCr; // the LF that may follow belongs to what did not pass
    private byte @Nullable [] lastEvent; // the provider's own error, if it ended with one

    /** @param wantsUsage whether the client has asked for what the answer costs */
    VerbatimTranslator(ChunkReader chunks, ProviderWords words, int maxEventBytes, boolean wantsUsage) {
        super(maxEventBytes);
        this.chunks = chunks;
        this.words = words;
        this.wantsUsage = wantsUsage;
    }

    @Override
    Meaning event(SseEncoder out) {
        EventGlance.Sight sight = glance.at(decoder.data(), decoder.dataOffset(), decoder.dataLength());
        if (sight == EventGlance.Sight.CLOSER || decoder.isTyped()) {
            return readAndPass(out);
        }
        aside(out);
        pass(out);
        choice(0); // a glance is sure of no other
        return sight == EventGlance.Sight.LIFE ? Meaning.LIFE : Meaning.TOKEN;
    }

    @Override
    void aside(SseEncoder out) {
        int offset = decoder.asideOffset();
        int length = decoder.asideLength();
        int skipped = droppedToCr && length > 0 && decoder.wire()[offset] == '\n' ? 1 : 0;
        droppedToCr = false;
        out.bytes(decoder.wire(), offset + skipped, length - skipped);
    }

    @Override
    void unterminatedLastWord(SseEncoder out) {
        aside(out);
        pass(out);
    }

    @Override
    public void done(SseEncoder out) {
        // The provider has said so itself.
    }

    @Override
    public void brokenOff(Failure reason, SseEncoder out) {
        byte[] own = lastEvent;
        if (own != null) {
            out.bytes(own, 0, own.length);
        } else {
            out.event(Problem.json(reason));
        }
    }

    private Meaning readAndPass(SseEncoder out) {
        meaning = Meaning.LIFE;
        chunks.read(decoder.data(), decoder.dataOffset(), decoder.dataLength(), listener);
        if (meaning != Meaning.FAILED && decoder.type().equals("error")) {
            meaning = fail(Failure.upstream("upstream_error", "The upstream reported an error."));
        }
        if (meaning == Meaning.FAILED) {
            keepUnlessSecret();
            return meaning;
        }
        aside(out);
        switch (meaning) {
            case WHOLE -> {
                pass(out);
                if (decoder.isLineFeedDue()) {
                    out.bytes(LINE_FEED, 0, 1); // nobody reads on for the half that is still to come
                }
            }
            default -> {
                if (wantsUsage || !isUsageOnly()) {
                    pass(out);
                } else {
                    droppedToCr = decoder.endsInCr();
                }
            }
        }
        return meaning;
    }

    private void pass(SseEncoder out) {
        out.bytes(decoder.wire(), decoder.eventOffset(), decoder.eventLength());
    }

    /** It passes only if the answer has begun by then; else it becomes a status. */
    private void keepUnlessSecret() {
        if (!words.isSecretIn(decoder.text())) {
            lastEvent = Arrays.copyOfRange(
                    decoder.wire(), decoder.asideOffset(), decoder.eventOffset() + decoder.eventLength());
        }
    }

    private boolean isUsageOnly() {
        return UsageEvent.isUsageOnly(decoder.data(), decoder.dataOffset(), decoder.dataLength());
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
            VerbatimTranslator.this.finished(choice);
        }

        @Override
        public void usage(Usage used) {
            VerbatimTranslator.this.usage(used);
        }

        @Override
        public void done() {
            meaning = Meaning.WHOLE;
        }

        @Override
        public void failed(Failure reason) {
            meaning = fail(reason);
        }

        @Override
        public void unreadable(Failure reason) {
            // Not ours to judge: it passes, as whatever else a provider may say.
        }
    }
}
