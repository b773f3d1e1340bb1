package dev.sluice.dialect.responses;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.chat.Failure;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Translator.Meaning;
import dev.sluice.sse.SseEncoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plays answers to a translator without a stream around it. */
final class Answers {
    static final String CREATED =
            event("{\"type\":\"response.created\",\"response\":{\"status\":\"in_progress\"},\"sequence_number\":0}");
    static final String COMPLETED = event("{\"type\":\"response.completed\",\"sequence_number\":7,\"response\":"
            + "{\"status\":\"completed\",\"usage\":{\"input_tokens\":3,\"input_tokens_details\":{\"cached_tokens\":2},"
            + "\"output_tokens\":5,\"output_tokens_details\":{\"reasoning_tokens\":4},\"total_tokens\":8}}}");

    private Answers() {}

    /**
     * What a translator made of an answer.
     *
     * @param written what the client got
     * @param meanings of the events, without NOTHING
     * @param failure why the answer is not whole; null if it is
     */
    record Played(
            String written,
            List<Meaning> meanings,
            @Nullable Failure failure,
            Translator translator) {}

    static AnswerContext context() {
        return context(1 << 20);
    }

    static AnswerContext context(int maxEventBytes) {
        return new AnswerContext(new ProviderWords(List.of("a-secret-key")), maxEventBytes, () -> false);
    }

    /** An event whose name is the type in its data. */
    static String event(String data) {
        String type = data.replaceFirst("^.*?\"type\":\"([^\"]*)\".*$", "$1");
        return "event: " + type + "\ndata: " + data + "\n\n";
    }

    static String text(String delta, int number) {
        return event(
                "{\"type\":\"response.output_text.delta\",\"delta\":" + delta + ",\"sequence_number\":" + number + "}");
    }

    /** The whole answer at once, and then the end of its body. */
    static Played play(Translator translator, String answer) {
        return play(translator, answer.getBytes(UTF_8), Integer.MAX_VALUE, null);
    }

    /**
     * The answer in pieces of this many bytes, and then its end. A failure is told to the client.
     *
     * @param reason why it ends; null for the end of its body
     */
    static Played play(Translator translator, byte[] answer, int cut, @Nullable Failure reason) {
        SseEncoder out = new SseEncoder();
        List<Meaning> meanings = new ArrayList<>();
        for (int at = 0; at < answer.length; at += Math.min(cut, answer.length - at)) {
            translator.feed(ByteBuffer.wrap(answer, at, Math.min(cut, answer.length - at)));
            for (Meaning meaning = translator.translate(out);
                    meaning != Meaning.NOTHING;
                    meaning = translator.translate(out)) {
                meanings.add(meaning);
                if (meaning == Meaning.WHOLE) {
                    translator.done(out);
                    return new Played(written(out), meanings, null, translator);
                }
                if (meaning == Meaning.FAILED) {
                    return broken(translator, translator.failure(), meanings, out);
                }
            }
        }
        Failure failure = translator.ends(reason, out);
        if (failure != null) {
            return broken(translator, failure, meanings, out);
        }
        translator.done(out);
        return new Played(written(out), meanings, null, translator);
    }

    private static Played broken(Translator translator, Failure failure, List<Meaning> meanings, SseEncoder out) {
        translator.brokenOff(failure, out);
        return new Played(written(out), meanings, failure, translator);
    }

    private static String written(SseEncoder out) {
        return new String(Arrays.copyOf(out.array(), out.length()), UTF_8);
    }
}
