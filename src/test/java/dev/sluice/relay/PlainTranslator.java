package dev.sluice.relay;

import dev.sluice.chat.Failure;
import dev.sluice.sse.SseDecoder;
import dev.sluice.sse.SseEncoder;

/** Passes text on; {@code -} is no token, {@code !} an error, {@code [DONE]} the last word, {@code fin} makes it whole. */
final class PlainTranslator implements Translator {
    static final Failure REPORTED = Failure.upstream("reported", "The upstream said so.");
    private boolean whole;

    @Override
    public Meaning translate(SseDecoder event, SseEncoder out) {
        String text = event.text();
        return switch (text) {
            case "-" -> Meaning.LIFE;
            case "!" -> Meaning.FAILED;
            case "[DONE]" -> Meaning.WHOLE;
            case "fin" -> {
                whole = true;
                yield Meaning.LIFE;
            }
            default -> {
                out.event(text.toCharArray(), 0, text.length());
                yield Meaning.TOKEN;
            }
        };
    }

    @Override
    public Failure failure() {
        return REPORTED;
    }

    @Override
    public boolean isLastWord(SseDecoder event) {
        return event.dataIs("[DONE]");
    }

    @Override
    public boolean isWhole() {
        return whole;
    }

    @Override
    public void done(SseEncoder out) {
        out.event("done", "{}");
    }

    @Override
    public void brokenOff(Failure failure, SseEncoder out) {
        out.event("error", failure.code());
    }
}
