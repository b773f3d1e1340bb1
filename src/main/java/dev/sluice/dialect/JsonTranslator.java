package dev.sluice.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.dialect.AnswerReader.AnswerKind;
import dev.sluice.relay.Translator;
import dev.sluice.sse.SseEncoder;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Passes one JSON answer on, byte for byte, in the pieces in which it is received. An answer whose first field may be
 * that of an error is held back until it is known whether it is one. An answer whose first byte is not JSON, such as an
 * HTML page, is a failure, whatever its content type. White space before the answer is passed on at once: some
 * providers send it while the model works, to keep the connection open, and the client's connection needs it as much.
 * Guarded by the stream's thread.
 */
public final class JsonTranslator implements Translator {
    /** The size limit of an answer that is held back. Errors are shorter. */
    private static final int LONGEST_ERROR = 64 * 1024;

    private final AnswerReader answer;
    private final ProviderWords words;
    private final Function<Failure, String> errors;
    private final Function<String, @Nullable Failure> ofStatus;
    private final @Nullable Usage usageOtherwise;
    private final SseEncoder held = new SseEncoder();
    private long fed;
    private boolean blank = true; // all bytes so far are white space
    private boolean json = true; // the first byte after the white space can begin JSON
    private boolean spoken; // some bytes were passed on, so the status can no longer change
    private boolean begun; // some bytes of the answer itself were passed on

    /**
     * @param words removes keys from a provider's texts before clients get them
     * @param usageReader parses the answer's {@code usage}
     * @param errors writes a failure in the format of the dialect
     */
    public JsonTranslator(ProviderWords words, UsageReader usageReader, Function<Failure, String> errors) {
        this(words, usageReader, errors, status -> null, null);
    }

    /**
     * @param words removes keys from a provider's texts before clients get them
     * @param usageReader parses the answer's {@code usage}
     * @param errors writes a failure in the format of the dialect
     * @param ofStatus the failure that the answer's {@code status} stands for; null if it stands for none
     */
    public JsonTranslator(
            ProviderWords words,
            UsageReader usageReader,
            Function<Failure, String> errors,
            Function<String, @Nullable Failure> ofStatus) {
        this(words, usageReader, errors, ofStatus, null);
    }

    /**
     * @param words removes keys from a provider's texts before clients get them
     * @param usageReader parses the answer's {@code usage}
     * @param errors writes a failure in the format of the dialect
     * @param usageOtherwise the usage of an answer that tells none
     */
    public JsonTranslator(
            ProviderWords words, UsageReader usageReader, Function<Failure, String> errors, Usage usageOtherwise) {
        this(words, usageReader, errors, status -> null, usageOtherwise);
    }

    private JsonTranslator(
            ProviderWords words,
            UsageReader usageReader,
            Function<Failure, String> errors,
            Function<String, @Nullable Failure> ofStatus,
            @Nullable Usage usageOtherwise) {
        this.ofStatus = ofStatus;
        this.usageOtherwise = usageOtherwise;
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
        boolean maybeError = !begun && answer.kind() != AnswerKind.COMPLETION && held.length() <= LONGEST_ERROR;
        if (held.length() == 0 || maybeError) {
            return Meaning.NOTHING;
        }
        Meaning meaning = begun ? Meaning.LIFE : Meaning.TOKEN;
        pass(out);
        return meaning;
    }

    @Override
    public @Nullable Failure lacks() {
        String status = answer.status();
        return status == null ? null : ofStatus.apply(status);
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
        // A JSON answer ends with its last byte.
    }

    @Override
    public void brokenOff(Failure failure, SseEncoder out) {
        // A failure cannot be written into an incomplete JSON object. The client notices the aborted connection.
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
        Usage told = answer.usage();
        return told != null ? told : usageOtherwise;
    }

    private void pass(SseEncoder out) {
        begun = true;
        write(out);
    }

    /**
     * The status can no longer change. The client gets the provider's own error, or ours if that one has a key in it.
     */
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

    /** Whether this begins an object, a list of errors, or a byte order mark. */
    private static boolean opensJson(byte first) {
        return first == '{' || first == '[' || (first & 0xff) == 0xef;
    }
}
