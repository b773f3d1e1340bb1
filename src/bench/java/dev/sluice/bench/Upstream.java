package dev.sluice.bench;

import dev.sluice.it.ServerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** The process of a {@link TokenUpstream}. Any thread may call all methods. */
final class Upstream implements AutoCloseable {
    private static final long START_NANOS = 30_000_000_000L;
    private static final long PAUSE_NANOS = 20_000_000;

    private final ServerProcess process;
    private final URI root;

    private Upstream(ServerProcess process, URI root) {
        this.process = process;
        this.root = root;
    }

    /**
     * @param chunkTokens the number of tokens of one HTTP chunk of a stream at full speed
     * @param inBulk whether many chunks are written at once
     */
    static Upstream start(long chunkTokens, boolean inBulk) throws IOException {
        int port = ServerProcess.freePort();
        List<String> command = List.of(
                ServerProcess.java(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                TokenUpstream.class.getName(),
                Integer.toString(port),
                Long.toString(chunkTokens),
                Boolean.toString(inBulk));
        ServerProcess process =
                ServerProcess.start("Upstream", command, Map.of(), ServerProcess.newDirectory("upstream"));
        long deadline = System.nanoTime() + START_NANOS;
        while (!accepts(port)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new AssertionError("The upstream did not come up\n" + process.tail());
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return new Upstream(process, URI.create("http://127.0.0.1:" + port));
    }

    /** The base URL, with {@code /v1} as providers have it. */
    URI base() {
        return root.resolve("/v1");
    }

    ServerProcess process() {
        return process;
    }

    /**
     * Starts the schedule of all paced streams whose first token has been written.
     *
     * @return the time of that, by the machine's monotonic clock, which all processes share
     */
    long begin() throws IOException {
        return Long.parseLong(ask(Journal.BEGIN));
    }

    /** The delays of tokens since the last call. */
    Lateness lateness() throws IOException {
        return Lateness.parse(ask(Journal.LATENESS));
    }

    /** The bytes that the sockets of streams at full speed have accepted, by stream. */
    Map<Integer, Long> written() throws IOException {
        return numbers(ask(Journal.WRITTEN));
    }

    /** The times at which the upstream noticed that a stream's connection was closed before its end, by stream. */
    Map<Integer, Long> left() throws IOException {
        return numbers(ask(Journal.LEFT));
    }

    @Override
    public void close() {
        process.kill();
    }

    private String ask(String path) throws IOException {
        try (var body = root.resolve(path).toURL().openStream()) {
            return new String(body.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private static Map<Integer, Long> numbers(String lines) {
        Map<Integer, Long> all = new LinkedHashMap<>();
        lines.lines()
                .map(line -> line.split(" ", -1))
                .forEach(pair -> all.put(Integer.parseInt(pair[0]), Long.parseLong(pair[1])));
        return all;
    }

    private static boolean accepts(int port) {
        try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return probe.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }
}
