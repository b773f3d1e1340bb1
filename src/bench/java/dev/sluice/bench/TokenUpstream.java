package dev.sluice.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;

/**
 * A provider that needs little CPU time: one thread copies prepared events with new numbers, at full speed or at the times
 * of the order. It runs in a process of its own, which ends with its parent process.
 */
final class TokenUpstream {
    private static final int BACKLOG = 2_000;
    /** The most bytes that one connection writes before the next one does. */
    private static final int TURN_BYTES = 64 * 1024;

    private static final long MANY_NANOS = 3_000_000;
    private static final long LONG_MILLIS = 1_000;

    private final Selector selector = Selector.open();
    private final ServerSocketChannel server = ServerSocketChannel.open();
    private final ByteBuffer turn = ByteBuffer.allocateDirect(TURN_BYTES);
    private final Answers answers;
    private final Pacer pacer = new Pacer();
    private final Journal journal = new Journal(selector, pacer);

    private TokenUpstream(int port, int tokensPerChunk, boolean inBulk) throws IOException {
        answers = new Answers(tokensPerChunk, inBulk);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
    }

    /**
     * Serves until the parent process ends.
     *
     * @param arguments the port, the number of tokens of one HTTP chunk, and whether many chunks are written at once
     */
    public static void main(String[] arguments) throws IOException {
        endWithParent();
        TokenUpstream upstream = new TokenUpstream(
                Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]), Boolean.parseBoolean(arguments[2]));
        while (true) {
            upstream.turn();
        }
    }

    private static void endWithParent() {
        ProcessHandle parent = ProcessHandle.current().parent().orElseThrow();
        Thread watch = new Thread(
                () -> {
                    parent.onExit().join();
                    Runtime.getRuntime().halt(0);
                },
                "parent-watch");
        watch.setDaemon(true);
        watch.start();
    }

    /** Waits for the next event, and handles it. */
    private void turn() throws IOException {
        long pause = pacer.nanosToNext();
        if (pause > MANY_NANOS) {
            selector.select(this::serve, Math.min(LONG_MILLIS, pause / 1_000_000 - 1));
        } else {
            // A selector's timeout is in whole milliseconds, after which many tokens would be due at once.
            LockSupport.parkNanos(pause);
            selector.selectNow(this::serve);
        }
        pacer.run();
    }

    private void serve(SelectionKey key) {
        if (key.attachment() instanceof UpstreamConnection connection) {
            try {
                connection.serve(turn);
            } catch (IOException peerLeft) {
                connection.close();
            }
            return;
        }
        try {
            SocketChannel channel = server.accept();
            if (channel != null) {
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                UpstreamConnection connection = new UpstreamConnection(channel, answers, pacer, journal);
                connection.register(channel.register(selector, SelectionKey.OP_READ, connection));
            }
        } catch (IOException failure) {
            System.err.println("Cannot accept: " + failure);
        }
    }
}
