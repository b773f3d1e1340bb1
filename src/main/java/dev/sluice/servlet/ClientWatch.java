package dev.sluice.servlet;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Detects that clients of HTTP/1.1 have left while nothing is written to them. Containers do not read from a connection
 * between the end of the request and the end of the answer, so they detect a closed connection only when a write fails, which
 * is the second write after the close. This class selects the sockets itself, beside the container: a socket that is readable
 * with no available bytes is at its end. Available bytes, such as a next request, are left to the container.
 *
 * <p>This is correct only while nobody else reads: if the container read the rest of a request between the two checks, the
 * socket would have been readable without available bytes. So a client may be watched only from the end of its request to the
 * end of its answer. A client has left when two passes in a row have found the end.
 *
 * <p>As in nginx, a client that has shut down its output counts as gone, although HTTP would allow it to read on.
 *
 * <p>One thread checks all clients a few times a second. A channel that the container closes is released at the next pass at
 * the latest. Any thread may call all methods.
 */
public final class ClientWatch {
    /** The pause between two passes. */
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final Predicate<SocketChannel> atEnd;
    private final long pauseNanos;
    private final long pauseToConfirmNanos; // before a pass that confirms the previous one
    private final Selector selector;
    private final Thread thread = new Thread(this::run, "sluice-clients");

    /** The clients that are not registered with the selector yet. */
    private final Queue<Watched> fresh = new ConcurrentLinkedQueue<>();

    /** The number of passes. Confined to the thread of this class. */
    private long look;

    /** Whether this pass has found an end for the first time. Confined to the thread of this class. */
    private boolean toConfirm;

    /** Whether the thread waits for a client; set by it, cleared by the thread that wakes it. */
    private volatile boolean idle;

    /** Set once. */
    private volatile boolean stopped;

    /** @throws UncheckedIOException if the system cannot open a selector */
    public ClientWatch() {
        this(ClientWatch::isAtEnd, PAUSE);
    }

    /**
     * @param atEnd whether a readable channel is at its end; called by the thread of this class
     * @param pause between two passes; a tenth of it before a pass that confirms the previous one
     */
    ClientWatch(Predicate<SocketChannel> atEnd, Duration pause) {
        this.atEnd = atEnd;
        this.pauseNanos = pause.toNanos();
        this.pauseToConfirmNanos = pauseNanos / 10;
        try {
            selector = Selector.open();
        } catch (IOException exhausted) {
            throw new UncheckedIOException(exhausted);
        }
        thread.setDaemon(true);
    }

    /** Starts the thread. Called once, before any other method. */
    public void start() {
        thread.start();
    }

    /** Ends the thread, and releases all channels. */
    public void stop() throws IOException, InterruptedException {
        stopped = true;
        LockSupport.unpark(thread);
        thread.join(TimeUnit.SECONDS.toMillis(5));
        selector.close();
    }

    /**
     * Watches one client, whose request has ended, until {@link Watched#stop()}. A channel without a socket, such as that of a
     * Unix-domain socket, is not watched.
     *
     * @param channel the non-blocking channel of the container, which also closes it
     * @param left called at most once, by the thread of this class; must not block
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

    // ---- The thread of this class.

    private void run() {
        while (!stopped) {
            try {
                look();
            } catch (IOException | RuntimeException | OutOfMemoryError fault) {
                // Affects this pass only. Without any pass, clients that leave are detected when a write fails.
            }
            pause();
        }
    }

    private void look() throws IOException {
        look++;
        toConfirm = false;
        selector.selectNow(key -> requireNonNull((Watched) key.attachment()).readable());
        int waiting = fresh.size();
        for (int i = 0; i < waiting; i++) { // later ones are registered in the next pass
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
                LockSupport.park(this); // may return spuriously, which costs one pass
            }
            idle = false;
        }
        if (!stopped) {
            LockSupport.parkNanos(this, toConfirm ? pauseToConfirmNanos : pauseNanos);
        }
    }

    /** One client, until its answer ends. */
    final class Watched {
        private volatile @Nullable SocketChannel channel; // null once it is over
        private volatile @Nullable Runnable left;

        /** Set by the thread of this class. */
        private volatile @Nullable SelectionKey key;

        /** The number of the pass that has found an end; 0 if none has. Confined to the thread of this class. */
        private long endSeen;

        private Watched(SocketChannel channel, Runnable left) {
            this.channel = channel;
            this.left = left;
        }

        /** Ends the watch, because the answer has ended. May be called repeatedly. */
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
                fresh.add(this); // the next pass cancels that key first
                return;
            } catch (ClosedChannelException | RuntimeException gone) {
                // The container has closed the channel itself.
            }
            if (channel == null) {
                stop(); // stop() was called in the meantime, before the key was set
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
                    stop(); // a next request is available, so that an end cannot be detected
                } else if (endSeen == 0 || endSeen != look - 1) {
                    endSeen = look;
                    toConfirm = true;
                } else {
                    stop();
                    toTell.run();
                }
            } catch (RuntimeException fault) {
                stop(); // for this client only
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
