package dev.sluice.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.dialect.AnswerReader.Opening;
import dev.sluice.relay.Translator;
import dev.sluice.sse.SseEncoder;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One JSON answer as it came, in the pieces in which it comes. What opens as an error is held back until it has turned
 * out to be one or not. What is no JSON by its first byte, such as a page for browsers, is a failure, whatever it is
 * labelled. White space before the answer passes at once: some providers send it while a model thinks, to
 * keep the connection open, and the client's needs it as much. Guarded by the stream's thread, as its caller promises.
 */
public final class JsonTranslator implements Translator {
    /** No error is longer. */
    private static final int LONGEST_ERROR = 64 * 1024;

    private final AnswerReader answer;
    private final ProviderWords words;
    private final Function<Failure, String> errors;
    private final SseEncoder held = new SseEncoder();
    private long fed;
    private boolean blank = true; // all that was fed
    private boolean json = true; // what is not blank begins as an answer does
    private boolean spoken; // something has passed: a failure can no longer have a status
    private boolean begun; // so has the beginning of the answer itself

    /**
     * @param words keeps keys out of what clients read
     * @param usageReader reads the answer's {@code usage}
     * @param errors writes a failure as the dialect has it
     */
    public JsonTranslator(ProviderWords words, UsageReader usageReader, Function<Failure, String> errors) {
        this.errors = errors;
        this.answer = new AnswerReader(usageReader);
        this.words = words;
    }

    @Override
    public String contentType() {
        return "application/json";
    }

    @Override
    public boolean takesComments() {
        return false;
    }

    @Override
    public void feed(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        answer.feed(copy, 0, copy.length);
        held.bytes(copy, 0, copy.length);
        fed += copy.length;
        if (blank) {
            int first = firstThatIsNotBlank(copy);
            blank = first == copy.length;
            json = blank || opensJson(copy[first]);
        }
    }

    @Override
    public Meaning translate(SseEncoder out) {
        if (!json) {
            return Meaning.FAILED;
        }
        if (blank && held.length() > 0) {
            write(out);
            return Meaning.LIFE;
        }
        boolean maybeError = !begun && answer.opening() != Opening.COMPLETION && held.length() <= LONGEST_ERROR;
        if (held.length() == 0 || maybeError) {
            return Meaning.NOTHING;
        }
        Meaning meaning = begun ? Meaning.LIFE : Meaning.TOKEN;
        pass(out);
        return meaning;
    }

    @Override
    public Failure failure() {
        return ErrorBody.noJson();
    }

    @Override
    public @Nullable Failure ends(@Nullable Failure reason, SseEncoder out) {
        if (reason != null) {
            return reason;
        }
        if (!begun) {
            Failure error = ErrorBody.inAnswer(Arrays.copyOf(held.array(), held.length()), words);
            if (error != null) {
                if (spoken) {
                    tell(error, out);
                }
                return error;
            }
        }
        if (!answer.isWhole()) {
            return Failure.upstream("incomplete", "The upstream ended before its answer was whole.");
        }
        pass(out);
        return null;
    }

    @Override
    public void done(SseEncoder out) {
        // The answer has an end of its own.
    }

    @Override
    public void brokenOff(Failure failure, SseEncoder out) {
        // There is no place for it in the middle of a JSON object: the broken connection says it.
    }

    @Override
    public long fedBytes() {
        return fed;
    }

    @Override
    public int heldBytes() {
        return held.length();
    }

    @Override
    public @Nullable Usage usage() {
        return answer.usage();
    }

    private void pass(SseEncoder out) {
        begun = true;
        write(out);
    }

    /** There is no status any more: the provider's own words say it, or ours if those show a key. */
    private void tell(Failure error, SseEncoder out) {
        if (words.isSecretIn(new String(held.array(), 0, held.length(), UTF_8))) {
            byte[] ours = errors.apply(error).getBytes(UTF_8);
            out.bytes(ours, 0, ours.length);
        } else {
            write(out);
        }
    }

    private void write(SseEncoder out) {
        spoken = true;
        out.bytes(held.array(), 0, held.length());
        held.release();
    }

    private static int firstThatIsNotBlank(byte[] bytes) {
        int at = 0;
        while (at < bytes.length && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\n' || bytes[at] == '\r')) {
            at++;
        }
        return at;
    }

    /** An object, a list of errors, or a byte order mark before one of them. */
    private static boolean opensJson(byte first) {
        return first == '{' || first == '[' || (first & 0xff) == 0xef;
    }
}
