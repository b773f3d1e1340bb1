package dev.sluice.upstream;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.client.ByteBufferRequestContent;
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
        Source held = source;
        if (held == null) {
            throw new IllegalStateException("The body was let go");
        }
        return new SentOnce(held.slices(target));
    }

    /** No further attempt will be made. What is being sent is sent to its end. Any number of times. */
    void letGo() {
        source = null;
        if (gone.compareAndSet(false, true)) {
            onLetGo.run();
        }
    }

    /**
     * The client keeps a request, and its content with it, as long as the answer takes; this keeps nothing behind once
     * it was read to its end. Its methods are called by the client's threads, one at a time, but for {@code fail}.
     */
    private static final class SentOnce implements Request.Content {
        private final long length;
        private volatile Content.@Nullable Source rest;

        SentOnce(List<ByteBuffer> slices) {
            ByteBufferRequestContent all =
                    new ByteBufferRequestContent("application/json", slices.toArray(ByteBuffer[]::new));
            this.length = all.getLength();
            this.rest = all;
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
            Content.Source from = rest;
            if (from == null) {
                return Content.Chunk.EOF;
            }
            Content.Chunk chunk = from.read();
            if (chunk != null && chunk.isLast() && !Content.Chunk.isFailure(chunk)) {
                rest = null;
            }
            return chunk;
        }

        @Override
        public void demand(Runnable onAvailable) {
            Content.Source from = rest;
            if (from == null) {
                onAvailable.run();
            } else {
                from.demand(onAvailable);
            }
        }

        @Override
        public void fail(Throwable failure) {
            Content.Source from = rest;
            rest = null;
            if (from != null) {
                from.fail(failure);
            }
        }
    }
}
