package dev.sluice.it;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A provider that sends exactly the bytes of the test: an HTTP/1.1 server on loopback sockets. A connection stays open after
 * a complete response. One thread reads each connection, so that a peer that leaves is detected at once. Another thread
 * runs the script of each exchange. Any thread may call all methods.
 */
public final class ScriptedUpstream implements AutoCloseable {
    /** Writes the response. Its exceptions are ignored, because writes fail when the peer leaves. */
    public interface Script {
        void answer(Exchange exchange) throws Exception;
    }

    /** Writes nothing: the test gets the exchange by {@link #next()} and writes the response itself. */
    public static final Script BY_HAND = exchange -> {};

    private final int port;
    private final int sendBuffer;
    private final BlockingQueue<Exchange> exchanges = new LinkedBlockingQueue<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private volatile Script script;
    private volatile ServerSocket server;
    private volatile Socket placeholder = new Socket(); // of a port that refuses

    private ScriptedUpstream(int sendBuffer, Script script) throws IOException {
        this.sendBuffer = sendBuffer;
        this.script = script;
        this.server = bind(0);
        this.port = server.getLocalPort();
    }

    public static ScriptedUpstream start() throws IOException {
        return start(0);
    }

    /**
     * With a limit for the send buffer of each connection, which many stalled streams would otherwise fill.
     *
     * @param sendBuffer in bytes; 0 for the platform's default
     */
    public static ScriptedUpstream start(int sendBuffer) throws IOException {
        ScriptedUpstream upstream = new ScriptedUpstream(sendBuffer, BY_HAND);
        upstream.listen();
        return upstream;
    }

    /** The base URL to configure. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + port + "/v1");
    }

    /** Sets the script of later requests, and forgets the exchanges that {@link #next} has not returned. */
    public void script(Script next) {
        exchanges.clear();
        script = next;
    }

    /** Waits for the next request that has not been returned yet. */
    public Exchange next() {
        return next(RawClient.PATIENCE);
    }

    public Exchange next(Duration longest) {
        try {
            Exchange exchange = exchanges.poll(longest.toMillis(), TimeUnit.MILLISECONDS);
            if (exchange == null) {
                throw new AssertionError("No request reached the upstream within " + longest);
            }
            return exchange;
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** The number of open connections, with idle ones. */
    public int openConnections() {
        return open.size();
    }

    /** Connections accepted since the start. */
    public int acceptedConnections() {
        return accepted.get();
    }

    /** Closes all connections, and refuses further ones. */
    public void refuse() throws IOException {
        close();
        // A bound socket that does not listen: connections are refused, and no other process can take the port.
        placeholder = takePort(() -> {
            Socket bound = new Socket();
            bound.setReuseAddress(true);
            bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return bound;
        });
        Eventually.until("no connection is open", RawClient.PATIENCE, open::isEmpty);
    }

    /** Accepts again after {@link #refuse()}, at the same port. */
    public void acceptAgain() throws IOException {
        placeholder.close();
        server = takePort(() -> bind(port));
        listen();
    }

    /** Retries, because the port may not be free at once after its close. */
    private static <T extends Closeable> T takePort(Callable<T> bind) {
        return Eventually.until(
                        "the port is free",
                        RawClient.PATIENCE,
                        () -> {
                            try {
                                return Optional.of(bind.call());
                            } catch (BindException taken) {
                                return Optional.<T>empty();
                            }
                        },
                        Optional::isPresent)
                .orElseThrow();
    }

    /** Closes all open connections, as a provider that restarts does. */
    public void dropConnections() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
        Eventually.until("no connection is open", RawClient.PATIENCE, open::isEmpty);
    }

    /** Closes every connection and no longer accepts any. */
    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }

    private void listen() {
        ServerSocket listening = server;
        thread("upstream-accept", () -> accept(listening));
    }

    private void accept(ServerSocket listening) {
        try {
            while (true) {
                Socket socket = listening.accept();
                socket.setTcpNoDelay(true);
                if (sendBuffer > 0) {
                    socket.setSendBufferSize(sendBuffer);
                }
                open.add(socket);
                accepted.incrementAndGet();
                thread("upstream-" + socket.getPort(), () -> serve(socket));
            }
        } catch (IOException stopped) {
            // Closed by the test.
        }
    }

    private void serve(Socket socket) {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        int requests = 0;
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            while (true) {
                HttpHead head = HttpHead.read(in);
                Exchange exchange = new Exchange(socket, ++requests, head, body(in, head), closed);
                exchanges.add(exchange);
                thread("script-" + socket.getPort(), () -> run(exchange));
                // The next request must wait for this response, but a closed connection must be detected at once.
                in.mark(1);
                if (in.read() < 0) {
                    return;
                }
                in.reset();
                exchange.ended().join();
            }
        } catch (IOException gone) {
            // The tests wait for what follows.
        } finally {
            open.remove(socket);
            closed.complete(null);
        }
    }

    private void run(Exchange exchange) {
        try {
            script.answer(exchange);
        } catch (IOException peerLeft) {
            // The test detects it by closed().
        } catch (Exception failure) {
            exchange.abort();
            throw new IllegalStateException("The script failed", failure);
        }
    }

    private static byte[] body(InputStream in, HttpHead head) throws IOException {
        if (head.isChunked()) {
            return chunked(in);
        }
        int length = head.first("Content-Length").map(Integer::parseInt).orElse(0);
        return exactly(in, length);
    }

    private static byte[] chunked(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        HttpBody framing = new HttpBody(new HttpHead("", Map.of("transfer-encoding", List.of("chunked"))), all::write);
        while (!framing.isEnded()) {
            framing.feed(exactly(in, 1), 0, 1);
        }
        return all.toByteArray();
    }

    private static byte[] exactly(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("The peer closed within the body");
        }
        return bytes;
    }

    private static ServerSocket bind(int port) throws IOException {
        return new ServerSocket(port, 2000, InetAddress.getLoopbackAddress());
    }

    private static void thread(String name, Runnable task) {
        // A small stack: there may be a thousand of them.
        Thread thread = new Thread(null, task, name, 256 * 1024);
        thread.setDaemon(true);
        thread.start();
    }
}
