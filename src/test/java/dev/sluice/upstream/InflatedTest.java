package dev.sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class InflatedTest {
    private static final int LENGTH = 100_000;

    private final AtomicInteger lent = new AtomicInteger();
    private final Queue<Content.Chunk> network = new ArrayDeque<>();
    private final Inflated inflated = new Inflated(new FakeSource(), true);

    @Test
    void read_ofAPieceOnly_keepsNoBufferOfTheNetworks() throws IOException {
        lend(compressed(), true);
        assertThat(Objects.requireNonNull(inflated.read()).remaining()).isEqualTo(8 * 1024);
        assertThat(lent)
                .as("a stream may be cancelled here, and then nobody reads on")
                .hasValue(0);
        inflated.close();
    }

    @Test
    void read_toTheEnd_findsAllOfIt() throws IOException {
        byte[] bytes = compressed();
        int half = bytes.length / 2;
        lend(Arrays.copyOf(bytes, half), false);
        lend(Arrays.copyOfRange(bytes, half, bytes.length), false);
        network.add(Content.Chunk.EOF);
        int length = 0;
        Content.Chunk chunk = Objects.requireNonNull(inflated.read());
        while (!chunk.isLast()) {
            length += chunk.remaining();
            chunk = Objects.requireNonNull(inflated.read());
        }
        assertThat(Content.Chunk.isFailure(chunk)).isFalse();
        assertThat(length).isEqualTo(LENGTH);
        assertThat(lent).hasValue(0);
    }

    private static byte[] compressed() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(new byte[LENGTH]);
        }
        return bytes.toByteArray();
    }

    private void lend(byte[] bytes, boolean last) {
        lent.incrementAndGet();
        network.add(Content.Chunk.from(ByteBuffer.wrap(bytes), last, lent::decrementAndGet));
    }

    private final class FakeSource implements Content.Source {
        @Override
        public Content.@Nullable Chunk read() {
            return network.poll();
        }

        @Override
        public void demand(Runnable callback) {
            throw new AssertionError("all is at hand");
        }

        @Override
        public void fail(Throwable cause) {
            throw new AssertionError(cause);
        }
    }
}
