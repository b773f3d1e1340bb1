package dev.sluice.servlet;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Notices that clients of HTTP/1.1 have left while nothing is written to them. Containers do not read from a connection
 * whose request is whole until its answer is, so they learn of its end only when a write fails, the second since then.
 * This looks at the sockets themselves, beside the container: one that is readable with nothing to read has come to its
 * end. What there is to read, such as a next request, stays there for the container.
 *
 * <p>That holds only while nobody else reads: a container that reads the rest of a request between our two questions
 * leaves a socket that was readable with nothing to read. So watch a client only from the moment at which its request is
 * whole until its answer ends. And an end stays an end: a client has left once two looks in a row have seen it.
 *
 * <p>As for nginx, a client that has shut down its own side has left, although HTTP would let it read on.
 *
 * <p>One thread looks at all of them a few times in a second, and at none that has ended by then. It holds a channel back
 * from being closed for no longer. All methods may be called by any thread.
 */
public final class ClientWatch {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** Before a look that is to confirm what the last one has seen. */
    private static final long PAUSE_TO_CONFIRM_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Predicate<SocketChannel> atEnd;
    private final Selector selector;
    private final Thread thread = new Thread(this::run, "sluice-clients");

    /** Those that are not registered yet. */
    private final Queue<Watched> fresh = new ConcurrentLinkedQueue<>();

    /** Counts the looks. Confined to our thread. */
    private long look;

    /** Whether this look has seen an end for the first time. Confined to our thread. */
    private boolean toConfirm;

    /** Whether the thread waits for somebody to watch; set by it, cleared by whoever wakes it. */
    private volatile boolean idle;

    /** Set once. */
    private volatile boolean stopped;

    /** @throws UncheckedIOException if the system has no selector for us */
    public ClientWatch() {
        this(ClientWatch::isAtEnd);
    }

    /** @param atEnd whether a channel that is readable has come to its end; asked by our thread */
    ClientWatch(Predicate<SocketChannel> atEnd) {
        this.atEnd = atEnd;
        try {
            selector = Selector.open();
        } catch (IOException exhausted) {
            throw new UncheckedIOException(exhausted);
        }
        thread.setDaemon(true);
    }

    /** Call once, before anything else. */
    public void start() {
        thread.start();
    }

    /** Leaves no thread behind, and no channel held back. */
    public void stop() throws IOException, InterruptedException {
        stopped = true;
        LockSupport.unpark(thread);
        thread.join(TimeUnit.SECONDS.toMillis(5));
        selector.close();
    }

    /**
     * Watches one client, whose request is whole, until {@link Watched#stop()}. A channel that cannot be asked, such as a
     * Unix-domain socket's, is not watched.
     *
     * @param channel non-blocking, as containers have them; stays theirs
     * @param left called at most once, by our thread: must not block
     */
    Watched watch(SocketChannel channel, Runnable left) {
        Watched watched = new Watched(channel, left);
        fresh.add(watched);
        if (idle) {
            idle = false;
            LockSupport.unpark(thread);
        }
        return watched;
    }

    // ---- Our thread.

    private void run() {
        while (!stopped) {
            try {
                look();
            } catch (IOException | RuntimeException | OutOfMemoryError fault) {
                // Of one look: without any, clients are noticed when a write fails.
            }
            pause();
        }
    }

    private void look() throws IOException {
        look++;
        toConfirm = false;
        selector.selectNow(key -> requireNonNull((Watched) key.attachment()).readable());
        int waiting = fresh.size();
        for (int i = 0; i < waiting; i++) { // those that come meanwhile have time until the next look
            Watched next = fresh.poll();
            if (next != null) {
                next.register();
            }
        }
    }

    private void pause() {
        if (selector.keys().isEmpty()) {
            idle = true;
            if (fresh.isEmpty() && !stopped) {
                LockSupport.park(this); // may return for no reason: it looks, and comes back
            }
            idle = false;
        }
        if (!stopped) {
            LockSupport.parkNanos(this, toConfirm ? PAUSE_TO_CONFIRM_NANOS : PAUSE_NANOS);
        }
    }

    /** One client, while its answer lasts. */
    final class Watched {
        private volatile @Nullable SocketChannel channel; // null once it is over
        private volatile @Nullable Runnable left;

        /** Set by our thread. */
        private volatile @Nullable SelectionKey key;

        /** The look that has seen an end; 0 if none has. Confined to our thread. */
        private long endSeen;

        private Watched(SocketChannel channel, Runnable left) {
            this.channel = channel;
            this.left = left;
        }

        /** The answer has ended. Any number of times. */
        void stop() {
            channel = null;
            left = null;
            SelectionKey registered = key;
            if (registered != null) {
                registered.cancel();
            }
        }

        private void register() {
            SocketChannel mine = channel;
            if (mine == null || mine.isBlocking()) {
                return;
            }
            try {
                key = mine.register(selector, SelectionKey.OP_READ, this);
            } catch (CancelledKeyException ofTheRequestBefore) {
                fresh.add(this); // the next look forgets that key first
                return;
            } catch (ClosedChannelException | RuntimeException gone) {
                // The container has closed it, and knows why.
            }
            if (channel == null) {
                stop(); // meanwhile, without having seen the key
            }
        }

        private void readable() {
            SocketChannel mine = channel;
            Runnable toTell = left;
            if (mine == null || toTell == null) {
                return;
            }
            try {
                if (!atEnd.test(mine)) {
                    stop(); // a next request waits there: then there is nothing more to see
                } else if (endSeen == 0 || endSeen != look - 1) {
                    endSeen = look;
                    toConfirm = true;
                } else {
                    stop();
                    toTell.run();
                }
            } catch (RuntimeException fault) {
                stop(); // of this one: the others are watched on
            }
        }
    }

    /** Of a channel that is readable. */
    static boolean isAtEnd(SocketChannel channel) {
        try {
            return channel.socket().getInputStream().available() == 0;
        } catch (IOException broken) {
            return true;
        }
    }
}
