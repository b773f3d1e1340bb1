package dev.sluice.upstream;

import dev.sluice.relay.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/**
 * The content of an answer, read on demand by the stream's thread. When the stream needs no more of it, the few bytes
 * that may follow are drained, so that the connection can be reused.
 *
 * <p>A {@link Content.Source} has one reader at a time. From a demand to its callback, that is the HTTP client. During
 * a drain, it is the thread that drains. {@code busy} is true in both cases.
 */
final class AnswerContent {
    /** A drain that takes more bytes or more time than this costs more than a new connection. */
    private static final int DRAIN_BYTES = 16 * 1024;

    private static final long DRAIN_NANOS = Duration.ofSeconds(1).toNanos();

    /** After a wait of this length, a chunk usually comes alone, as a slow model's tokens do. */
    private static final long TRICKLE_NANOS = Duration.ofMillis(1).toNanos();

    private final Content.Source source;
    private final Clock clock;
    private final Runnable wake;
    private final HttpExchange exchange;
    private final Runnable onAvailable = Invocable.from(Invocable.InvocationType.NON_BLOCKING, this::available);
    private final Deadline drainDeadline = new Deadline();

    /** Set by the stream's thread, never cleared. */
    private volatile boolean finishing;

    /** Whether a demand is outstanding, or a drain has begun. The thread that sets it may read. */
    private final AtomicBoolean busy = new AtomicBoolean();

    private int drained; // bytes; guarded by `busy`

    // Guarded by the stream's thread.
    private long demandedAt; // 0 after something was received
    private boolean alone; // the latest chunk came alone: no other one is expected right after it

    /** @param exchange the exchange of this answer; called at the end of a drain */
    AnswerContent(Content.Source source, Clock clock, Runnable wake, HttpExchange exchange) {
        this.source = source;
        this.clock = clock;
        this.wake = wake;
        this.exchange = exchange;
    }

    // ---- The stream's thread.

    /**
     * The next chunk, if it has been received. A read that finds nothing costs a system call, and a demand does that
     * read anyway. So after a token that came alone, this method does not read.
     *
     * @param toTheEnd whether everything that was received is wanted, because no demand will follow
     */
    Content.@Nullable Chunk next(boolean toTheEnd) {
        boolean enough = alone && !toTheEnd;
        alone = false;
        if (enough || busy.get()) {
            return null;
        }
        Content.Chunk chunk = source.read();
        if (chunk != null && demandedAt != 0) {
            alone = clock.nanoTime() - demandedAt > TRICKLE_NANOS;
            demandedAt = 0;
        }
        return chunk;
    }

    void demand() {
        if (busy.compareAndSet(false, true)) {
            demandedAt = clock.nanoTime() | 1;
            source.demand(onAvailable);
        }
    }

    /** The rest of the content is not needed. The last call, once. */
    void finish() {
        finishing = true;
        if (busy.compareAndSet(false, true)) {
            drain();
        }
        drainDeadline.set(clock, exchange::abort, DRAIN_NANOS); // usually the end has been received already
    }

    // ---- The client's threads, or the thread that has demanded.

    private void available() {
        busy.set(false);
        if (!finishing) {
            wake.run();
        } else if (busy.compareAndSet(false, true)) { // otherwise finish() drains
            drain();
        }
    }

    private void drain() {
        while (true) {
            Content.Chunk chunk = source.read();
            if (chunk == null) {
                source.demand(onAvailable);
                return;
            }
            drained += chunk.remaining();
            boolean last = chunk.isLast();
            chunk.release();
            if (last) {
                break;
            }
            if (drained > DRAIN_BYTES) {
                exchange.abort();
                break;
            }
        }
        exchange.drained();
        drainDeadline.meet();
    }
}
