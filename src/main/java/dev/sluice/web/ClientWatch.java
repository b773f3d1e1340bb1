package dev.sluice.web;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Notices that clients of HTTP/1.1 have left while nothing is written to them. Containers do not read from a connection
 * whose request they are answering, so they learn of its end only when a write fails, the second since then. This looks
 * at the sockets themselves, beside the container: one that is readable with nothing to read has come to its end. What
 * there is to read stays there for the container.
 *
 * <p>As for nginx, a client that has shut down its own side has left, although HTTP would let it read on.
 *
 * <p>One thread looks at all of them a few times in a second, and at none that has ended by then. It holds a channel back
 * from being closed for no longer. All methods may be called by any thread.
 */
public final class ClientWatch {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final Selector selector;
    private final Thread thread = new Thread(this::run, "sluice-clients");

    /** Those that are not registered yet. */
    private final Queue<Watched> fresh = new ConcurrentLinkedQueue<>();

    /** Whether the thread waits for somebody to watch; set by it, cleared by whoever wakes it. */
    private volatile boolean idle;

    /** Set once. */
    private volatile boolean stopped;

    /** @throws UncheckedIOException if the system has no selector for us */
    public ClientWatch() {
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
     * Watches one client until {@link Watched#stop()}.
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
            } catch (IOException | RuntimeException fault) {
                // Of one look: without any, clients are noticed when a write fails.
            }
            pause();
        }
    }

    private void look() throws IOException {
        selector.selectNow(key -> requireNonNull((Watched) key.attachment()).readable());
        for (Watched next = fresh.poll(); next != null; next = fresh.poll()) {
            next.register();
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
            LockSupport.parkNanos(this, PAUSE_NANOS);
        }
    }

    /** One client, while its answer lasts. */
    final class Watched {
        private volatile @Nullable SocketChannel channel; // null once it is over
        private volatile @Nullable Runnable left;

        /** Set by our thread. */
        private volatile @Nullable SelectionKey key;

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
            boolean atEnd = mine != null && isAtEnd(mine);
            stop(); // a next request may wait there: then there is nothing more to see
            if (atEnd && toTell != null) {
                toTell.run();
            }
        }
    }

    /** Of a channel that is readable. */
    private static boolean isAtEnd(SocketChannel channel) {
        try {
            return channel.socket().getInputStream().available() == 0;
        } catch (IOException broken) {
            return true;
        }
    }
}
