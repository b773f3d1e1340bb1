package dev.sluice.servlet;

import dev.sluice.bench.micro.SampleStream;
import dev.sluice.dialect.AnswerContext;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.openai.ChatTranslator;
import dev.sluice.dialect.openai.VerbatimTranslator;
import dev.sluice.relay.Translator;
import dev.sluice.relay.Translator.Meaning;
import dev.sluice.sse.SseEncoder;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One event's whole way through our code, from the network's bytes to the client's, each event in a piece of its own. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TranslatorBenchmark {
    private static final AnswerContext CONTEXT = new AnswerContext(new ProviderWords(List.of()), 1 << 20, () -> false);

    @Param({
        SampleStream.TOKENS,
        "openai-gpt-4o-structured",
        "llamacpp-line-breaks",
        "openrouter-grok-comments",
        "xai-grok-3-mini-reasoning"
    })
    public String stream = "";

    /** How many bytes are gathered before they are sent: a trickle and a flood. */
    @Param({"1", "32768"})
    public int batch;

    private final SseEncoder out = new SseEncoder();
    private final Translator verbatim = new VerbatimTranslator(CONTEXT, 1, true);
    private final Translator chat = new ChatTranslator(CONTEXT, 1, true);
    private ByteBuffer[] events = {};
    private int next;

    @Setup
    public void cut() {
        events = SampleStream.of(stream).events();
    }

    @Benchmark
    public int v1() {
        return pass(verbatim);
    }

    @Benchmark
    public int chat() {
        return pass(chat);
    }

    private int pass(Translator translator) {
        ByteBuffer event = events[next];
        next = next + 1 == events.length ? 0 : next + 1;
        event.rewind();
        translator.feed(event);
        Meaning meaning = translator.translate(out);
        while (meaning != Meaning.NOTHING) {
            meaning = translator.translate(out);
        }
        int length = out.length();
        if (length >= batch) {
            out.clear();
        }
        return length;
    }
}
