package dev.sluice.bench.micro;

import dev.sluice.sse.SseDecoder;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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

/** The decoding of a stream into events: bytes and events in a microsecond (bytes: MB/s). */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DecoderBenchmark {
    @Param({SampleStream.TOKENS, "openai-gpt-4o-structured", "llamacpp-line-breaks", "openrouter-grok-comments"})
    public String stream = "";

    /** The number of bytes of one read from the network. */
    @Param({"300", "16384"})
    public int piece;

    private final SseDecoder decoder = new SseDecoder(1 << 20);
    private ByteBuffer[] pieces = {};

    /** The numbers of bytes and events that were decoded. */
    @State(Scope.Thread)
    @AuxCounters
    public static class Decoded {
        public long bytes;
        public long events;
    }

    @Setup
    public void cut() {
        pieces = SampleStream.of(stream).pieces(piece);
    }

    @Benchmark
    public int decode(Decoded decoded) {
        int length = 0;
        for (ByteBuffer each : pieces) {
            each.rewind();
            decoded.bytes += each.limit();
            decoder.feed(each);
            for (SseDecoder.Next next = decoder.next(); next != SseDecoder.Next.NONE; next = decoder.next()) {
                if (next == SseDecoder.Next.EVENT) {
                    decoded.events++;
                    length += decoder.dataLength();
                }
            }
        }
        return length;
    }
}
