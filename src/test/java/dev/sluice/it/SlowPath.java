package dev.sluice.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * A network between a client and a server on this machine: it can be slow, and lose its connections. What was sent before a
 * connection is lost may still reach the server. Any thread may call all methods.
 */
public final class SlowPath implements AutoCloseable {
    private final int target;
    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile long delayNanos;
    private volatile boolean refusing;

    private SlowPath(int target, ServerSocket listener) {
        this.target = target;
        this.listener = listener;
    }

    /**
     * A path to a server.
     *
     * @param target the server's port
     */
    public static SlowPath to(int target) throws IOException {
        SlowPath path = new SlowPath(target, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        thread(path::accept);
        return path;
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** From now on, all bytes take so long from the server to the client. */
    public void delay(Duration delay) {
        delayNanos = delay.toNanos();
    }

    /** Closes all connections towards the client. The server still gets what was sent. */
    public void loseConnections() {
        open.forEach(SlowPath::close);
    }

    /** Closes all connections, and makes no new ones until {@link #mend}. */
    public void cut() {
        refusing = true;
        loseConnections();
    }

    public void mend() {
        refusing = false;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        loseConnections();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                open.add(client);
                if (refusing) {
                    close(client);
                    open.remove(client);
                    continue;
                }
                client.setTcpNoDelay(true);
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                server.setTcpNoDelay(true);
                thread(() -> forward(client, server));
                LinkedBlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
                thread(() -> read(server, pieces));
                thread(() -> write(pieces, client));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void forward(Socket client, Socket server) {
        byte[] bytes = new byte[65536];
        try (server) {
            InputStream in = client.getInputStream();
            OutputStream out = server.getOutputStream();
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                out.write(bytes, 0, count);
            }
        } catch (IOException over) {
            // The other side is closed too.
        }
        close(client);
        open.remove(client);
    }

    private void read(Socket server, LinkedBlockingQueue<Piece> pieces) {
        byte[] bytes = new byte[65536];
        try {
            InputStream in = server.getInputStream();
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                pieces.add(new Piece(Arrays.copyOf(bytes, count), System.nanoTime() + delayNanos));
            }
        } catch (IOException over) {
            // As its end.
        }
        pieces.add(new Piece(new byte[0], System.nanoTime() + delayNanos));
    }

    private void write(LinkedBlockingQueue<Piece> pieces, Socket client) {
        try {
            OutputStream out = client.getOutputStream();
            for (Piece piece = pieces.take(); piece.bytes.length > 0; piece = pieces.take()) {
                for (long left = piece.due - System.nanoTime(); left > 0; left = piece.due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                out.write(piece.bytes);
            }
        } catch (IOException over) {
            // As its end.
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
        close(client);
        open.remove(client);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void thread(Runnable task) {
        Thread thread = new Thread(task, "slow-path");
        thread.setDaemon(true);
        thread.start();
    }

    /** Some bytes, and when they arrive; no bytes for the end. */
    private static final class Piece {
        private final byte[] bytes;
        private final long due;

        Piece(byte[] bytes, long due) {
            this.bytes = bytes;
            this.due = due;
        }
    }
}
