package dev.sluice.upstream;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/**
 * A request body, kept in memory for all attempts to send it, and released as soon as no attempt can need it. Any thread
 * may call all methods.
 */
final class HeldBody {
    private final Runnable onRelease;
    private final AtomicBoolean released = new AtomicBoolean();

    /** Null once released. Set by any thread. */
    private volatile @Nullable Source source;

    /** Makes the bytes to send. Called once for each attempt, because each may go to another provider. */
    interface Source {
        List<ByteBuffer> slices(Target target);
    }

    /** @param onRelease run once, when the body has been released */
    HeldBody(Source source, Runnable onRelease) {
        this.source = source;
        this.onRelease = onRelease;
    }

    /** The body for this target, as content of a request of Jetty's client. Not after {@link #letGo}. */
    Request.Content sentTo(Target target) {
        return new SentOnce(slicesFor(target));
    }

    /** The body for this target, as one array. Not after {@link #letGo}. */
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
            throw new IllegalStateException("The body has been released");
        }
        return held.slices(target);
    }

    /** Releases the body, because no further attempt will be made. An attempt that is being sent is not affected. */
    void letGo() {
        source = null;
        if (released.compareAndSet(false, true)) {
            onRelease.run();
        }
    }

    /**
     * The content of one request. Jetty's client keeps a request, its content and the last chunk of that until the response
     * has ended. So this releases the bytes once they are read, and its last chunk is empty. The chunks are small, because
     * the JDK keeps a direct buffer of the largest one for each thread that writes. The client's threads call its methods,
     * one at a time; any thread may call {@code fail}.
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
                release();
                return Content.Chunk.EOF;
            }
            int size = (int) Math.min(PIECE, left);
            left -= size;
            return Content.Chunk.from(piece(size, more), false);
        }

        /** The next bytes in one buffer, because each chunk is one write. Small slices are joined. */
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
            onAvailable.run(); // all bytes are there
        }

        @Override
        public void fail(Throwable failure) {
            release();
        }

        private void release() {
            rest = null;
            slice = ByteBuffer.allocate(0);
        }
    }
}
