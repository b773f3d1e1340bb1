package dev.sluice.bench;

import dev.sluice.it.ServerProcess;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** Starts the processes, runs a scenario, prints one table and keeps it in a file. {@code mvn -Pbench} runs it. */
final class Bench {
    private static final long START_NANOS = 30_000_000_000L;
    private static final long PAUSE_NANOS = 20_000_000;

    private Bench() {}

    /** Its options are system properties, see {@link Options}. Exits with 1 if any token or stream was not as it should. */
    public static void main(String[] arguments) {
        System.setOut(new PrintStream(System.out, true, StandardCharsets.UTF_8));
        int status;
        try {
            status = run(Options.read(System.getProperties())) ? 0 : 1;
        } catch (IllegalArgumentException wrongOption) {
            System.err.println(wrongOption.getMessage());
            status = 2;
        } catch (IOException | UncheckedIOException | AssertionError failure) {
            failure.printStackTrace();
            System.err.println(ServerProcess.tails());
            status = 1;
        }
        System.exit(status);
    }

    /** @return whether every stream was whole */
    private static boolean run(Options options) throws IOException {
        String loadBefore = Machine.loadAverage();
        int port = ServerProcess.freePort();
        ServerProcess upstream = startUpstream(options, port);
        URI url = URI.create("http://127.0.0.1:" + port + "/v1");
        try (Peer peer = options.container().equals("none") ? Peer.none(url) : Peer.sluice(options, url)) {
            Table table = new Table().row("gateway", peer.title() + ", commit " + Machine.commit());
            if (peer.jmx().isPresent()) {
                table.row("gateway's JVM", Machine.jvm() + ", -Xmx" + options.heap());
            }
            Tally tally = new Flood(options, peer, upstream).run(table);
            table.row("machine", Machine.description())
                    .row("machine's load average before the start", loadBefore)
                    .row("command", "`" + options.command() + "`");
            Path file = Files.writeString(Path.of(ServerProcess.property("test.work"), "results.md"), table.toString());
            System.out.println("\n" + table + "\n" + file);
            tally.faults().forEach(System.out::println);
            return tally.brokenStreams() == 0;
        } finally {
            upstream.kill();
        }
    }

    private static ServerProcess startUpstream(Options options, int port) throws IOException {
        List<String> command = List.of(
                ServerProcess.java(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                TokenUpstream.class.getName(),
                Integer.toString(port),
                Integer.toString(options.chunkTokens()));
        ServerProcess upstream =
                ServerProcess.start("Upstream", command, Map.of(), ServerProcess.newDirectory("upstream"));
        long deadline = System.nanoTime() + START_NANOS;
        while (!accepts(port)) {
            if (!upstream.isAlive() || System.nanoTime() > deadline) {
                throw new AssertionError("The upstream did not come up\n" + upstream.tail());
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return upstream;
    }

    private static boolean accepts(int port) {
        try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return probe.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }
}
