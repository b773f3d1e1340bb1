package dev.sluice.dialect.openai;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.chat.CompletionListener;
import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.dialect.ErrorJson;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.sse.SseEncoder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The provider's events as they came, byte for byte, comments included: {@code /v1}'s. A glance tells what an event
 * means; only what is out of the ordinary is read, and an event longer than allowed passes in pieces, unread.
 *
 * <p>Two things do not pass: the usage that a client has not asked for, and an error that shows a key. An answer that its
 * provider ends with {@code [DONE]} passes to that word, but {@linkplain #lacks is known} not to be whole if it is not.
 * Guarded by the stream's thread, as its caller promises.
 */
public final class VerbatimTranslator extends EventTranslator {
    private static final byte[] LINE_FEED = {'\n'};
    private static final byte[] BLANK_LINE = {'\n', '\n'};

    private final EventGlance glance = new EventGlance();
    private final ProviderWords words;
    private final boolean wantsUsage;
    private final Listener listener = new Listener();
    private Meaning meaning = Meaning.LIFE; // of the event that is being read
    private boolean complains; // so does that event
    private boolean droppedToCr; // the LF that may follow belongs to what did not pass
    private byte @Nullable [] lastEvent; // the provider's own error, if it ended with one
    private boolean sayAgain; // the last event is none that a client takes for an error
    private @Nullable Failure lacks;

    /** @param wantsUsage whether the client has asked for what the answer costs */
    public VerbatimTranslator(ChunkReader chunks, ProviderWords words, Asked asked, boolean wantsUsage) {
        super(chunks, asked, true);
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
        if (length > 0 && !decoder.stray().isEmpty() && isSecretAside()) {
            return;
        }
        out.bytes(decoder.wire(), offset + skipped, length - skipped);
    }

    /** Lines of no event may be an error that nobody framed. */
    private boolean isSecretAside() {
        return words.isSecretIn(new String(decoder.wire(), decoder.asideOffset(), decoder.asideLength(), UTF_8));
    }

    @Override
    void piece(SseEncoder out) {
        aside(out);
        pass(out);
    }

    @Override
    @Nullable
    Failure unterminatedLastWord(SseEncoder out) {
        aside(out);
        pass(out);
        lacks = lackedAtLastWord();
        return null;
    }

    @Override
    public @Nullable Failure lacks() {
        return lacks == null ? null : Asked.UNFINISHED;
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
        }
        if (isWithinEvent()) {
            out.bytes(BLANK_LINE, 0, BLANK_LINE.length); // what follows is no part of the event that was cut
        }
        if (own == null || sayAgain) {
            out.event(ErrorJson.text(reason));
        }
    }

    private Meaning readAndPass(SseEncoder out) {
        meaning = Meaning.LIFE;
        complains = false;
        if (decoder.type().equals("error") && !isLastWord()) {
            meaning = fail(chunks.readError(decoder.data(), decoder.dataOffset(), decoder.dataLength()));
        } else {
            chunks.read(decoder.data(), decoder.dataOffset(), decoder.dataLength(), listener);
        }
        if (meaning == Meaning.FAILED) {
            keepUnlessSecret();
            return meaning;
        }
        aside(out);
        if (meaning == Meaning.WHOLE) {
            pass(out);
            if (decoder.isLineFeedDue()) {
                out.bytes(LINE_FEED, 0, 1); // nobody reads on for the half that is still to come
            }
        } else if (complains && words.isSecretIn(decoder.text())) {
            droppedToCr = decoder.endsInCr();
        } else {
            passWithoutUsage(out);
        }
        return meaning;
    }

    private void pass(SseEncoder out) {
        out.bytes(decoder.wire(), decoder.eventOffset(), decoder.eventLength());
    }

    /** Unless the client wants it, the event that was added for the usage passes without it, if anything else is in it. */
    private void passWithoutUsage(SseEncoder out) {
        UsageEvent usage =
                wantsUsage ? null : UsageEvent.read(decoder.data(), decoder.dataOffset(), decoder.dataLength());
        if (usage == null) {
            pass(out);
        } else if (usage.isAlone()) {
            droppedToCr = decoder.endsInCr();
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

    /** It passes only if the answer has begun by then; else it becomes a status. */
    private void keepUnlessSecret() {
        if (!words.isSecretIn(decoder.text())) {
            lastEvent = Arrays.copyOfRange(
                    decoder.wire(), decoder.asideOffset(), decoder.eventOffset() + decoder.eventLength());
        }
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
            if (hasBegun()) {
                VerbatimTranslator.this.complained(reason);
            } else {
                meaning = fail(reason);
                sayAgain = true;
            }
        }

        @Override
        public void unreadable(Failure reason) {
            // Not ours to judge: it passes, as whatever else a provider may say.
        }
    }
}
