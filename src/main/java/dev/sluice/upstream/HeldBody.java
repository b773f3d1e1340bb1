package dev.sluice.upstream;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/**
 * A request's body, held once for all attempts to send it and let go as soon as none can need it any more. For any
 * thread.
 */
final class HeldBody {
    private final Runnable onLetGo;
    private final AtomicBoolean gone = new AtomicBoolean();

    /** Null once let go. */
    private volatile @Nullable Source source;

    /** Makes the bytes to send; asked once for each attempt, for each may go to another provider. */
    interface Source {
        List<ByteBuffer> slices(Target target);
    }

    /** @param onLetGo run once, when the body is held no longer */
    HeldBody(Source source, Runnable onLetGo) {
        this.source = source;
        this.onLetGo = onLetGo;
    }

    /** The body as this target is to get it. Not after {@link #letGo}. */
    Request.Content sentTo(Target target) {
        return new SentOnce(slicesFor(target));
    }

    /** The same as one array. */
    byte[] bytesFor(Target target) {
        List<ByteBuffer> slices = slicesFor(target);
        ByteBuffer joined = ByteBuffer.allocate(
                slices.stream().mapToInt(ByteBuffer::remaining).sum());
        slices.forEach(joined::put);
        return joined.array();
    }

    private List<ByteBuffer> slicesFor(Target target) {
        Source held = source;
        if (held == null) {
            throw new IllegalStateException("The body was let go");
        }
        return held.slices(target);
    }

    /** No further attempt will be made. What is being sent is sent to its end. Any number of times. */
    void letGo() {
        source = null;
        if (gone.compareAndSet(false, true)) {
            onLetGo.run();
        }
    }

    /**
     * The client keeps a request, its content, and what it last wrote of that as long as the answer takes. So this keeps
     * nothing behind once it was read, and ends in a piece without bytes. The pieces are small: for each thread that
     * writes, the JDK keeps a copy of the largest. Its methods are called by the client's threads, one at a time, but for
     * {@code fail}.
     */
    private static final class SentOnce implements Request.Content {
        private static final int PIECE = 64 * 1024;

        private final long length;
        private long left;
        private volatile @Nullable Iterator<ByteBuffer> rest;
        private ByteBuffer slice = ByteBuffer.allocate(0);

        SentOnce(List<ByteBuffer> slices) {
            this.length = slices.stream().mapToLong(ByteBuffer::remaining).sum();
            this.left = length;
            this.rest = slices.iterator();
        }

        @Override
        public String getContentType() {
            return "application/json";
        }

        @Override
        public long getLength() {
            return length;
        }

        @Override
        public Content.Chunk read() {
            Iterator<ByteBuffer> more = rest;
            if (more == null || left == 0) {
                letGo();
                return Content.Chunk.EOF;
            }
            int size = (int) Math.min(PIECE, left);
            left -= size;
            return Content.Chunk.from(piece(size, more), false);
        }

        /** Each piece is a write of its own: small slices go together. */
        private ByteBuffer piece(int size, Iterator<ByteBuffer> more) {
            ByteBuffer first = some(size, more);
            if (first.remaining() == size) {
                return first;
            }
            ByteBuffer joined = ByteBuffer.allocate(size).put(first);
            while (joined.hasRemaining()) {
                joined.put(some(joined.remaining(), more));
            }
            return joined.flip();
        }

        /** Up to {@code most} bytes of one slice. */
        private ByteBuffer some(int most, Iterator<ByteBuffer> more) {
            while (!slice.hasRemaining()) {
                slice = more.next().duplicate();
            }
            int size = Math.min(most, slice.remaining());
            ByteBuffer bytes = slice.slice(slice.position(), size);
            slice.position(slice.position() + size);
            return bytes;
        }

        @Override
        public void demand(Runnable onAvailable) {
            onAvailable.run(); // there is always something to read
        }

        @Override
        public void fail(Throwable failure) {
            letGo();
        }

        private void letGo() {
            rest = null;
            slice = ByteBuffer.allocate(0);
        }
    }
}
