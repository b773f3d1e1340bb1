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

/**
 * A provider that costs next to nothing: one thread that copies prepared events with new numbers in them, as fast as
 * the peers take them. A process of its own, which ends with the one that started it.
 */
final class TokenUpstream {
    private static final int BACKLOG = 2_000;
    /** What one connection may write before it is the next one's turn. */
    private static final int TURN_BYTES = 64 * 1024;

    private final Selector selector = Selector.open();
    private final ServerSocketChannel server = ServerSocketChannel.open();
    private final ByteBuffer turn = ByteBuffer.allocateDirect(TURN_BYTES);
    private final Answers answers;

    private TokenUpstream(int port, int tokensPerChunk) throws IOException {
        answers = new Answers(tokensPerChunk);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
    }

    /**
     * Serves until the parent process ends.
     *
     * @param arguments the port, and how many tokens one HTTP chunk brings
     */
    public static void main(String[] arguments) throws IOException {
        endWithParent();
        TokenUpstream upstream = new TokenUpstream(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]));
        while (true) {
            upstream.selector.select(upstream::serve);
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

    private void serve(SelectionKey key) {
        if (key.attachment() instanceof UpstreamConnection connection) {
            try {
                connection.serve(key, turn);
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
                channel.register(selector, SelectionKey.OP_READ, new UpstreamConnection(channel, answers));
            }
        } catch (IOException failure) {
            System.err.println("Cannot accept: " + failure);
        }
    }
}
