package dev.sluice.bench.micro;

import dev.sluice.chat.CompletionListener;
import dev.sluice.chat.Failure;
import dev.sluice.chat.Usage;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.openai.ChunkReader;
import dev.sluice.dialect.openai.ChunkScanner;
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

/** The parsing of the data of one event. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EventBenchmark {
    @Param({SampleStream.TOKENS, "openai-gpt-4o-structured", "llamacpp-plain", "xai-grok-3-mini-reasoning"})
    public String stream = "";

    private final ChunkScanner scanner = new ChunkScanner();
    private final ChunkReader reader = new ChunkReader(new ProviderWords(List.of()));
    private final Length length = new Length();
    private byte[][] events = {};
    private int next;

    @Setup
    public void cut() {
        events = SampleStream.of(stream).data();
    }

    /** By the scanner of ordinary events, which does not parse the JSON. */
    @Benchmark
    public ChunkScanner.Kind scan() {
        byte[] event = event();
        return scanner.kind(event, 0, event.length);
    }

    /** By the parser, for all other events. */
    @Benchmark
    public int read() {
        byte[] event = event();
        reader.read(event, 0, event.length, length);
        return length.total;
    }

    private byte[] event() {
        byte[] event = events[next];
        next = next + 1 == events.length ? 0 : next + 1;
        return event;
    }

    private static final class Length implements CompletionListener {
        private int total;

        @Override
        public void content(char[] text, int offset, int length) {
            total += length;
        }

        @Override
        public void reasoning(char[] text, int offset, int length) {
            total += length;
        }

        @Override
        public void toolCall() {}

        @Override
        public void choice(int index) {}

        @Override
        public void finished(int choice, String reason) {}

        @Override
        public void usage(Usage used) {}

        @Override
        public void done() {}

        @Override
        public void failed(Failure reason) {}

        @Override
        public void complained(Failure reason) {}

        @Override
        public void unreadable(Failure reason) {}
    }
}
