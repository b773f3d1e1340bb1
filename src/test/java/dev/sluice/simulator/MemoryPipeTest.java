package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MemoryPipeTest {
    private final ExecutorService work = Executors.newFixedThreadPool(4);
    private final ScheduledExecutorScheduler times = new ScheduledExecutorScheduler();
    private final MemoryPipe pipe = new MemoryPipe(times, work, times, work);
    private final MemoryPipe.End reader = pipe.getLocalEndPoint();
    private final MemoryPipe.End writer = pipe.getRemoteEndPoint();

    @AfterEach
    void stop() {
        work.shutdownNow();
    }

    @Test
    void flush_moreThanFits_takesTheCapacityAndNoMore() throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(MemoryPipe.CAPACITY + 5);

        assertThat(writer.flush(ByteBuffer.allocate(10))).isTrue();
        assertThat(writer.flush(bytes)).as("all was taken").isFalse();
        assertThat(bytes.remaining()).as("bytes that did not fit").isEqualTo(15);
        assertThat(writer.flush(bytes)).isFalse();
        assertThat(bytes.remaining()).as("bytes after another try").isEqualTo(15);
    }

    @Test
    void write_pipeFull_completesWhenTheReaderHasMadeRoom() throws Exception {
        CompletableFuture<Boolean> written = new CompletableFuture<>();
        writer.write(
                Callback.from(() -> written.complete(true), written::completeExceptionally),
                ByteBuffer.allocate(MemoryPipe.CAPACITY + 1));
        assertThat(written).isNotDone();

        reader.fill(BufferUtil.allocate(1));

        assertThat(written.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void fill_inAnyPortions_givesTheBytesInOrderThenTheEnd() throws Exception {
        byte[] sent = new byte[10_000];
        for (int i = 0; i < sent.length; i++) {
            sent[i] = (byte) (i * 31 / 7);
        }
        ByteBuffer received = BufferUtil.allocate(sent.length);
        ByteBuffer source = ByteBuffer.wrap(sent);
        for (int portion = 1; source.hasRemaining(); portion += 13) {
            ByteBuffer part = source.slice(source.position(), Math.min(portion, source.remaining()));
            source.position(source.position() + part.remaining());
            assertThat(writer.flush(part)).isTrue();
            BufferUtil.append(received, filled(Math.max(1, portion / 2)));
        }
        writer.close();
        while (received.remaining() < sent.length) {
            BufferUtil.append(received, filled(100));
        }

        assertThat(BufferUtil.toArray(received)).isEqualTo(sent);
        assertThat(reader.fill(BufferUtil.allocate(10)))
                .as("after the last byte")
                .isEqualTo(-1);
    }

    @Test
    void write_readerGone_fails() throws Exception {
        CompletableFuture<Boolean> pending = new CompletableFuture<>();
        writer.write(
                Callback.from(() -> pending.complete(true), pending::completeExceptionally),
                ByteBuffer.allocate(MemoryPipe.CAPACITY + 1));

        reader.close();

        assertThatThrownBy(() -> pending.get(10, TimeUnit.SECONDS))
                .as("the write that waited for room")
                .hasRootCauseInstanceOf(EofException.class);
        assertThatThrownBy(() -> writer.flush(ByteBuffer.allocate(1)))
                .as("the write after")
                .isInstanceOf(EofException.class);
    }

    @Test
    void whenOver_eitherEndCloses_runsOnceForBoth() throws Exception {
        AtomicInteger theirs = new AtomicInteger();
        AtomicInteger late = new AtomicInteger();
        CompletableFuture<Boolean> ours = new CompletableFuture<>();
        writer.whenOver(() -> ours.complete(true));
        reader.whenOver(theirs::incrementAndGet);

        reader.close();
        assertThat(ours.get(10, TimeUnit.SECONDS)).isTrue();
        writer.close();
        writer.whenOver(late::incrementAndGet);

        assertThat(theirs).as("runs at the end that closed").hasValue(1);
        assertThat(late).as("runs of what was set too late").hasValue(1);
    }

    /** Jetty's own bounded pipe (12.1.14) hung when tried so. */
    @Test
    void writesAndReads_atTheSameTime_loseNoWakeUp() throws Exception {
        int total = 400 * MemoryPipe.CAPACITY;
        // The writer is always ahead of the room, and the reader of the bytes.
        int portion = MemoryPipe.CAPACITY + 100;
        AtomicInteger sent = new AtomicInteger();
        new IteratingCallback() {
            @Override
            protected Action process() {
                int next = Math.min(portion, total - sent.get());
                if (next == 0) {
                    return Action.SUCCEEDED;
                }
                sent.addAndGet(next);
                writer.write(this, ByteBuffer.allocate(next));
                return Action.SCHEDULED;
            }
        }.iterate();

        assertThat(new Drain(reader, total).done.get(30, TimeUnit.SECONDS)).isEqualTo(total);
    }

    private ByteBuffer filled(int size) throws Exception {
        ByteBuffer buffer = BufferUtil.allocate(size);
        reader.fill(buffer);
        return buffer;
    }

    /** Reads whatever is there, and waits whenever nothing is. */
    private static final class Drain implements Callback {
        final CompletableFuture<Integer> done = new CompletableFuture<>();

        private final EndPoint end;
        private final int total;
        private final ByteBuffer buffer = BufferUtil.allocate(1_000);

        /** Guarded by the order of fill interests. */
        private int received;

        Drain(EndPoint end, int total) {
            this.end = end;
            this.total = total;
            end.fillInterested(this);
        }

        @Override
        public void succeeded() {
            try {
                int filled;
                do {
                    BufferUtil.clear(buffer);
                    filled = end.fill(buffer);
                    received += filled;
                } while (filled > 0 && received < total);
                if (received < total) {
                    end.fillInterested(this);
                } else {
                    done.complete(received);
                }
            } catch (Exception x) {
                done.completeExceptionally(x);
            }
        }

        @Override
        public void failed(Throwable x) {
            done.completeExceptionally(x);
        }
    }
}
